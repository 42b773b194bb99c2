import BursarJournal
import ConomyAPI
import ExactJSON

/// One run with everything that matters of it, in as many lines as a person reads.
struct RunHistoryView {
    let entry: JournalReader.RunOfJob
    let command: String?
    let finish: FinishedJob?
    let tally: RunTally
    /// The first effects of those that were asked for, and how many there are of them.
    let effects: [RecordedEffect]
    let effectCount: Int
    let rowCounts: [(status: String, count: Int)]
    let failedRows: [JournalReader.RowRecord]

    private var isRunning: Bool { entry.run.state == "running" }

    func text(width: Int) -> String {
        var blocks = [head(width)]
        if !effects.isEmpty { blocks.append(effectLines(width)) }
        if !failedRows.isEmpty { blocks.append(rowLines(width)) }
        let next = next
        if !next.isEmpty {
            blocks.append(next.flatMap { ReportView.wrapped("Next: " + $0, width, indent: 6) }.joined(separator: "\n"))
        }
        return blocks.joined(separator: "\n\n")
    }

    private func head(_ width: Int) -> String {
        let (run, job) = (entry.run, entry.job)
        var fields = FieldLines(width: width)
        fields.add("job", RunRecordView.name(job))
        fields.add("script", job.script)
        if let arguments = FieldLines.parsed(job.identity.arguments).object {
            for (name, value) in arguments.members { fields.add("argument", "\(name)=\(value.string ?? value.text())") }
        }
        fields.add("command", command)
        fields.add("started", FieldLines.time(run.startedAt))
        fields.add("took", RunRecordView.took(run))
        fields.add("by", run.holder?.description)
        fields.add("version", run.version)
        if !rowCounts.isEmpty {
            let total = rowCounts.reduce(0) { $0 + $1.count }
            let words = rowCounts.map { "\($0.count) \($0.status.replacing("_", with: " "))" }
            fields.add("rows", "\(total): \(words.joined(separator: ", "))")
        }
        if tally.isEmpty { fields.add("effects", "none") }
        for (index, line) in tally.lines(isRunning: isRunning).enumerated() {
            fields.add(index == 0 ? "effects" : "", line.count)
            for amount in line.amounts { fields.add("", "  " + amount) }
        }
        let exit = run.exitCode.map { ", exit code \($0)" } ?? ""
        return (["Run \(run.name): \(run.state)\(exit)"] + fields.lines).joined(separator: "\n")
    }

    private func effectLines(_ width: Int) -> String {
        var lines = ["Effects:"]
        for effect in effects {
            lines += ReportView.wrapped("  \(FieldLines.single(effect.key))", width, indent: 6)
            let made = effect.result == effect.object ? nil : effect.result.map { "made \($0)" }
            let parts = [
                effect.amount?.description, EffectView.words(effect, isRunning: isRunning), made,
                effect.outcome == .settled ? nil : effect.detail,
            ]
            lines += ReportView.wrapped(
                "      " + FieldLines.single(parts.compactMap(\.self).joined(separator: ", ")), width, indent: 6)
        }
        if effectCount > effects.count {
            lines += ReportView.wrapped("  and \(effectCount - effects.count) more (--json and --csv list all)", width, indent: 6)
        }
        return lines.joined(separator: "\n")
    }

    private func rowLines(_ width: Int) -> String {
        var lines = ["Rows that did not succeed:"]
        for row in failedRows {
            let place = row.line.map { "line \($0), " } ?? ""
            let text = "  \(place)\(row.loop)/\(row.key): \(row.status.replacing("_", with: " ")): \(row.reason)"
            lines += ReportView.wrapped(FieldLines.single(text), width, indent: 6)
        }
        let count = rowCounts.reduce(0) { $0 + ($1.status == "succeeded" ? 0 : $1.count) }
        if count > failedRows.count { lines.append("  and \(count - failedRows.count) more (--json lists all)") }
        return lines.joined(separator: "\n")
    }

    private var next: [String] {
        let run = entry.run
        guard !isRunning else { return ["it goes on; bursar logs \(run.name) --follow shows what it says."] }
        var lines: [String] = []
        if tally.open > 0 {
            lines.append(
                "\(tally.open) \(tally.open == 1 ? "effect" : "effects") may or may not have happened: the job's next run looks, and "
                    + "bursar doubts shows what a person can do.")
        }
        if let finish {
            lines.append(
                "nothing is left to do: the job was finished by run \(finish.run); running it again sends nothing, --again begins anew."
            )
        } else if run.state == "killed" || run.state == "stopped" {
            lines.append("run it again: it goes on where it ended, and sends nothing twice.")
        } else if !failedRows.isEmpty {
            lines.append("bursar why ROW tells all about one row; running the job again tries rows that are not done.")
        } else if run.state == "failed" {
            lines.append("run it again once the cause is gone: what is settled is not sent again.")
        }
        return lines
    }
}
