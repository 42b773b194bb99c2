import BursarEngine
import BursarJournal
import BursarReport
import ConomyAPI
import ExactJSON

/// A run of the journal as reports have it.
enum ReportedRunView {
    /// More odd rows are counted, not listed: `bursar show --json` has all.
    private static let mostRows = 200

    static func make(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws -> ReportedRun {
        let (run, job) = (entry.run, entry.job)
        let isRunning = run.state == "running"
        var reported = ReportedRun(
            job: "\(job.identity.name) in \(job.identity.environment)", run: run.name, state: run.state, startedAt: run.startedAt)
        reported.exitCode = run.exitCode
        var tally = RunTally()
        try reader.eachEffect(of: run, isForFile: true) { effect in
            tally.add(effect)
            reported.timeline.add(kind(effect), at: effect.at)
        }
        reported.sums = tally.lines(isRunning: isRunning).map { ReportedRun.Sum(count: $0.count, amounts: $0.amounts) }
        let rows = try reader.rowCounts(job: job.id, run: run.id)
        let report = run.report.map(FieldLines.parsed)
        let effects = try reader.outcomes(of: [run])[run.id] ?? OutcomeCounts()
        reported.counts =
            (counted(report) ?? rows).map { ("rows \($0.status.replacing("_", with: " "))", $0.count) }
            + [
                ("effects settled", effects.settled), ("effects declined", effects.declined),
                ("effects not sent", effects.unsent),
                ("effects that did not happen", effects.absent),
                ("effects \(isRunning ? "on their way or " : "")in doubt", effects.inDoubt + effects.begun),
            ].filter { $0.1 > 0 }
        reported.oddRowCount = rows.reduce(0) { $0 + ($1.status == "succeeded" ? 0 : $1.count) }
        reported.oddRows = try reader.firstUnsuccessfulRows(job: job.id, run: run.id, most: mostRows).map { row in
            ReportedRun.OddRow(
                line: row.line, name: "\(row.loop)/\(row.key)", status: row.status.replacing("_", with: " "), reason: row.reason)
        }
        reported.causes = causes(report)
        reported.failure = report?["failure"]?["message"]?.string
        reported.fields = try fields(entry, reader)
        return reported
    }

    /// A run that is recorded nowhere: it has no time line, and its rows are those that stand for a cause.
    static func make(_ report: RunReport, _ exit: BursarExit) -> ReportedRun {
        let isGood = exit.isSuccess
        var reported = ReportedRun(
            job: "\(report.job ?? report.script) in \(report.environment)", run: report.run ?? "",
            state: isGood ? (report.isRehearsal ? "rehearsed" : "done") : "failed", startedAt: report.startedAt)
        reported.exitCode = Int(exit.rawValue)
        reported.failure = report.failure.map(FailureView.text)
        reported.sums = report.effects.tallies.map { tally in
            ReportedRun.Sum(
                count: "\(tally.count) \(tally.operation) \(ReportView.word(tally.state, rehearsed: report.isRehearsal))",
                amounts: tally.totals.amounts.map(ReportView.grouped))
        }
        let document = report.json
        reported.counts =
            (counted(document) ?? []).map { ("rows \($0.status.replacing("_", with: " "))", $0.count) }
            + report.effects.tallies.map {
                ("\($0.operation) \(ReportView.word($0.state, rehearsed: report.isRehearsal))", $0.count)
            }
        reported.causes = causes(document)
        reported.fields = [
            ReportedRun.Field("script", report.script), ReportedRun.Field("started", FieldLines.time(report.startedAt)),
            ReportedRun.Field("seed", String(report.seed)),
        ]
        return reported
    }

    static func kind(_ effect: RecordedEffect) -> Timeline.Kind {
        effect.isOpen ? .open : effect.outcome == .settled ? .settled : .failed
    }

    /// As the run itself counted its rows when it ended, those that succeeded among them.
    private static func counted(_ report: JSON?) -> [(status: String, count: Int)]? {
        report?["rows"]?.object?.members.compactMap { name, value in
            guard name != "total", let count = value.integer, count > 0 else { return nil }
            return (name, count)
        }
    }

    /// As the run itself sorted them when it ended; none of one that did not come to that.
    private static func causes(_ report: JSON?) -> [ReportedRun.Cause] {
        let groups = report?["failures"]?.array ?? []
        return groups.map { group in
            func text(_ name: String) -> String { group[name]?.string ?? "" }
            return ReportedRun.Cause(
                kind: text("kind").replacing("_", with: " "), count: group["count"]?.integer ?? 0, example: text("example"),
                place: text("at"))
        }
    }

    private static func fields(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws -> [ReportedRun.Field] {
        let (run, job) = (entry.run, entry.job)
        let arguments = FieldLines.parsed(job.identity.arguments).object?.members ?? []
        let fields: [(String, String?)] =
            [("job", RunRecordView.name(job)), ("script", job.script)]
            + arguments.map { ("argument", "\($0.key)=\($0.value.string ?? $0.value.text())") }
            + [
                ("command", try reader.command(of: run.id)), ("started", FieldLines.time(run.startedAt)),
                ("ended", run.endedAt.map(FieldLines.time)), ("took", RunRecordView.took(run)), ("by", run.holder?.description),
                ("version", run.version), ("finished by", try reader.finish(of: job)?.run),
            ]
        return fields.compactMap { name, value in value.map { ReportedRun.Field(name, $0) } }
    }
}
