import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import Dispatch
import ExactJSON
import Foundation
import Logging
import Synchronization

/// One run from the command line to its exit code, whatever command it is for.
struct Execution {
    let flags: RunFlags
    /// The journal's folder, where somebody named one.
    let state: String?
    /// Exit with 4 when a rehearsal finds effects.
    var detailedExitCode = false
    private let runLog = RunLog()
    private let tail = LogTail()

    init(flags: RunFlags, state: String?, detailedExitCode: Bool = false) {
        self.flags = flags
        self.state = state
        self.detailedExitCode = detailedExitCode
    }

    /// What a command adds to the end of its run.
    struct Ending {
        var exit: BursarExit
        /// A line below the summary.
        var note: String?
        /// Members of the summary's document.
        var members: JSONObject = [:]
    }

    /// Runs a script, prints what came of it, and ends the command.
    /// - Parameters:
    ///   - options: all that the command's own flags say; it may throw `RunFailure`.
    ///   - finish: what is left to do once the run has ended.
    /// - Throws: `ExitCode`.
    func perform(
        _ script: String, _ options: () throws -> RunOptions,
        finish: (RunReport, BursarExit) throws(RunFailure) -> Ending = { Ending(exit: $1) }
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let run: Run
        let journal: JournalFolder?
        let notices: RunNotices
        let logger: Logger
        do throws(RunFailure) { notices = try RunNotices(flags.notices) } catch { throw await refuse(error, of: script) }
        do throws(RunFailure) { logger = try flags.log.logger(runLog: runLog, tail: tail) } catch {
            throw await refuse(error, of: script) { await notices.end($0, isHurried: false, nil) }
        }
        // Others are told when the run has ended, which may take its time: a signal ends that, too.
        let telling = Mutex<Task<Void, Never>?>(nil)
        do {
            try flags.reports.files.check(besides: flags.results)
            (run, journal) = try prepare(script, notices, logger, options)
        } catch let failure as RunFailure {
            throw await refuse(failure, of: script) { await notices.end($0, isHurried: false, logger) }
        }
        let signals = SignalWatch(
            notice: "stopping: no new rows; those in flight end (once more to stop at once)",
            tell: { Output.error(StatusView.text(run.status)) }
        ) {
            run.stop()
            telling.withLock { $0?.cancel() }
        }
        let tellOthers: @Sendable (EndOfRun) async -> Void = { end in
            let isHurried = signals.received != nil
            let told = Task { await notices.end(end, isHurried: isHurried, logger) }
            telling.withLock { $0 = told }
            // One that came just before that line has cancelled nothing.
            if !isHurried, signals.received != nil { told.cancel() }
            await told.value
        }
        let progress = flags.log.quiet ? nil : ProgressView(run.observer)
        let report: RunReport
        let ending: Ending
        do throws(RunFailure) {
            report = try await run.execute { [detailedExitCode] report in
                Int(BursarExit(report, detailed: detailedExitCode, signal: signals.received).rawValue)
            }
            ending = try finish(report, BursarExit(report, detailed: detailedExitCode, signal: signals.received))
        } catch {
            progress?.end()
            throw await refuse(error, of: script, telling: tellOthers)
        }
        progress?.end()
        tell(report, ending, journal)
        var exit = ending.exit
        if let lost = writeReports({ try content(report, ending.exit, journal) }, report.failure) {
            Output.error(FailureView.text(lost))
            if exit == .done { exit = .scriptFailed }
        }
        if let loss = Output.loss {
            Output.error("error: standard output could not take everything: \(loss)")
            if exit == .done { exit = .scriptFailed }
        }
        let text = QuietFailureView.text(
            report, exit, note: ending.note, places: places(report, journal), again: QuietFailureView.again)
        await tellOthers(EndOfRun(script, exit, text, log: tail, report))
        throw ExitCode(exit.rawValue)
    }

    private func tell(_ report: RunReport, _ ending: Ending, _ journal: JournalFolder?) {
        let isQuiet = flags.log.quiet
        let isSilent = isQuiet && ending.exit.isSuccess
        if flags.json {
            let members = (report.json.object ?? [:]).members + ending.members.members
            Output.result(JSON.object(JSONObject(members.map { ($0.key, $0.value) })).text(.pretty))
        } else if report.failure?.kind == .usage || report.failure?.code == "spent" {
            // Nothing ran; the error says it all.
        } else if isQuiet, !isSilent {
            // Also what is wrong is no result: it goes where cron's mail and a log take it from.
            return Output.error(
                QuietFailureView.text(
                    report, ending.exit, note: ending.note, places: places(report, journal), again: QuietFailureView.again))
        } else if !isSilent {
            Output.result(ReportView.text(report, width: TerminalWidth.columns))
            if let note = ending.note { Output.result("\n" + note) }
        }
        // The summary has listed what is wrong with the input.
        if let failure = report.failure, failure.code != "invalid_input" || report.invalidInput == nil {
            Output.error(FailureView.text(failure))
        }
    }

    /// Where the run can be looked at, as lines for people.
    private func places(_ report: RunReport, _ journal: JournalFolder?) -> [String] {
        var lines: [String] = []
        if let run = report.run, let journal {
            // Also from another folder than the run's.
            lines.append("Look:  bursar show --state \(ShellText.quoted(journal.path)) \(run)")
            lines.append("Log:   \(journal.log(ofRun: run))")
        }
        if let file = flags.log.logFile { lines.append("Log:   \(URL(fileURLWithPath: file).standardizedFileURL.path)") }
        return lines
    }

    /// Tells why there was no run. With --json there is a document also then, and so is every report.
    /// - Parameter telling: tells others of it.
    func refuse(_ failure: RunFailure, of script: String, telling: (EndOfRun) async -> Void = { _ in }) async -> ExitCode {
        let document = FailureView.document(kind: failure.kind.rawValue, message: failure.message, hint: failure.hint)
        if flags.json { Output.result(document.text(.pretty)) }
        let code = end(failure)
        let now = Timestamp.now
        if let lost = writeReports({ ReportContent(failure, script: script, document: document, now: now) }, failure) {
            Output.error(FailureView.text(lost))
        }
        let text = "\(FailureView.text(failure))\nAgain: \(QuietFailureView.again)"
        await telling(EndOfRun(script, BursarExit(failure), text, log: tail))
        return code
    }

    /// - Parameter failure: the run's.
    /// - Returns: why not all could be written.
    private func writeReports(_ content: () throws -> ReportContent, _ failure: RunFailure?) -> RunFailure? {
        let files = flags.reports.files
        // A report of a job that another runner holds is that runner's to write.
        guard !files.paths.isEmpty, failure?.kind != .held, failure?.code != Execution.overwrites else { return nil }
        do { try files.write(content()) } catch let failure as RunFailure { return failure } catch let error as JournalError {
            return RunFailure(error)
        } catch { return RunFailure(.journal, "the report could not be written: \(error)") }
        return nil
    }

    /// A job that was done before has the report of the run that did it.
    private func content(_ report: RunReport, _ exit: BursarExit, _ journal: JournalFolder?) throws -> ReportContent {
        guard let journal, let name = report.doneBefore?.run ?? report.run else { return ReportContent(report, exit) }
        do {
            let reader = try JournalReader(folder: journal)
            if let entry = try reader.run(named: name) { return try ReportContent(entry, reader) }
        } catch {
            // Where the run has failed by its journal, what it knows itself is all there is.
            guard report.failure != nil else { throw error }
        }
        return ReportContent(report, exit)
    }

    private static let overwrites = "overwrites"

    /// - Parameter inputs: the script, and what may be names of its files.
    /// - Throws: `RunFailure` when something is to be written to one of them.
    private func refuseOverwriting(_ inputs: [String]) throws(RunFailure) {
        let files = inputs.filter { FileManager.default.fileExists(atPath: $0) }
        let outputs = flags.reports.files.paths.map(\.path) + [flags.log.logFile, flags.results].compactMap(\.self)
        for path in outputs {
            guard let file = files.first(where: { OutputFile.isSame($0, path) }) else { continue }
            throw RunFailure(
                .invalid, code: Execution.overwrites, "\(path) would be written over \(file), which the run reads",
                hint: "name another file")
        }
    }

    /// - Returns: the run, and the journal's folder where it is recorded in one.
    private func prepare(_ script: String, _ notices: RunNotices, _ logger: Logger, _ make: () throws -> RunOptions) throws -> (
        Run, JournalFolder?
    ) {
        let file = try ScriptFile(path: script)
        // It gets ready while the rest is read.
        let process = try flags.limits.startProcess()
        var options = try make()
        let credentials = try options.findCredentials()
        flags.apply(to: &options)
        try refuseOverwriting([script] + options.arguments.map(\.value))
        try options.guardEffects(credentials, state: state)
        options.redaction = Output.redaction
        options.commandLine = CommandLine.arguments.map(ShellText.quoted).joined(separator: " ")
        var journal: JournalFolder?
        if case .folder(let folder) = options.job.place, !options.isRehearsal { journal = folder }
        if journal == nil { runLog.open(nil) }
        options.began = { [journal] run in
            if let journal { runLog.open(run.map(journal.log(ofRun:))) }
            notices.begin()
        }
        let printsEmitted = !flags.json
        let observer = RunObserver(logger: logger, resultsPath: options.resultsPath) { value in
            if printsEmitted { Output.result(value.text()) }
        }
        let run = Run(
            script: file, options: options, process: process, credentials: credentials, observer: observer, logger: logger,
            trace: flags.log.traceHTTP ? TraceLog.make(logger) : nil)
        return (run, journal)
    }
}
