import BursarEngine
import Foundation
import Logging

/// Whom a run tells how it goes. None of them changes how it ends: what cannot be told is a warning in the log.
struct RunNotices: Sendable {
    private let ping: Ping?
    private let command: FailureCommand?
    private let metrics: MetricsFile?

    /// - Throws: `RunFailure` when one of them cannot be right.
    init(_ flags: NoticeFlags) throws(RunFailure) {
        guard !flags.noNotices else {
            (ping, command, metrics) = (nil, nil, nil)
            return
        }
        ping = flags.ping.flatMap(Ping.init)
        command = flags.onFailure.map(FailureCommand.init)
        metrics = try flags.metricsFile.map { path throws(RunFailure) in try MetricsFile(path) }
    }

    /// The run has begun. Not waited for.
    func begin() { ping?.start() }

    /// The run has ended. Where the task is cancelled nobody is waited for any more.
    /// - Parameter isHurried: it was told to stop, and must be gone soon.
    func end(_ end: EndOfRun, isHurried: Bool, _ logger: Logger?) async {
        var problems: [String] = []
        // A job that another runner holds is that runner's to tell of.
        if end.exit != .heldByAnother {
            if let problem = await metrics?.add(end) { problems.append(problem) }
            if let problem = await ping?.end(end, isHurried: isHurried) { problems.append(problem) }
        }
        if !end.exit.isSuccess, let problem = await command?.run(end, isHurried: isHurried || Task.isCancelled) {
            problems.append(problem)
        }
        for problem in problems { logger?.warning("not everybody was told", metadata: ["problem": "\(problem)"]) }
    }
}

/// How a run ended, for those who were not there.
struct EndOfRun: Sendable {
    let script: String
    let exit: BursarExit
    /// What failed, and what came of it, as people read it: secrets are taken out.
    let text: String
    /// The last lines of its log, without secrets, too.
    let log: [String]
    /// Nil of a run that could not begin.
    let report: RunReport?

    /// - Parameter text: as it is printed.
    init(_ script: String, _ exit: BursarExit, _ text: String, log: LogTail, _ report: RunReport? = nil) {
        self.script = script
        self.exit = exit
        self.text = Output.visible(Output.redacted(text))
        self.log = log.last
        self.report = report
    }

    /// The job's name; the script's where it never came to say one.
    var job: String { report?.job ?? ((script as NSString).lastPathComponent as NSString).deletingPathExtension }

    /// The text and the end of the log, within so many bytes; of the text the beginning counts, of the log the end.
    func body(most: Int) -> String {
        let text = EndOfRun.cut(text, most: most * 2 / 3)
        var (lines, left) = ([String](), most - text.utf8.count - 100)
        for line in log.reversed() {
            left -= line.utf8.count + 1
            guard left > 0 else { break }
            lines.append(line)
        }
        return lines.isEmpty ? text : text + "\n\nThe end of its log:\n" + lines.reversed().joined(separator: "\n")
    }

    private static func cut(_ text: String, most: Int) -> String {
        guard text.utf8.count > most else { return text }
        return String(decoding: text.utf8.prefix(most), as: UTF8.self) + " ..."
    }
}
