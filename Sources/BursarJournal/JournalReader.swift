public import ConomyAPI
import GRDB

/// Looks back: what the journal holds, also while runs go on. It opens the file read-only, never holds up a run for longer than one
/// short transaction, and can change nothing.
public final class JournalReader: Sendable {
    public let folder: JournalFolder
    /// What is wrong with the journal, as far as its ends tell: what it says may be old, or not all. Nil where nothing is seen to be.
    public let damage: JournalError?
    private let reader: DatabaseQueue

    /// - Throws: `JournalError` when there is no journal in the folder, or it cannot be read.
    public init(folder: JournalFolder) throws(JournalError) {
        self.folder = folder
        try folder.requireNoFile()
        guard folder.exists else {
            // What is left beside it tells whether there was one.
            try Journal.requireDatabase(folder, Anchor.read(path: folder.anchor))
            throw JournalReader.none(in: folder)
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        // First: what a run writes meanwhile is behind it.
        let anchor = Anchor.read(path: folder.anchor)
        do {
            reader = try DatabaseQueue(path: folder.database, configuration: configuration)
            damage = try reader.read { db in
                try Format.check(db, folder.database, acceptsEmpty: true)
                guard try Int.fetchOne(db, sql: "PRAGMA user_version") == 0 else {
                    return JournalReader.damage(db, anchor, folder)
                }
                // Lost, or a run is about to make it.
                try Journal.requireDatabase(folder, anchor)
                if case .known(let heads, _) = anchor, !heads.isEmpty {
                    throw JournalError.broken("\(folder.database) holds nothing, and once did: journal.sqlite-wal was lost")
                }
                throw JournalReader.none(in: folder)
            }
        } catch { throw JournalError(storage: error) }
    }

    private static func damage(_ db: Database, _ anchor: Anchor.Content, _ folder: JournalFolder) -> JournalError? {
        do {
            let second = try folder.secondAnchor(ofJournal: Format.journalID(db)).map { Anchor.read(path: $0) }
            try Journal.compare(db, anchor, second, folder)
            return nil
        } catch { return JournalError(storage: error) }
    }

    private static func none(in folder: JournalFolder) -> JournalError {
        let isBeside = JournalFolder(path: folder.unattended).exists
        return JournalError(
            .conflict, "there is no journal in \(folder.path)",
            hint: "a run makes one; "
                + (isBeside
                    ? "that of schedules and listeners in local is named by --state \(folder.unattended)"
                    : "--state DIR names another folder"))
    }

    /// Which runs are looked for.
    public struct RunFilter: Sendable {
        /// The job's name.
        public var job: String?
        public var environment: String?
        /// `running`, `done`, `failed`, `stopped`, `killed`.
        public var state: String?
        public var since: Timestamp?
        public var until: Timestamp?
        public var most = 50

        public init() {}
    }

    public struct RunOfJob: Sendable {
        public let run: RunRecord
        public let job: JobRecord
    }

    /// The newest first.
    /// - Throws: `JournalError`: of kind damaged where a run is missing.
    public func runs(_ filter: RunFilter = RunFilter()) throws(JournalError) -> [RunOfJob] {
        try read { db in
            try Unchained.requireRuns(db)
            let sql = """
                SELECT r.id, r.job FROM runs r JOIN jobs j ON j.id = r.job
                WHERE (?1 IS NULL OR j.name = ?1) AND (?2 IS NULL OR j.environment = ?2)
                  AND (?3 IS NULL OR r.started_at >= ?3) AND (?4 IS NULL OR r.started_at < ?4) ORDER BY r.id DESC
                """
            let rows = try Row.fetchCursor(
                db, sql: sql,
                arguments: [
                    filter.job, filter.environment, filter.since?.millisecondsSince1970, filter.until?.millisecondsSince1970,
                ])
            var found: [RunOfJob] = []
            while found.count < filter.most, let row = try rows.next() {
                guard let run = try RunRecord.find(row[0], db), let job = try JobRecord.find(row[1], db),
                    filter.state == nil || run.state == filter.state
                else { continue }
                found.append(RunOfJob(run: run, job: job))
            }
            return found
        }
    }

    /// The run with this name, or the only one whose name has this in it; nil for none.
    /// - Throws: `JournalError`: of kind conflict where several fit, of kind damaged where a run is missing, or this one is not
    ///   what was written.
    public func run(named name: String) throws(JournalError) -> RunOfJob? {
        try read { db in
            try Unchained.requireRuns(db)
            let sql = "SELECT id, name FROM runs WHERE instr(name, ?1) > 0 ORDER BY name = ?1 DESC, id DESC LIMIT 2"
            let rows = try Row.fetchAll(db, sql: sql, arguments: [name])
            guard let row = rows.first(where: { $0[1] == name }) ?? rows.first else { return nil }
            guard rows.count == 1 || row[1] == name else {
                throw JournalError(.conflict, "\(name) fits several runs", hint: "write more of it; bursar runs lists them")
            }
            guard let run = try RunRecord.find(row[0], db), let job = try JobRecord.find(run.job, db) else { return nil }
            try RunSeal.require(run.id, db)
            return RunOfJob(run: run, job: job)
        }
    }

    /// Which effects are looked for.
    public enum EffectFilter: Sendable {
        case job(Int64)
        /// Those that a run intended or learnt something of.
        case run(Int64)
        /// By the effect's key, its row's path or its row's key, its object or what it made.
        case word(String)
        /// All that may have happened, and are not known to.
        case open
    }

    /// In the order in which they were intended.
    /// - Parameter after: only those behind this number: for reading page by page.
    public func effects(_ filter: EffectFilter, after: Int64 = 0, most: Int = 1000) throws(JournalError) -> [RecordedEffect] {
        try read { db in
            switch filter {
            case .job(let job):
                guard let job = try JobRecord.find(job, db) else { return [] }
                return try RecordedEffect.page(of: job, after: after, most: most, db)
            case .run(let run):
                // Asked effect by effect: a list of all attempts would be made anew for each page.
                let learnt = "EXISTS (SELECT 1 FROM attempts WHERE effect = +e.id AND run = ?2)"
                return try RecordedEffect.all(
                    "e.id > ?1 AND (e.run = ?2 OR \(learnt)) ORDER BY e.id LIMIT ?3", [after, run, most], db)
            case .word(let word):
                return try RecordedEffect.all(
                    "e.id > :after AND \(RecordedEffect.isNamedCondition) ORDER BY e.id LIMIT :most",
                    ["after": after, "word": word, "most": most], db)
            case .open:
                let newest = "e.id = (SELECT max(id) FROM effects WHERE job = e.job AND key = e.key)"
                return try RecordedEffect.all(
                    "e.id > ? AND \(RecordedEffect.isOpenCondition) AND \(newest) ORDER BY e.id LIMIT ?", [after, most], db)
            }
        }
    }

    /// One thing that was done about an effect.
    public struct AttemptRecord: Sendable {
        public let attempt: Attempt
        public let run: String?
        public let at: Timestamp
    }

    /// What was done about an effect, in its order.
    public func attempts(of effect: Int64) throws(JournalError) -> [AttemptRecord] {
        try read { db in
            let sql = """
                SELECT a.kind, a.outcome, a.status, a.result, a.answer, a.detail, r.name, a.at FROM attempts a
                LEFT JOIN runs r ON r.id = a.run WHERE a.effect = ? ORDER BY a.id
                """
            return try Row.fetchAll(db, sql: sql, arguments: [effect]).compactMap { row in
                guard let kind = Attempt.Kind(rawValue: row[0]), let outcome = EffectOutcome(rawValue: row[1]) else { return nil }
                return AttemptRecord(
                    attempt: Attempt(kind, outcome, status: row[2], result: row[3], answer: row[4], detail: row[5]), run: row[6],
                    at: Timestamp(millisecondsSince1970: row[7]))
            }
        }
    }

    /// A row of a loop, and the last word on it.
    public struct RowRecord: Sendable {
        public let job: Int64
        public let loop: String
        public let key: String
        public let line: Int?
        public let run: Int64
        public let status: String
        public let reason: String
    }

    /// - Parameter key: only rows with this key; nil for all.
    public func rows(job: Int64?, key: String? = nil, most: Int = 1000) throws(JournalError) -> [RowRecord] {
        try read { db in
            let sql = """
                SELECT \(RowRecord.columns) FROM rows
                WHERE (?1 IS NULL OR job = ?1) AND (?2 IS NULL OR key = ?2) ORDER BY job DESC, loop, line, key LIMIT ?3
                """
            return try Row.fetchAll(db, sql: sql, arguments: [job, key, most]).map(RowRecord.init)
        }
    }

    public func job(_ id: Int64) throws(JournalError) -> JobRecord? { try read { try JobRecord.find(id, $0) } }

    public func run(_ id: Int64) throws(JournalError) -> RunRecord? { try read { try RunRecord.find(id, $0) } }

    /// When a job was finished; nil when something of it is left to do.
    public func finish(of job: JobRecord) throws(JournalError) -> FinishedJob? { try read { try FinishedJob.find(job, $0) } }

    /// Reads everything and compares it with its hashes, and its ends with the anchors.
    /// - Returns: how many rows of each table are as they were written.
    /// - Throws: `JournalError` of kind damaged, naming the first row that is not.
    public func verify() throws(JournalError) -> [(table: String, rows: Int64)] {
        // First: what a run writes meanwhile is behind them.
        let anchor = Anchor.read(path: folder.anchor)
        return try read { db in
            let second = try folder.secondAnchor(ofJournal: Format.journalID(db)).map { Anchor.read(path: $0) }
            let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(5)")
            guard problems == ["ok"] else { throw JournalError.damaged("SQLite says: \(problems.joined(separator: "; "))") }
            let ends = try ChainedTable.allCases.map { try $0.verify(db).count }
            try Journal.compare(db, anchor, second, folder)
            try Unchained.verifyWhole(db)
            return zip(ChainedTable.allCases, ends).map { ($0.rawValue, $1) }
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do { return try reader.read(body) } catch { throw JournalError(storage: error) }
    }
}

extension RunRecord {
    static func find(_ id: Int64, _ db: Database) throws -> RunRecord? {
        let sql = "SELECT id, name, job, started_at, ended_at, state, exit_code, holder, version, report FROM runs WHERE id = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [id]) else { return nil }
        let holder = Holder(json: row["holder"])
        var state: String = row["state"]
        // Its process is gone, or the job has gone on to another run since.
        if state == "running" {
            let lease = try Lease.find(row["job"], db)
            if holder?.isAlive() == false || lease?.run != id || lease?.holder == nil { state = "killed" }
        }
        return RunRecord(
            id: id, name: row["name"], job: row["job"], startedAt: Timestamp(millisecondsSince1970: row["started_at"]),
            endedAt: (row["ended_at"] as Int64?).map(Timestamp.init(millisecondsSince1970:)), state: state,
            exitCode: row["exit_code"], holder: holder, version: row["version"], report: row["report"])
    }
}
