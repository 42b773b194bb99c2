import BursarReport
import ConomyAPI

/// A run in which others wrote what would be markup.
func sampleRun() -> ReportedRun {
    let start = Timestamp(millisecondsSince1970: 1_795_570_267_000)
    var run = ReportedRun(job: "bulk <refunds> in sandbox", run: "20261125-0131-4f2a", state: "failed", startedAt: start)
    run.exitCode = 12
    run.fields = [.init("script", "/home/ana/refund.lua"), .init("command", "bursar run refund.lua note='a & b'")]
    run.counts = [("rows succeeded", 1), ("effects settled", 1), ("effects in doubt", 1)]
    run.sums = [.init(count: "2 payments.refund settled", amounts: ["1,150.00 ARS", "9,000 CLP"])]
    run.causes = [.init(kind: "declined", count: 3, example: "422 \"<script>alert(1)</script>\"", place: "line 3")]
    run.oddRows = [.init(line: 3, name: "refunds/p2", status: "failed", reason: "nothing\nis left\u{1}")]
    run.oddRowCount = 4
    run.timeline.add(.settled, at: start.adding(milliseconds: 10))
    run.timeline.add(.open, at: start.adding(milliseconds: 3000))
    return run
}
