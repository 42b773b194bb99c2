import Foundation
import GRDB

/// How many effects are known to have come to what.
public struct OutcomeCounts: Sendable, Equatable {
    public var settled = 0
    public var declined = 0
    public var unsent = 0
    public var absent = 0
    public var inDoubt = 0
    /// Intended or begun, and nothing further is known: on its way while the run goes on, in doubt afterwards.
    public var begun = 0

    public init() {}

    fileprivate mutating func add(_ outcome: EffectOutcome?, _ count: Int) {
        switch outcome {
        case .settled: settled += count
        case .declined: declined += count
        case .unsent: unsent += count
        case .absent: absent += count
        case .inDoubt: inDoubt += count
        case nil, .begun: begun += count
        }
    }
}

extension JournalReader {
    // MARK: Runs

    /// What is known now of the effects that each of these runs intended or learnt something of, by the run's number.
    public func outcomes(of runs: [RunRecord]) throws(JournalError) -> [Int64: OutcomeCounts] {
        var counts: [Int64: OutcomeCounts] = [:]
        for job in Set(runs.map(\.job)).sorted() {
            // One pass over a job tells of all its runs.
            let found = try read { db in
                let sql = """
                    SELECT t.run, a.outcome, count(*) FROM (
                      SELECT run, id AS effect FROM effects WHERE job = ?1
                      UNION SELECT b.run, b.effect FROM effects e JOIN attempts b ON b.effect = +e.id
                      WHERE e.job = ?1 AND b.run IS NOT NULL) t
                    LEFT JOIN attempts a ON a.id = (SELECT max(id) FROM attempts WHERE effect = +t.effect)
                    GROUP BY t.run, a.outcome
                    """
                return try Row.fetchAll(db, sql: sql, arguments: [job]).map { row in
                    (run: row[0] as Int64, outcome: (row[1] as String?).flatMap(EffectOutcome.init), count: row[2] as Int)
                }
            }
            for row in found { counts[row.run, default: OutcomeCounts()].add(row.outcome, row.count) }
        }
        return counts
    }

    /// The command line that began a run, without secrets.
    public func command(of run: Int64) throws(JournalError) -> String? {
        try read { try String.fetchOne($0, sql: "SELECT command FROM runs WHERE id = ?", arguments: [run]) }
    }

    /// The run that holds a job now; nil when none does.
    public func runningRun(ofJob job: Int64) throws(JournalError) -> RunRecord? {
        try read { db in
            let sql = "SELECT id FROM runs WHERE job = ? AND state = 'running' ORDER BY id DESC LIMIT 1"
            guard let id = try Int64.fetchOne(db, sql: sql, arguments: [job]), let run = try RunRecord.find(id, db) else {
                return nil
            }
            return run.state == "running" ? run : nil
        }
    }

    // MARK: Names, for "did you mean"

    /// The newest first, at most so many.
    public func runNames(most: Int) throws(JournalError) -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT name FROM runs ORDER BY id DESC LIMIT ?", arguments: [most]) }
    }

    public func jobNames() throws(JournalError) -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT DISTINCT name FROM jobs ORDER BY name") }
    }

    public func environments() throws(JournalError) -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT DISTINCT environment FROM jobs ORDER BY environment") }
    }

    /// Keys of effects and paths of their rows, of the newest effects.
    public func effectNames(most: Int) throws(JournalError) -> [String] {
        try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT key, row, object FROM effects ORDER BY id DESC LIMIT ?", arguments: [most])
            return rows.flatMap { row in
                [
                    row[0] as String?, row[1], (row[1] as String?).flatMap { $0.split(separator: "/").last.map(String.init) },
                    row[2],
                ]
                .compactMap { $0 }
            }
        }
    }

    // MARK: What a word names

    /// A job that has effects or rows of some name.
    public struct Fit: Sendable {
        public let job: Int64
        public let effects: Int
        public let rows: Int
    }

    /// The jobs in which a word names anything, the newest first.
    /// - Parameter word: an effect's key, its row's path or its row's key, its object, its stamp or what it made.
    public func jobs(naming word: String) throws(JournalError) -> [Fit] {
        try read { db in
            var counts: [Int64: (effects: Int, rows: Int)] = [:]
            let effects = "SELECT e.job, count(*) FROM effects e WHERE \(RecordedEffect.isNamedCondition) GROUP BY e.job"
            for row in try Row.fetchAll(db, sql: effects, arguments: ["word": word]) {
                counts[row[0], default: (0, 0)].effects = row[1]
            }
            let rows = "SELECT job, count(*) FROM rows WHERE \(RowRecord.isNamedCondition) GROUP BY job"
            for row in try Row.fetchAll(db, sql: rows, arguments: ["word": word]) {
                counts[row[0], default: (0, 0)].rows = row[1]
            }
            return counts.sorted { $0.key > $1.key }.map { Fit(job: $0.key, effects: $0.value.effects, rows: $0.value.rows) }
        }
    }

    /// The effects of a job that a word names, in the order in which they were intended.
    public func effects(naming word: String, job: Int64, most: Int) throws(JournalError) -> [RecordedEffect] {
        try read { db in
            try RecordedEffect.all(
                "e.job = :job AND \(RecordedEffect.isNamedCondition) ORDER BY e.id LIMIT :most",
                ["job": job, "word": word, "most": most], db)
        }
    }

    /// The rows of a job that a word names: their key, or their loop and key as a path.
    public func rows(naming word: String, job: Int64, most: Int) throws(JournalError) -> [RowRecord] {
        try read { db in
            let sql = """
                SELECT \(RowRecord.columns) FROM rows WHERE \(RowRecord.isNamedCondition) AND job = :job
                ORDER BY loop, line, key LIMIT :most
                """
            return try Row.fetchAll(db, sql: sql, arguments: ["word": word, "job": job, "most": most]).map(RowRecord.init)
        }
    }

    // MARK: Rows of a run

    /// How many rows had their last word in a run, by that word.
    public func rowCounts(job: Int64, run: Int64) throws(JournalError) -> [(status: String, count: Int)] {
        try read { db in
            let sql = "SELECT status, count(*) FROM rows WHERE job = ? AND run = ? GROUP BY status ORDER BY status"
            return try Row.fetchAll(db, sql: sql, arguments: [job, run]).map { ($0[0], $0[1]) }
        }
    }

    /// The first rows, in the order of the input, whose last word in this run is another than success.
    public func firstUnsuccessfulRows(job: Int64, run: Int64, most: Int) throws(JournalError) -> [RowRecord] {
        try read { db in
            let sql = """
                SELECT \(RowRecord.columns) FROM rows WHERE job = ? AND run = ? AND status <> 'succeeded'
                ORDER BY loop, line, key LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [job, run, most]).map(RowRecord.init)
        }
    }

    /// The same rows by loop and key: for reading page by page.
    /// - Parameter after: the last row of the page before.
    public func unsuccessfulRows(job: Int64, run: Int64, after: RowRecord?, most: Int = 1000) throws(JournalError) -> [RowRecord]
    {
        try read { db in
            let sql = """
                SELECT \(RowRecord.columns) FROM rows WHERE job = ? AND (loop, key) > (?, ?) AND run = ? AND status <> 'succeeded'
                ORDER BY loop, key LIMIT ?
                """
            // No row has an empty key before all others.
            let arguments: StatementArguments = [job, after?.loop ?? "", after?.key ?? "", run, most]
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map(RowRecord.init)
        }
    }
}

extension JournalReader.RowRecord {
    static let columns = "job, loop, key, line, run, status, reason"
    static let isNamedCondition = "(key = :word OR loop || '/' || key = :word)"

    init(_ row: Row) {
        self.init(
            job: row[0], loop: row[1], key: row[2], line: row[3], run: row[4], status: row[5], reason: row[6])
    }
}
