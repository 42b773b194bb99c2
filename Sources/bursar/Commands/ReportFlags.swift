import ArgumentParser

/// The files that `run`, `plan` and `apply` write their report to.
struct ReportFlags: ParsableArguments {
    @Option(help: "Write the run's report to this file, as one HTML page.", completion: .file(extensions: ["html"]))
    var reportHtml: String?

    @Option(help: "Write it as JUnit's XML.", completion: .file(extensions: ["xml"]))
    var reportJunit: String?

    @Option(help: "Write it as the document that --json prints.", completion: .file(extensions: ["json"]))
    var reportJson: String?

    @Option(help: "Write its effects, one line each, safe to open in a spreadsheet.", completion: .file(extensions: ["csv"]))
    var reportCsv: String?

    var files: ReportFiles {
        ReportFiles(html: reportHtml, junit: reportJunit, json: reportJson, csv: reportCsv)
    }

    mutating func validate() throws { try files.refuseOneName() }
}
