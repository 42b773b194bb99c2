import ArgumentParser
import BursarEngine
import BursarReport
import ExactJSON

/// The files that a run's report is written to, each in its form.
struct ReportFiles: Sendable {
    enum Form: String { case html, junit, json, csv }

    let paths: [(form: Form, path: String)]

    init(html: String?, junit: String?, json: String?, csv: String?) {
        paths = [(Form.html, html), (.junit, junit), (.json, json), (.csv, csv)].compactMap { form, path in
            path.map { (form, $0) }
        }
    }

    /// - Throws: `ValidationError` when two forms are to be one file.
    func refuseOneName() throws {
        for (index, one) in paths.enumerated() {
            for other in paths.dropFirst(index + 1) where OutputFile.isSame(one.path, other.path) {
                throw ValidationError("\(one.form) and \(other.form) name one file, \(one.path); give each its own.")
            }
        }
    }

    /// Finds out at the beginning whether all can be written at the end.
    /// - Parameter results: the file that the results go to.
    /// - Throws: `RunFailure`.
    func check(besides results: String? = nil) throws(RunFailure) {
        for (form, path) in paths {
            try OutputFile.check(path)
            if let results, OutputFile.isSame(path, results) {
                throw RunFailure(.usage, "the \(form) report and the results name one file, \(path); give each its own")
            }
        }
    }

    /// Writes them, each whole or not at all.
    /// - Throws: `RunFailure`, `JournalError`; the files before the one that failed are written.
    func write(_ content: ReportContent) throws {
        for (form, path) in paths {
            switch form {
            case .html: try OutputFile.write(clean(HTMLReport.text(content.page)), to: path)
            case .json:
                guard let document = content.document else {
                    throw RunFailure(
                        .invalid, "run \(content.page.run) has left no summary: it goes on, or did not come to its end",
                        hint: "bursar show \(content.page.run) --json has what is known of it")
                }
                try OutputFile.write(clean(document.text(.pretty)) + "\n", to: path)
            case .junit: try writeJUnit(content, to: path)
            case .csv: try writeCSV(content, to: path)
            }
        }
    }

    /// What others wrote is in it: secrets are taken out, and marks that turn text around are shown.
    private func clean(_ text: String) -> String { Output.visible(Output.redacted(text)) }

    private func writeJUnit(_ content: ReportContent, to path: String) throws {
        let file = try PartialFile(path)
        try file.write(JUnitReport.head)
        for (name, cases) in [
            ("effects", content.effectCases), ("rows that did not succeed", content.rowCases), ("run", content.runCase),
        ] {
            var counts = JUnitReport.Counts()
            try cases { counts.add($0.outcome) }
            try file.write(clean(JUnitReport.suite(name, counts, of: content.page)))
            try cases {
                try file.write(
                    clean(JUnitReport.testCase($0.name, of: $0.kind, milliseconds: $0.milliseconds, $0.outcome)))
            }
            try file.write(JUnitReport.endOfSuite)
        }
        try file.write(JUnitReport.tail)
        try file.finish()
    }

    private func writeCSV(_ content: ReportContent, to path: String) throws {
        let file = try PartialFile(path)
        func write(_ cells: [String]) throws {
            // The line's own ending is no mark that is to be shown.
            try file.write(clean(String(decoding: CSVWriter.line(cells).dropLast(2), as: UTF8.self)) + "\r\n")
        }
        try write(EffectView.columns)
        try content.effectLines(write)
        try file.finish()
    }
}
