import ExactJSON

/// The state of one `for_each`: which row is next, which are in flight, what became of the others. A plain struct: events go
/// in, decisions come out; the session does what they say.
struct Loop {
    /// Where the rows come from.
    enum Rows {
        /// A checked file, read row by row.
        case file(InputFile)
        /// A list in the script's memory: the keys of its rows.
        case keys([String])
        /// Rows the script makes as it goes.
        case iterator
    }

    struct RowInFlight {
        let task: UInt32
        let line: Int?
        let key: String
        let raw: RawRecord
    }

    enum Next {
        case row(index: Int, key: String, line: Int?, raw: RawRecord, value: JSONObject?)
        /// A malformed row that is left out: it has its outcome already.
        case leftOut(index: Int, key: String, raw: RawRecord, reason: String, line: Int)
        /// Ask again when an earlier row has ended.
        case wait
        case end
    }

    let name: String
    var rows: Rows
    let total: Int?
    let maxFailures: FailureBound?
    /// False for a loop within a row.
    let isOutermost: Bool
    /// Where in the script's course it stands, and how long the strand that opened it had slept by then.
    let course: [Int]
    let slept: Duration
    /// How long the row that slept longest had slept when it ended.
    private(set) var sleptMost: Duration
    var results: ResultFile?
    private(set) var inFlight: [Int: RowInFlight] = [:]
    private(set) var succeeded = 0
    private(set) var failed = 0
    private(set) var leftOut = 0
    private(set) var passedOver = 0
    private(set) var isStopped = false
    private var nextIndex = 0
    /// Of the keys that an iterator gave: eight bytes each, however long they are.
    private var seen: Set<Int> = []
    /// How far ahead of the oldest unfinished row others may run: what waits for it is held in memory.
    private static let window = 10_000

    var done: Int { succeeded + failed + leftOut }

    init(
        name: String, rows: Rows, total: Int?, maxFailures: FailureBound?, results: ResultFile?, isOutermost: Bool = true,
        course: [Int] = [], slept: Duration = .zero
    ) {
        self.isOutermost = isOutermost
        self.course = course
        self.slept = slept
        sleptMost = slept
        self.name = name
        self.rows = rows
        self.total = total
        self.maxFailures = maxFailures
        self.results = results
    }

    /// True when failures have passed the bound: no further row starts.
    var hasTooManyFailures: Bool {
        guard let maxFailures else { return false }
        return maxFailures.isPassed(by: failed, of: total ?? done)
    }

    /// No further row starts.
    mutating func stop() { isStopped = true }

    /// - Parameter key: the row's key, where the script makes the rows.
    /// - Throws: `InputProblem` when the file cannot be read on.
    mutating func next(key given: String?) throws(InputProblem) -> Next {
        if isStopped || hasTooManyFailures { return .end }
        if let oldest = inFlight.keys.min(), nextIndex - oldest >= Loop.window { return .wait }
        switch rows {
        case .keys(let keys):
            guard nextIndex < keys.count else { return .end }
            defer { nextIndex += 1 }
            return .row(index: nextIndex, key: keys[nextIndex], line: nil, raw: .fields([keys[nextIndex]]), value: nil)
        case .iterator:
            guard let given else { return .end }
            guard seen.insert(given.hashValue).inserted else {
                throw InputProblem(
                    file: name,
                    "came to a row with the key \"\(given.prefix(64))\", which an earlier row has: a key names one row")
            }
            defer { nextIndex += 1 }
            return .row(index: nextIndex, key: given, line: nil, raw: .fields([given]), value: nil)
        case .file(var file):
            defer { rows = .file(file) }
            guard let row = try file.next() else { return .end }
            nextIndex = row.index + 1
            switch row.value {
            case .success(let value): return .row(index: row.index, key: row.key, line: row.line, raw: row.raw, value: value)
            case .failure(let problems):
                leftOut += 1
                let reason = problems.problems.map { problem in
                    problem.column.map { "\($0) \(problem.problem)" } ?? problem.problem
                }.joined(separator: "; ")
                return .leftOut(index: row.index, key: row.key, raw: row.raw, reason: reason, line: row.line)
            }
        }
    }

    /// After the end: the rows that never had their turn, one by one.
    /// - Throws: `InputProblem` when the file cannot be read on.
    mutating func nextNotRun() throws(InputProblem) -> (index: Int, raw: RawRecord)? {
        switch rows {
        case .file(var file):
            defer { rows = .file(file) }
            return try file.next().map { ($0.index, $0.raw) }
        case .keys(let keys):
            guard nextIndex < keys.count else { return nil }
            defer { nextIndex += 1 }
            return (nextIndex, .fields([keys[nextIndex]]))
        case .iterator: return nil
        }
    }

    /// Notes that the row that was just given is not run. True where the script makes the rows, and must be told.
    mutating func passOver() -> Bool {
        passedOver += 1
        if case .iterator = rows { return true }
        return false
    }

    /// A row has ended, and had slept so long by then.
    mutating func waited(_ slept: Duration) { sleptMost = max(sleptMost, slept) }

    mutating func started(_ index: Int, _ row: RowInFlight) { inFlight[index] = row }

    /// Takes a row out of those in flight and counts it; nil when it is not in flight.
    mutating func ended(_ index: Int, _ status: RowOutcome.Status) -> RowInFlight? {
        guard let row = inFlight.removeValue(forKey: index) else { return nil }
        if status == .succeeded { succeeded += 1 } else { failed += 1 }
        return row
    }
}
