public import ConomyAPI

/// What a report says of a run: values that were put into words already, and bounded.
public struct ReportedRun: Sendable {
    /// A fact and its name, such as `script` and `refunds.lua`.
    public struct Field: Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `6 payments.refund settled` and the amounts that they add up to, one a currency.
    public struct Sum: Sendable {
        public let count: String
        public let amounts: [String]

        public init(count: String, amounts: [String]) {
            self.count = count
            self.amounts = amounts
        }
    }

    /// Rows that failed alike.
    public struct Cause: Sendable {
        /// `declined`, `refused`, ...
        public let kind: String
        public let count: Int
        /// The first of them, whole.
        public let example: String
        public let place: String

        public init(kind: String, count: Int, example: String, place: String) {
            self.kind = kind
            self.count = count
            self.example = example
            self.place = place
        }
    }

    /// A row that did not succeed.
    public struct OddRow: Sendable {
        /// The input's line; nil where the input has none.
        public let line: Int?
        /// `refunds/p1`
        public let name: String
        public let status: String
        public let reason: String

        public init(line: Int?, name: String, status: String, reason: String) {
            self.line = line
            self.name = name
            self.status = status
            self.reason = reason
        }
    }

    /// `bulk-refunds in sandbox`
    public var job: String
    public var run: String
    /// `done`, `failed`, `running`, ...
    public var state: String
    public var exitCode: Int?
    /// Why the run as a whole did not end well; nil where it came to its end.
    public var failure: String?
    public var startedAt: Timestamp
    public var fields: [Field] = []
    /// What became of its effects and rows: `settled` 6, ...
    public var counts: [(word: String, count: Int)] = []
    public var sums: [Sum] = []
    public var causes: [Cause] = []
    public var oddRows: [OddRow] = []
    /// Also those that are not listed.
    public var oddRowCount = 0
    public var timeline: Timeline

    public init(job: String, run: String, state: String, startedAt: Timestamp) {
        self.job = job
        self.run = run
        self.state = state
        self.startedAt = startedAt
        timeline = Timeline(from: startedAt)
    }
}
