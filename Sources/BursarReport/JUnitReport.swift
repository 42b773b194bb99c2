import ConomyAPI

/// A run as JUnit's XML, for what shows test results: a case for each effect, and one for each row that did not succeed. Made piece by
/// piece, so that a run of any size can be written.
public struct JUnitReport: Sendable {
    /// What a case came to.
    public enum Outcome: Sendable {
        case passed
        /// The API or a check said no.
        case failed(String)
        /// Nobody knows: somebody has to look.
        case error(String)
        /// It was not tried.
        case skipped(String)
    }

    /// How many cases of a suite came to what.
    public struct Counts: Sendable {
        public private(set) var tests = 0
        public private(set) var failures = 0
        public private(set) var errors = 0
        public private(set) var skipped = 0

        public init() {}

        public mutating func add(_ outcome: Outcome, _ count: Int = 1) {
            tests += count
            switch outcome {
            case .passed: break
            case .failed: failures += count
            case .error: errors += count
            case .skipped: skipped += count
            }
        }
    }

    public static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
    public static let tail = "</testsuites>\n"

    /// - Parameter counts: of the cases that follow, up to `endOfSuite`.
    public static func suite(_ name: String, _ counts: Counts, of run: ReportedRun) -> String {
        // Its form has no zone.
        let start = run.startedAt.description.prefix(19)
        return "  <testsuite name=\"\(MarkupText.escaped("\(run.job), \(name)"))\" tests=\"\(counts.tests)\" "
            + "failures=\"\(counts.failures)\" errors=\"\(counts.errors)\" skipped=\"\(counts.skipped)\" timestamp=\"\(start)\">\n"
    }

    public static let endOfSuite = "  </testsuite>\n"

    /// - Parameter milliseconds: how long it took; nil where nobody knows.
    public static func testCase(_ name: String, of kind: String, milliseconds: Int64?, _ outcome: Outcome) -> String {
        let time = milliseconds.map { " time=\"\(max(0, $0) / 1000).\(String(max(0, $0) % 1000 + 1000).dropFirst())\"" } ?? ""
        let start = "    <testcase classname=\"\(MarkupText.escaped(kind))\" name=\"\(MarkupText.escaped(name))\"\(time)"
        let (element, message): (String, String)
        switch outcome {
        case .passed: return start + "/>\n"
        case .failed(let text): (element, message) = ("failure", text)
        case .error(let text): (element, message) = ("error", text)
        case .skipped(let text): (element, message) = ("skipped", text)
        }
        return start + "><\(element) message=\"\(MarkupText.escaped(message))\"/></testcase>\n"
    }
}
