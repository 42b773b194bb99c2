import BursarReport
import ConomyAPI
import Testing

@Suite("Metrics")
struct MetricsTests {
    static func run(_ job: String = "sweep", exit: Int32 = 0, _ change: (inout Metrics.Run) throws -> Void) rethrows
        -> Metrics.Run
    {
        var run = Metrics.Run(
            job: job, environment: "bank", exitCode: exit, isSuccess: exit == 0,
            endedAt: Timestamp(millisecondsSince1970: 1_796_000_000_007))
        try change(&run)
        return run
    }

    static func run(_ job: String = "sweep") -> Metrics.Run { run(job) { _ in } }

    private func add(_ run: Metrics.Run, to metrics: inout Metrics) {
        let isCounted = metrics.add(run)
        #expect(isCounted)
    }

    static func series(_ text: String, _ start: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix(start) }
    }

    @Test("a run is counted, with exact sums, and the next one is added to what the file has")
    func counting() throws {
        var metrics = Metrics()
        for exit: Int32 in [0, 6, 0] {
            let run = try MetricsTests.run(exit: exit) {
                $0.milliseconds = 61_005
                $0.effects = [("payments.refund", "settled", 2), ("payments.refund", "declined", 1)]
                $0.amounts = [
                    ("payments.refund", try Money("9007199254740993.01", Currency("ARS"))),
                    ("payments.refund", try Money("1500", Currency("CLP"))),
                ]
                $0.rows = [("succeeded", 2), ("failed", 1)]
            }
            var read = try #require(Metrics(metrics.text))
            add(run, to: &read)
            metrics = read
        }
        let labels = #"job="sweep",environment="bank",kind="run""#
        let lines = Set(metrics.text.split(separator: "\n").map(String.init))
        for line in [
            "bursar_runs_total{\(labels),exit_code=\"0\"} 2", "bursar_runs_total{\(labels),exit_code=\"6\"} 1",
            "bursar_effects_total{\(labels),operation=\"payments.refund\",state=\"settled\"} 6",
            "bursar_amount_total{\(labels),operation=\"payments.refund\",currency=\"ARS\"} 27021597764222979.03",
            "bursar_amount_total{\(labels),operation=\"payments.refund\",currency=\"CLP\"} 4500",
            "bursar_rows_total{\(labels),state=\"failed\"} 3",
            "bursar_last_run_timestamp_seconds{\(labels)} 1796000000.007",
            "bursar_last_run_duration_seconds{\(labels)} 61.005", "bursar_last_run_exit_code{\(labels)} 0",
            "# TYPE bursar_runs_total counter", "# TYPE bursar_in_doubt gauge",
        ] { #expect(lines.contains(line), "\(line)\n\(metrics.text)") }
    }

    @Test("a run that failed leaves the last success as it was, and other jobs alone")
    func lastSuccess() {
        var metrics = Metrics()
        add(MetricsTests.run(), to: &metrics)
        add(MetricsTests.run("other"), to: &metrics)
        let before = metrics.text
        add(MetricsTests.run(exit: 5) { $0.endedAt = Timestamp(millisecondsSince1970: 1_796_000_900_000) }, to: &metrics)
        let successes = MetricsTests.series(metrics.text, "bursar_last_success")
        #expect(successes == MetricsTests.series(before, "bursar_last_success") && successes.count == 2)
        #expect(MetricsTests.series(metrics.text, "bursar_last_run_timestamp").contains { $0.hasSuffix(" 1796000900.000") })
    }

    @Test("a rehearsal is no run")
    func rehearsal() {
        var metrics = Metrics()
        add(MetricsTests.run { $0.isRehearsal = true }, to: &metrics)
        #expect(metrics.text.contains(#"kind="rehearsal""#) && !metrics.text.contains(#"kind="run""#))
    }

    @Test("names are written so that they are read as they are")
    func labels() throws {
        var metrics = Metrics()
        let job = "a \"b\" \\ c\nd } 7"
        add(MetricsTests.run(job), to: &metrics)
        #expect(metrics.text.contains(#"job="a \"b\" \\ c\nd } 7","#))
        var read = try #require(Metrics(metrics.text))
        #expect(read.text == metrics.text)
        add(MetricsTests.run(job), to: &read)
        #expect(MetricsTests.series(read.text, "bursar_runs_total").map { $0.suffix(2) } == [" 2"])
    }

    @Test("a file of others, or one that is cut, is not taken for one of ours")
    func others() {
        var metrics = Metrics()
        add(MetricsTests.run(), to: &metrics)
        #expect(Metrics("node_load1 0.5\n") == nil)
        #expect(Metrics("\n") == nil)
        #expect(Metrics(String(metrics.text.dropLast(4))) == nil)
        #expect(Metrics(metrics.text + "node_load1 0.5\n") == nil)
        #expect(Metrics("") != nil)
    }

    @Test("what is no number is not added to, and nothing else of the run is counted")
    func numbers() throws {
        var metrics = Metrics()
        add(MetricsTests.run { $0.rows = [("failed", 1)] }, to: &metrics)
        let text = metrics.text.replacing("state=\"failed\"} 1", with: "state=\"failed\"} NaN")
        var read = try #require(Metrics(text))
        let isCounted = read.add(MetricsTests.run { $0.rows = [("failed", 1)] })
        #expect(!isCounted)
        #expect(read.text == text)
    }
}
