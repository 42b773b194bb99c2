public import ConomyAPI

/// What Prometheus is told of jobs, in its text format: counts that only grow, and how the last run of each was.
///
/// A file may hold many jobs. Each run is added to what the file has: series that it does not touch stay as they are.
public struct Metrics: Sendable {
    /// One run, as far as it is counted.
    public struct Run: Sendable {
        public var job: String
        public var environment: String
        public var isRehearsal = false
        public var exitCode: Int32
        public var isSuccess: Bool
        public var endedAt: Timestamp
        public var milliseconds: Int64?
        /// Effects of this run alone, by operation and what became of them.
        public var effects: [(operation: String, state: String, count: Int)] = []
        /// The money that it moved.
        public var amounts: [(operation: String, amount: Money)] = []
        public var rows: [(state: String, count: Int)] = []
        /// Effects of the job that nobody knows the outcome of.
        public var inDoubt = 0

        public init(job: String, environment: String, exitCode: Int32, isSuccess: Bool, endedAt: Timestamp) {
            self.job = job
            self.environment = environment
            self.exitCode = exitCode
            self.isSuccess = isSuccess
            self.endedAt = endedAt
        }
    }

    private struct Family {
        let name: String
        let type: String
        let help: String
    }

    private static let families = [
        Family(name: "bursar_runs_total", type: "counter", help: "Runs that have ended, by exit code."),
        Family(name: "bursar_effects_total", type: "counter", help: "Effects of runs, by operation and what became of them."),
        Family(name: "bursar_amount_total", type: "counter", help: "Money that runs have moved, in units of its currency."),
        Family(name: "bursar_rows_total", type: "counter", help: "Rows that runs came to, by what became of them."),
        Family(name: "bursar_last_run_timestamp_seconds", type: "gauge", help: "When the last run ended."),
        Family(name: "bursar_last_success_timestamp_seconds", type: "gauge", help: "When the last run ended that ended well."),
        Family(name: "bursar_last_run_duration_seconds", type: "gauge", help: "How long the last run took."),
        Family(name: "bursar_last_run_exit_code", type: "gauge", help: "The exit code of the last run; 0 is done."),
        Family(
            name: "bursar_in_doubt", type: "gauge", help: "Effects of the job of which it is not known whether they happened."),
    ]

    /// Says whose file it is.
    private static let head = "# Runs of Bursar. It adds to this file; what others write into it is lost."

    /// Each series' value as text, by its name and labels as they are written.
    private var values: [String: String] = [:]

    public init() {}

    /// - Parameter text: of a file that was written here.
    /// - Returns: nil when it is another's, or cut.
    public init?(_ text: String) {
        guard !text.isEmpty else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map(String.init) == Metrics.head, lines.last == "" else { return nil }
        for line in lines.dropFirst().dropLast() where !line.hasPrefix("#") {
            // A label's value may have blanks in it.
            guard let blank = line.lastIndex(of: " "), line[..<blank].hasSuffix("}"), line[..<blank].hasPrefix("bursar_") else {
                return nil
            }
            values[String(line[..<blank])] = String(line[line.index(after: blank)...])
        }
    }

    /// - Returns: false when a series cannot be added to: its value is no number of ours. Nothing of the run was counted then.
    public mutating func add(_ run: Run) -> Bool {
        var next = self
        let labels = [("job", run.job), ("environment", run.environment), ("kind", run.isRehearsal ? "rehearsal" : "run")]
        var isWhole = next.count("bursar_runs_total", labels + [("exit_code", String(run.exitCode))], 1)
        for effect in run.effects {
            isWhole =
                next.count(
                    "bursar_effects_total", labels + [("operation", effect.operation), ("state", effect.state)], effect.count)
                && isWhole
        }
        for (state, count) in run.rows {
            isWhole = next.count("bursar_rows_total", labels + [("state", state)], count) && isWhole
        }
        for (operation, amount) in run.amounts {
            let series = Metrics.series(
                "bursar_amount_total", labels + [("operation", operation), ("currency", amount.currency.code)])
            guard let old = try? Money(next.values[series] ?? "0", amount.currency) else { return false }
            next.values[series] = (old + amount).text
        }
        let seconds = Metrics.seconds(run.endedAt.millisecondsSince1970)
        next.values[Metrics.series("bursar_last_run_timestamp_seconds", labels)] = seconds
        if run.isSuccess { next.values[Metrics.series("bursar_last_success_timestamp_seconds", labels)] = seconds }
        if let milliseconds = run.milliseconds {
            next.values[Metrics.series("bursar_last_run_duration_seconds", labels)] = Metrics.seconds(milliseconds)
        }
        next.values[Metrics.series("bursar_last_run_exit_code", labels)] = String(run.exitCode)
        next.values[Metrics.series("bursar_in_doubt", labels)] = String(run.inDoubt)
        guard isWhole else { return false }
        self = next
        return true
    }

    private mutating func count(_ name: String, _ labels: [(String, String)], _ count: Int) -> Bool {
        let series = Metrics.series(name, labels)
        guard let old = Int(values[series] ?? "0") else { return false }
        values[series] = String(old + count)
        return true
    }

    /// The whole file.
    public var text: String {
        var lines = [Metrics.head]
        for family in Metrics.families {
            let series = values.filter { $0.key.hasPrefix(family.name + "{") }.sorted { $0.key < $1.key }
            guard !series.isEmpty else { continue }
            lines += ["# HELP \(family.name) \(family.help)", "# TYPE \(family.name) \(family.type)"]
            lines += series.map { "\($0.key) \($0.value)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func series(_ name: String, _ labels: [(String, String)]) -> String {
        "\(name){\(labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ","))}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let rest = String(abs(milliseconds % 1000))
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
