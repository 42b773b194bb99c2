import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a run's report to files: one HTML page, JUnit's XML, JSON, or CSV.",
        discussion: """
            Examples:
              bursar report last --html report.html
              bursar report 4f2a --junit report.xml

            The page loads nothing from elsewhere. In JUnit's XML each effect is a case, each row that did not succeed, and the run:
            a failure is what the API or a check refused, an error is what may or may not have happened. bursar run writes the same
            at its end with --report-html and its kin.
            """)

    @Argument(help: "The run's name, a part of it that only one has, or last.", completion: Candidates.runs)
    var run: String

    @Option(help: "Write one HTML page to this file.", completion: .file(extensions: ["html"]))
    var html: String?

    @Option(help: "Write JUnit's XML to this file.", completion: .file(extensions: ["xml"]))
    var junit: String?

    @Option(help: "Write the run's summary to this file, as run --json prints it.", completion: .file(extensions: ["json"]))
    var jsonFile: String?

    @Option(
        help: "Write its effects to this file, one line each, safe to open in a spreadsheet.",
        completion: .file(extensions: ["csv"]))
    var csv: String?

    private var files: ReportFiles { ReportFiles(html: html, junit: junit, json: jsonFile, csv: csv) }

    @OptionGroup var options: LookBackOptions

    mutating func validate() throws {
        guard !files.paths.isEmpty else {
            throw ValidationError("Say what to write: --html FILE, --junit FILE, --json-file FILE, --csv FILE, or several.")
        }
        try files.refuseOneName()
    }

    func run() async throws {
        try await options.look { reader in
            try files.check()
            let entry = try reader.find(run: run)
            try files.write(ReportContent(entry, reader))
            if options.json {
                let written = JSONObject(files.paths.map { ($0.form.rawValue, JSON.string($0.path)) })
                Output.result(JSON.object(["run": .string(entry.run.name), "written": .object(written)]).text(.pretty))
            } else {
                Output.result("Report of run \(entry.run.name): \(files.paths.map(\.path).joined(separator: ", "))")
            }
            return .done
        }
    }
}
