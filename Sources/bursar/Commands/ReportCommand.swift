import ArgumentParser
import BursarEngine
import BursarJournal
import BursarReport
import ConomyAPI
import ExactJSON

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a run's report to a file: one HTML page, or JUnit's XML.",
        discussion: """
            Examples:
              bursar report last --html report.html
              bursar report 4f2a --junit report.xml

            The page loads nothing from elsewhere. In JUnit's XML each effect is a case, and so is each row that did not succeed: a
            failure is what the API or a check refused, an error is what may or may not have happened.
            """)

    @Argument(help: "The run's name, a part of it that only one has, or last.", completion: Candidates.runs)
    var run: String

    @Option(help: "Write one HTML page to this file.", completion: .file(extensions: ["html"]))
    var html: String?

    @Option(help: "Write JUnit's XML to this file.", completion: .file(extensions: ["xml"]))
    var junit: String?

    @OptionGroup var options: LookBackOptions

    mutating func validate() throws {
        if html == nil, junit == nil { throw ValidationError("Say what to write: --html FILE, --junit FILE, or both.") }
        if let html, let junit, OutputFile.isSame(html, junit) {
            throw ValidationError("--html and --junit name one file; give each its own.")
        }
    }

    func run() async throws {
        try await options.look { reader in
            for path in [html, junit].compactMap(\.self) { try OutputFile.check(path) }
            let entry = try reader.find(run: run)
            let reported = try ReportedRunView.make(entry, reader)
            if let html { try OutputFile.write(clean(HTMLReport.text(reported)), to: html) }
            if let junit { try writeJUnit(reported, entry, reader, to: junit) }
            var written = JSONObject()
            written["html"] = html.map(JSON.string)
            written["junit"] = junit.map(JSON.string)
            if options.json {
                Output.result(JSON.object(["run": .string(entry.run.name), "written": .object(written)]).text(.pretty))
            } else {
                Output.result(
                    "Report of run \(entry.run.name): \(written.members.compactMap(\.value.string).joined(separator: ", "))")
            }
            return .done
        }
    }

    /// What others wrote is in it: secrets are taken out, and marks that turn text around are shown.
    private func clean(_ text: String) -> String { Output.visible(Output.redacted(text)) }

    private func writeJUnit(
        _ reported: ReportedRun, _ entry: JournalReader.RunOfJob, _ reader: JournalReader, to path: String
    ) throws {
        let file = try PartialFile(path)
        var effects = JUnitReport.Counts()
        try reader.eachEffect(of: entry.run) { effects.add(outcome($0)) }
        var rows = JUnitReport.Counts()
        for (status, count) in try reader.rowCounts(job: entry.job.id, run: entry.run.id) where status != "succeeded" {
            rows.add(outcome(status, ""), count)
        }
        try file.write(JUnitReport.head + clean(JUnitReport.suite("effects", effects, of: reported)))
        try reader.eachEffect(of: entry.run) { effect in
            let time = effect.at.millisecondsSince1970 - effect.intendedAt.millisecondsSince1970
            try file.write(clean(JUnitReport.testCase(effect.key, of: effect.operation, milliseconds: time, outcome(effect))))
        }
        try file.write(JUnitReport.endOfSuite + clean(JUnitReport.suite("rows that did not succeed", rows, of: reported)))
        var last: JournalReader.RowRecord?
        repeat {
            let page = try reader.unsuccessfulRows(job: entry.job.id, run: entry.run.id, after: last)
            for row in page {
                try file.write(
                    clean(
                        JUnitReport.testCase(
                            "\(row.loop)/\(row.key)", of: "row", milliseconds: nil, outcome(row.status, row.reason))))
            }
            last = page.last
        } while last != nil
        try file.write(JUnitReport.endOfSuite + JUnitReport.tail)
        try file.finish()
    }

    private func outcome(_ effect: RecordedEffect) -> JUnitReport.Outcome {
        let why = effect.detail ?? EffectView.words(effect, isRunning: false)
        return switch effect.outcome {
        case .settled: .passed
        case .declined: .failed(why)
        case .unsent, .absent: .skipped(why)
        case nil, .begun, .inDoubt: .error(why)
        }
    }

    private func outcome(_ status: String, _ reason: String) -> JUnitReport.Outcome {
        switch status {
        case "in_doubt": .error(reason)
        case "not_run": .skipped(reason)
        default: .failed(reason)
        }
    }
}
