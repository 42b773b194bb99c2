import ArgumentParser
import BursarEngine
import BursarJournal
import Dispatch
import ExactJSON
import Foundation

/// One run from the command line to its exit code, whatever command it is for.
struct Execution {
    let flags: RunFlags
    /// The journal's folder, where somebody named one.
    let state: String?
    /// Exit with 4 when a rehearsal finds effects.
    var detailedExitCode = false

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
        do {
            run = try prepare(script, options)
        } catch let failure as RunFailure {
            throw refuse(failure)
        } catch let problem as UsageProblem {
            throw end(problem)
        }
        let signals = SignalWatch(
            notice: "stopping: no new rows; those in flight end (once more to stop at once)",
            tell: { Output.error(StatusView.text(run.status)) }
        ) { run.stop() }
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
            throw refuse(error)
        }
        progress?.end()
        tell(report, ending)
        if let loss = Output.loss {
            Output.error("error: standard output could not take everything: \(loss)")
            throw ExitCode(ending.exit == .done ? BursarExit.scriptFailed.rawValue : ending.exit.rawValue)
        }
        throw ExitCode(ending.exit.rawValue)
    }

    private func tell(_ report: RunReport, _ ending: Ending) {
        let isSilent = flags.log.quiet && (ending.exit == .done || ending.exit == .effectsFound)
        if flags.json {
            let members = (report.json.object ?? [:]).members + ending.members.members
            Output.result(JSON.object(JSONObject(members.map { ($0.key, $0.value) })).text(.pretty))
        } else if report.failure?.kind == .usage || report.failure?.code == "spent" {
            // Nothing ran; the error says it all.
        } else if !isSilent {
            Output.result(ReportView.text(report, width: TerminalWidth.columns))
            if let note = ending.note { Output.result("\n" + note) }
        }
        // The summary has listed what is wrong with the input.
        if let failure = report.failure, failure.code != "invalid_input" || report.invalidInput == nil {
            Output.error(FailureView.text(failure))
        }
    }

    /// Tells why there was no run. With --json there is a document also then.
    func refuse(_ failure: RunFailure) -> ExitCode {
        if flags.json {
            Output.result(
                FailureView.document(kind: failure.kind.rawValue, message: failure.message, hint: failure.hint).text(.pretty))
        }
        return end(failure)
    }

    private func prepare(_ script: String, _ make: () throws -> RunOptions) throws -> Run {
        let file = try ScriptFile(path: script)
        // It gets ready while the rest is read.
        let process = try flags.limits.startProcess()
        var options = try make()
        let credentials = try options.findCredentials()
        flags.apply(to: &options)
        try options.guardEffects(credentials, state: state)
        options.redaction = Output.redaction
        options.commandLine = CommandLine.arguments.joined(separator: " ")
        let runLog = RunLog()
        if case .folder(let folder) = options.job.place, !options.isRehearsal {
            options.began = { run in runLog.open(run.map(folder.log(ofRun:))) }
        } else {
            runLog.open(nil)
        }
        let logger = try flags.log.logger(runLog: runLog)
        let printsEmitted = !flags.json
        let observer = RunObserver(logger: logger, resultsPath: options.resultsPath) { value in
            if printsEmitted { Output.result(value.text()) }
        }
        return Run(
            script: file, options: options, process: process, credentials: credentials, observer: observer, logger: logger,
            trace: flags.log.traceHTTP ? TraceLog.make(logger) : nil)
    }
}
