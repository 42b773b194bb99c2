public import ConomyAPI
import GRDB

extension JournalReader {
    /// Since when a schedule is in force, and as what; nil when nobody has asked yet what is due of it.
    public func inForce(schedule: String) throws(JournalError) -> (definition: String, since: Timestamp)? {
        try read { db in
            // An older program's journal knows of none.
            guard try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 3 else { return nil }
            return try Row.fetchOne(db, sql: "SELECT definition, since FROM schedules WHERE name = ?", arguments: [schedule])
                .map { ($0[0], Timestamp(millisecondsSince1970: $0[1])) }
        }
    }

    /// The slots of a schedule that anything is known of, by name; so in the order of their times.
    /// - Parameter since: only slots of this name and later ones.
    public func slots(of schedule: String, since first: String = "") throws(JournalError) -> [SlotRecord] {
        try read { db in
            let bounds: StatementArguments = [max(first, schedule + "@"), schedule + "A"]
            var found: [String: SlotRecord] = [:]
            if try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 3 {
                let sql = "SELECT name, state, exit_code, at FROM slots WHERE schedule = ? AND name >= ?"
                for row in try Row.fetchAll(db, sql: sql, arguments: [schedule, max(first, schedule + "@")]) {
                    guard let note = SlotNote(rawValue: row[1]) else { continue }
                    found[row[0]] = SlotRecord(name: row[0], note, exitCode: row[2], at: row[3])
                }
            }
            // `A` is the character behind the at sign. What was done last for a slot counts.
            let sql = "SELECT name, max(job) FROM job_events WHERE kind = 'slot' AND name >= ? AND name < ? GROUP BY name"
            for row in try Row.fetchAll(db, sql: sql, arguments: bounds) {
                if let record = try SlotRecord(name: row[0], job: row[1], db) { found[record.name] = record }
            }
            return found.values.sorted { $0.name < $1.name }
        }
    }
}

extension SlotRecord {
    fileprivate init(name: String, _ note: SlotNote, exitCode: Int?, at: Int64) {
        let state: State =
            switch note {
            case .queued: .queued
            case .skipped: .skipped
            case .notBegun: .notBegun
            // Seen only where the job that it was noted of is gone with its journal.
            case .replaced: .stopped
            }
        self.init(
            name: name, state: state, run: nil, runs: 0, exitCode: exitCode, at: Timestamp(millisecondsSince1970: at))
    }

    /// Nil where its job has no run yet.
    fileprivate init?(name: String, job: Int64, _ db: Database) throws {
        let row = try Row.fetchOne(db, sql: "SELECT max(id), count(*) FROM runs WHERE job = ?", arguments: [job])
        guard let row, let id = row[0] as Int64?, let run = try RunRecord.find(id, db), let last = try JobRecord.find(job, db)
        else { return nil }
        var state: State =
            switch run.state {
            case "running": .running
            case "done": .done
            case "stopped": .stopped
            case "killed": .cutOff
            default: .failed
            }
        // A holder that nobody here can see, as after a restart of its host, is known by its silence to be gone.
        if state == .running, let lease = try Lease.find(job, db), !lease.mayLive(.system) { state = .cutOff }
        // A run that found the job done says nothing new.
        if state == .cutOff, try FinishedJob.find(last, db) != nil { state = .done }
        self.init(
            name: name, state: state, run: run, runs: row[1], exitCode: run.exitCode, at: run.endedAt ?? run.startedAt)
    }
}
