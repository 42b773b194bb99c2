public import ConomyAPI
import Crypto
import ExactJSON
import Foundation
import GRDB
import Synchronization

/// What a run wants to begin.
public struct Beginning: Sendable {
    public var identity: JobIdentity
    /// The script's path, for people.
    public var script: String
    /// The program's version and its command line without secrets, for people.
    public var version: String
    public var command: String
    /// For a new job; an old one keeps its own.
    public var seed: UInt64
    /// Begin a new job although there is one of this identity.
    public var again = false
    /// Take up a finished job again.
    public var reopen = false
    /// Only what an earlier run began is gone on with: there is no new job.
    public var goesOn = false
    /// Effects that other jobs already did to the same object may be done once more.
    public var allowRepeat = false
    /// The script changes nothing: it runs each time, and beside other runners.
    public var isReadOnly = false
    /// The seal of the plan that is applied: the job is that plan's, and is done once.
    public var plan: String?
    /// A clock fired it, and maybe several: an occasion whose last run has ended, in whatever way, is left alone.
    public var isFired = false
    public var holder = Holder.current

    /// Runs of it may stand beside each other.
    var isShared: Bool { isReadOnly && identity.occasion == nil }
    /// Also without an effect it is done when it is done.
    var isDoneOnce: Bool { plan != nil || identity.occasion != nil }

    public init(identity: JobIdentity, script: String, version: String, command: String, seed: UInt64) {
        self.identity = identity
        self.script = script
        self.version = version
        self.command = command
        self.seed = seed
    }
}

/// What came of wanting to begin.
public enum Begun: Sendable {
    /// The job is held: it is new, or goes on.
    case held(JobJournal)
    /// The job was done already; nothing was changed.
    case finished(FinishedJob)
}

/// A job that was done.
public struct FinishedJob: Sendable {
    public let job: JobRecord
    /// The run that finished it.
    public let run: String
    public let at: Timestamp
    public let settled: Int
    /// What its script and its input were, by name.
    public let sources: [String: String]
}

extension Journal {
    /// Takes hold of a job, or finds that it is done.
    ///
    /// - Parameter patience: how long to wait for a living holder to be done; zero for not at all. A holder whose life cannot be seen from
    ///   here is watched for a term in any case.
    /// - Parameter waits: told once, before it waits: for whom.
    /// - Parameter pause: lets time pass between two looks.
    /// - Throws: `JournalError`: `lease` when another runner holds the job, `damaged` when what the job did is not as it was written,
    ///   `conflict` when `again` would leave effects in doubt behind. Nothing was begun.
    public func begin(
        _ beginning: Beginning, patience: Duration = .zero, waits: @Sendable (Holder) -> Void = { _ in },
        pause: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) async throws(JournalError) -> Begun {
        let started = clock.uptime()
        var watched: (lease: Lease, since: Duration)?
        var told = false
        while true {
            let ripe = watched.flatMap { clock.uptime() - $0.since > Lease.term ? $0.lease : nil }
            let askedAt = clock.uptime()
            let look = try await group.commit { [self] db, heads in try take(beginning, taking: ripe, db, &heads) }
            switch look {
            case .finished(let finished): return .finished(finished)
            case .taken(let taken): return .held(try await load(taken, at: askedAt, beginning))
            case .held(let lease, let holder, let isVisible, let what):
                if watched?.lease != lease { watched = (lease, clock.uptime()) }
                let waited = clock.uptime() - started
                let isWorthWatching = !isVisible && waited <= Lease.term + Lease.renewalInterval * 2
                guard waited < patience || isWorthWatching, !Task.isCancelled else {
                    throw JournalError(
                        .lease,
                        "\(holder.description) holds \(what): its run gave the last sign of life at \(lease.renewedAt)",
                        hint: "wait for it with --wait, or look at it with bursar runs; nothing was sent")
                }
                if !told { waits(holder) }
                told = true
                await pause(.milliseconds(500))
            }
        }
    }

    private enum Look: Sendable {
        case taken(Taken)
        case finished(FinishedJob)
        case held(Lease, Holder, isVisible: Bool, what: String)
    }

    private struct Taken: Sendable {
        let job: JobRecord
        let run: RunRecord
        /// Nil for a run that holds nothing.
        let fence: Int64?
        let isNew: Bool
        /// Where the chains ended when it was taken.
        let heads: Heads
    }

    private func take(_ beginning: Beginning, taking watched: Lease?, _ db: Database, _ heads: inout Heads) throws -> Look {
        let last = try JobRecord.last(beginning.identity, db)
        if last == nil, !beginning.again { try refuseElsewhere(beginning.identity, db) }
        if last == nil, beginning.goesOn { throw JournalError.noEarlierRun }
        if let last, !beginning.again {
            // Also where it is done: what somebody else did for an occasion of the same name is not what is to be done now.
            if let occasion = beginning.identity.occasion { try refuseOtherJob(last, beginning.identity, occasion) }
            // A job that changed nothing is run each time.
            if !beginning.reopen, let finished = try FinishedJob.find(last, db), finished.settled > 0 || beginning.isDoneOnce {
                return .finished(finished)
            }
        }
        // One job of an identity at a time: the last one's hold counts for the next one, too.
        if let last, !beginning.isShared, let lease = try Lease.find(last.id, db), let holder = lease.holder {
            let verdict = lease.verdict(observer: beginning.holder, uptime: clock.uptime())
            // Only a holder that nobody here can see is known by its silence to be gone.
            let isSilent = verdict == .watch && lease == watched
            if verdict != .free, !isSilent { return .held(lease, holder, isVisible: verdict == .held, what: "this job") }
        }
        if let last, beginning.isFired, !beginning.again { try refuseEnded(last, db) }
        if let (lease, holder, isVisible) = try otherSlot(beginning, taking: watched, db) {
            return .held(lease, holder, isVisible: isVisible, what: "another slot of this schedule")
        }
        if let last, let plan = beginning.plan, !beginning.again { try refuseOtherPlan(last, plan, db) }
        let now = clock.now().millisecondsSince1970
        var job = last
        let isNew = last == nil || beginning.again
        if isNew {
            if let last {
                try refuseLeavingDoubts(last, db)
                try Lease.revoke(last.id, db)
            }
            let generation = (last?.generation ?? 0) + 1
            let identity = beginning.identity
            let id = try ChainedTable.jobs.append(
                now, identity.name, identity.environment, identity.target, beginning.script, identity.arguments, identity.digest,
                generation, String(beginning.seed), heads[.effects].count, heads[.attempts].count, heads[.steps].count,
                to: &heads, db)
            job = try JobRecord.find(id, db)
            if let plan = beginning.plan {
                _ = try ChainedTable.jobEvents.append(id, nothing, now, "plan", plan, nothing, to: &heads, db)
            }
            if let occasion = identity.occasion {
                _ = try ChainedTable.jobEvents.append(
                    id, nothing, now, occasion.kind.rawValue, occasion.name, nothing, to: &heads, db)
            }
        } else if let last, beginning.reopen, try FinishedJob.find(last, db) != nil {
            _ = try ChainedTable.jobEvents.append(last.id, nothing, now, "reopened", nothing, nothing, to: &heads, db)
        }
        guard let job else { throw JournalError.damaged("a job that was just begun is not there") }
        let name = try Journal.name(at: clock.now(), db)
        try db.execute(
            sql: "INSERT INTO runs(name, job, started_at, state, holder, version, command) VALUES (?, ?, ?, 'running', ?, ?, ?)",
            arguments: [name, job.id, now, beginning.holder.json.text(), beginning.version, beginning.command])
        let run = db.lastInsertedRowID
        let fence = beginning.isShared ? nil : try Lease.take(job.id, run: run, holder: beginning.holder, clock, db)
        guard let record = try RunRecord.find(run, db) else {
            throw JournalError.damaged("a run that was just begun is not there")
        }
        return .taken(Taken(job: job, run: record, fence: fence, isNew: isNew, heads: heads))
    }

    private func refuseOtherPlan(_ job: JobRecord, _ plan: String, _ db: Database) throws {
        let sql = "SELECT name FROM job_events WHERE job = ? AND kind = 'plan' ORDER BY id LIMIT 1"
        let known = try String.fetchOne(db, sql: sql, arguments: [job.id])
        guard known == plan else {
            throw JournalError(
                .conflict, "the job of \(job.createdAt) was begun \(known.map { "by the plan \($0)" } ?? "without a plan")",
                hint: "make a new plan; nothing was sent")
        }
    }

    private func refuseEnded(_ job: JobRecord, _ db: Database) throws {
        let sql = "SELECT name, exit_code, ended_at FROM runs WHERE job = ? ORDER BY id DESC LIMIT 1"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [job.id]), let ended = row[2] as Int64? else { return }
        throw JournalError(
            .lease,
            "run \(row[0] as String) of it ended at \(Timestamp(millisecondsSince1970: ended)) with exit code \(row[1] as Int? ?? 0)",
            hint: "what a clock fires is run once; a person goes on with it: bursar schedule run-slot. Nothing was sent")
    }

    /// Another slot of the same schedule that is being run: no two are at a time.
    private func otherSlot(_ beginning: Beginning, taking watched: Lease?, _ db: Database) throws -> (Lease, Holder, Bool)? {
        guard let occasion = beginning.identity.occasion, occasion.kind == .slot else { return nil }
        let sql = """
            SELECT DISTINCT e.job FROM leases l JOIN job_events e ON e.job = l.job
            WHERE l.holder IS NOT NULL AND e.kind = 'slot' AND e.name >= ? AND e.name < ? AND e.name <> ?
            """
        let schedule = occasion.schedule
        for job in try Int64.fetchAll(db, sql: sql, arguments: [schedule + "@", schedule + "A", occasion.name]) {
            guard let lease = try Lease.find(job, db), let holder = lease.holder else { continue }
            let verdict = lease.verdict(observer: beginning.holder, uptime: clock.uptime())
            if verdict != .free, !(verdict == .watch && lease == watched) { return (lease, holder, verdict == .held) }
        }
        return nil
    }

    /// The same job, begun under another address or other credentials of the same environment, or under another name of it: who changed how
    /// these are spelt did not mean to do it all once more.
    private func refuseElsewhere(_ identity: JobIdentity, _ db: Database) throws {
        guard identity.occasion == nil else { return }
        let sql = """
            SELECT id FROM jobs WHERE name = ?1 AND arguments = ?2 AND (environment = ?3) <> (target = ?4) ORDER BY id DESC
            """
        let arguments: StatementArguments = [identity.name, identity.arguments, identity.environment, identity.target]
        for id in try Int64.fetchAll(db, sql: sql, arguments: arguments) {
            // One that did nothing stands in nobody's way.
            guard try Int.fetchOne(db, sql: "SELECT 1 FROM effects WHERE job = ? LIMIT 1", arguments: [id]) != nil,
                let job = try JobRecord.find(id, db)
            else { continue }
            let state = try FinishedJob.find(job, db).map { "done on \($0.at)" } ?? "begun on \(job.createdAt) and is not done"
            throw JournalError(
                .conflict,
                "this job was \(state), in \(job.identity.environment), \(job.identity.target); this is \(identity.environment), "
                    + identity.target,
                hint:
                    "put back the environment's name, base_url and client id to go on with it, or begin it anew with --again. Nothing was sent"
            )
        }
    }

    /// What is done for an occasion is one thing: its next run goes on with it, or does nothing.
    private func refuseOtherJob(_ job: JobRecord, _ identity: JobIdentity, _ occasion: Occasion) throws {
        var same = identity
        same.occasion = nil
        guard job.identity != same else { return }
        let parts = [
            ("job", job.identity.name, same.name), ("environment", job.identity.environment, same.environment),
            ("target", job.identity.target, same.target), ("arguments", job.identity.arguments, same.arguments),
        ].filter { $0.1 != $0.2 }.map { "its \($0.0) was \($0.1) and is now \($0.2)" }
        throw JournalError(
            .conflict,
            "the \(occasion.kind.rawValue) \(occasion.name) has its job since \(job.createdAt): \(parts.joined(separator: ", "))",
            hint: "put back what it was to go on with it, or do it anew with --again; nothing was sent")
    }

    private func refuseLeavingDoubts(_ job: JobRecord, _ db: Database) throws {
        let doubts = try RecordedEffect.open(job: job.id, most: 1, db)
        guard doubts.isEmpty else {
            throw JournalError(
                .conflict,
                "the job of \(job.createdAt) is not done, and \(doubts[0].key) of it may or may not have happened: beginning anew could "
                    + "do it twice",
                hint: "run it without --again to find out, or decide with bursar resolve; nothing was sent")
        }
    }

    /// `20261125-0131-4f2a`: short enough to type, and told apart by chance where a minute has two.
    private static func name(at now: Timestamp, _ db: Database) throws -> String {
        let digits = now.description.filter(\.isNumber)
        let stamp = "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-"
        var length = 2
        while true {
            let name = stamp + hex((0..<length).map { _ in UInt8.random(in: 0...255) })
            if try Int.fetchOne(db, sql: "SELECT 1 FROM runs WHERE name = ?", arguments: [name]) == nil { return name }
            length += 1
        }
    }

    /// Reads everything the job did, and compares it with its hashes on the way.
    private func load(_ taken: Taken, at takenAt: Duration, _ beginning: Beginning) async throws(JournalError) -> JobJournal {
        let hold = taken.fence.map {
            Hold(job: taken.job, run: taken.run.id, fence: $0, takenAt: takenAt, group: group, clock: clock)
        }
        var memory = JobMemory()
        var hasChanged = false
        var acceptedAt: Timestamp?
        if !taken.isNew {
            do {
                (memory, hasChanged, acceptedAt) = try await reader.readUncancelled { db in
                    (
                        try JobMemory(of: taken.job.id, after: taken.job.before, to: taken.heads, db),
                        try Journal.hasChanged(taken.job.id, db), try Journal.acceptance(after: taken.job, db)
                    )
                }
            } catch {
                await hold?.abandon()
                throw error
            }
        }
        return JobJournal(
            journal: self, job: taken.job, run: taken.run, hold: hold, isNew: taken.isNew, memory: memory,
            hasChanged: hasChanged, allowRepeat: beginning.allowRepeat, acceptedAt: acceptedAt)
    }

    /// When the journal was last accepted since a job was begun.
    private static func acceptance(after job: JobRecord, _ db: Database) throws -> Timestamp? {
        let sql = "SELECT max(at) FROM job_events WHERE kind = 'accepted' AND at >= ?"
        let at = try Int64.fetchOne(db, sql: sql, arguments: [job.createdAt.millisecondsSince1970])
        return at.map(Timestamp.init(millisecondsSince1970:))
    }

    /// True where an earlier run has recorded another script or input under the name of one.
    private static func hasChanged(_ job: Int64, _ db: Database) throws -> Bool {
        let sql = """
            SELECT 1 FROM job_events WHERE job = ? AND kind = 'source' GROUP BY name HAVING count(DISTINCT value) > 1 LIMIT 1
            """
        return try Int.fetchOne(db, sql: sql, arguments: [job]) != nil
    }
}

extension Journal {
    /// Jobs that differ from an identity in their arguments only, and did something; the newest first. None where there is a job of this
    /// identity.
    /// - Returns: each with what its script and its input were, by name.
    public func alike(_ identity: JobIdentity) async throws(JournalError) -> [(job: JobRecord, sources: [String: String])] {
        try await reader.readUncancelled { db in
            guard try JobRecord.last(identity, db) == nil else { return [] }
            let sql = """
                SELECT j.id, e.name, e.value FROM jobs j JOIN job_events e ON e.job = j.id AND e.kind = 'source'
                WHERE j.name = ? AND j.environment = ? AND j.target = ? AND j.arguments <> ?
                  AND EXISTS (SELECT 1 FROM effects WHERE job = j.id) ORDER BY j.id DESC, e.id
                """
            let arguments: StatementArguments = [identity.name, identity.environment, identity.target, identity.arguments]
            var alike: [(job: JobRecord, sources: [String: String])] = []
            // All in one pass: a job that is done daily has many like it.
            let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
            while let row = try rows.next() {
                if alike.last?.job.id != row[0], let job = try JobRecord.find(row[0], db) { alike.append((job, [:])) }
                guard !alike.isEmpty, let name = row[1] as String? else { continue }
                alike[alike.count - 1].sources[name] = row[2]
            }
            return alike
        }
    }

    /// When a job was done; nil when something of it is left to do.
    public func doneAt(_ job: JobRecord) async throws(JournalError) -> Timestamp? {
        try await reader.readUncancelled { db in try FinishedJob.find(job, db)?.at }
    }
}

extension JournalError {
    /// Rows of earlier runs are asked for, and there was none.
    public static let noEarlierRun = JournalError(
        .conflict, "no earlier run of this job is known here, and only rows of earlier runs were asked for",
        hint:
            "run it without --only; if it did run before: its arguments, environment or journal were others (bursar runs, --state). Nothing was sent"
    )
}

extension JobIdentity {
    /// The same for the same occasion; where there is none, for the same values.
    var digest: String {
        var bytes: [UInt8] = []
        let parts = occasion.map { [$0.kind.rawValue, $0.name] } ?? [name, environment, target, arguments]
        for part in parts { bytes += Array("\(part.utf8.count):\(part)".utf8) }
        return hex(Array(SHA256.hash(data: bytes)))
    }
}

extension JobRecord {
    private static let columns =
        "id, at, name, environment, target, script, arguments, identity, generation, seed, hash, effects_before, "
        + "attempts_before, steps_before"

    /// The last job of an identity. The table itself is searched, which was read whole when the journal was opened: an index that is
    /// damaged could make a job new that was done long ago.
    static func last(_ identity: JobIdentity, _ db: Database) throws -> JobRecord? {
        try Row.fetchOne(
            db, sql: "SELECT \(columns) FROM jobs WHERE identity = ? ORDER BY id DESC LIMIT 1", arguments: [identity.digest]
        ).map(JobRecord.init)
    }

    static func find(_ id: Int64, _ db: Database) throws -> JobRecord? {
        try Row.fetchOne(db, sql: "SELECT \(columns) FROM jobs WHERE id = ?", arguments: [id]).map(JobRecord.init)
    }

    init(_ row: Row) {
        id = row["id"]
        identity = JobIdentity(
            name: row["name"], environment: row["environment"], target: row["target"], arguments: row["arguments"])
        script = row["script"]
        generation = row["generation"]
        seed = UInt64(row["seed"] as String) ?? 1
        createdAt = Timestamp(millisecondsSince1970: row["at"])
        fingerprint = hex(Array(row["hash"] as Data))
        before = ChainLengths(effects: row["effects_before"], attempts: row["attempts_before"], steps: row["steps_before"])
    }
}

extension FinishedJob {
    static func find(_ job: JobRecord, _ db: Database) throws -> FinishedJob? {
        let sql =
            "SELECT kind, at, name, value FROM job_events WHERE job = ? AND kind IN ('finished', 'reopened') ORDER BY id DESC LIMIT 1"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [job.id]), row["kind"] == "finished" else { return nil }
        return FinishedJob(
            job: job, run: row["name"] ?? "", at: Timestamp(millisecondsSince1970: row["at"]),
            settled: Int(row["value"] as String? ?? "") ?? 0, sources: try sources(of: job.id, db))
    }

    static func sources(of job: Int64, _ db: Database) throws -> [String: String] {
        var sources: [String: String] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT name, value FROM job_events WHERE job = ? AND kind = 'source' ORDER BY id", arguments: [job])
        while let row = try rows.next() { sources[row["name"]] = row["value"] }
        return sources
    }
}
