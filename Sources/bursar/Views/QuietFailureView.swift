import BursarEngine
import Foundation

/// What `--quiet` says of a run that did not end well: a text that stands alone in cron's mail. Others who are told of a run get it, too.
enum QuietFailureView {
    /// Mail is read where it comes to; nothing is known of its width.
    private static let width = 60

    /// - Parameters:
    ///   - note: what the command adds to the summary.
    ///   - places: lines that say where to look, not to be broken.
    ///   - again: the command that does it once more.
    static func text(_ report: RunReport, _ exit: BursarExit, note: String?, places: [String], again: String) -> String {
        let head = "FAILED: \(report.job ?? report.script) in \(report.environment), exit code \(exit.rawValue): \(exit.meaning)"
        var blocks = exit.isSuccess ? [] : [ReportView.wrapped(head, width, indent: 2).joined(separator: "\n")]
        // The summary lists what is wrong with the input.
        if let failure = report.failure, failure.code != "invalid_input" || report.invalidInput == nil {
            blocks.append(lines(FailureView.text(failure)))
        }
        blocks.append(lines(ReportView.text(report, width: width)))
        if let note { blocks.append(lines(note)) }
        let end = places + (isWorthRepeating(exit) ? ["Again: \(again)"] : [])
        if !end.isEmpty { blocks.append(end.joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    /// The same command helps without anything being corrected first.
    private static func isWorthRepeating(_ exit: BursarExit) -> Bool {
        switch exit {
        case .temporary, .inDoubt, .hungUp, .interrupted, .terminated: true
        default: false
        }
    }

    /// This process's command line, to be copied into a shell from anywhere.
    static var again: String {
        let folder = FileManager.default.currentDirectoryPath
        let words = CommandLine.arguments.map(ShellText.quoted).joined(separator: " ")
        return "cd \(ShellText.quoted(folder)) && \(words)"
    }

    private static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { ReportView.wrapped(String($0), width, indent: 4 + $0.prefix { $0 == " " }.count) }
            .joined(separator: "\n")
    }
}
