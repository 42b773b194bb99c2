import ArgumentParser
import BursarEngine
import BursarJournal
import Dispatch
import ExactJSON
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a script, or rehearse it.",
        discussion: """
            Examples:
              bursar run refunds.lua input=refunds.csv --dry-run
              bursar run refunds.lua input=refunds.csv --env sandbox --results out.csv

            Exit codes: 0 done, 1 the script failed, 2 usage, 3 invalid script, input or configuration, 4 a rehearsal found
            effects (with --detailed-exit-code), 5 temporary, 6 some rows failed, 7 credentials, 8 refused, 10 limit reached,
            12 effects in doubt or unreconciled, or a damaged journal, 14 another runner holds the job, 130/143 stopped by a signal.

            SIGUSR1 makes a run say on standard error how it goes (kill -USR1 PID).
            """)

    @Argument(help: "The script.", completion: .file(extensions: ["lua"]))
    var script: String

    @Argument(help: "The script's arguments, as name=value.")
    var arguments: [NamedValue] = []

    @OptionGroup var target: TargetOptions
    @OptionGroup var job: JobFlags
    @OptionGroup var limits: LimitOptions
    @OptionGroup var log: LogOptions

    @Flag(help: "Rehearse: nothing is written to the target.")
    var dryRun = false

    @Flag(help: "With --dry-run, exit with 4 when there would be effects.")
    var detailedExitCode = false

    @Option(help: "How many rows run beside each other; wins over the script.")
    var parallel: Int?

    @OptionGroup var failures: FailureOptions

    @Option(help: "Write the input with what became of each row to this file; it must not exist.")
    var results: String?

    @Option(help: "stop: refuse to start when input has malformed rows; skip: go on without them.")
    var onInvalidRow: OnInvalidRow = .stop

    @Option(help: "Allow scripts to read input beneath this folder, too; may be repeated.")
    var allowRead: [String] = []

    @Flag(help: "Print one JSON document as the summary.")
    var json = false

    enum OnInvalidRow: String, ExpressibleByArgument, CaseIterable { case stop, skip }

    mutating func validate() throws {
        if let parallel, !(1...10_000).contains(parallel) { throw ValidationError("--parallel must be from 1 to 10000.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let run: Run
        do {
            run = try prepare()
        } catch let failure as RunFailure {
            printFailure(failure)
            throw end(failure)
        } catch let problem as UsageProblem {
            throw end(problem)
        }
        let signals = SignalWatch(
            notice: "stopping: no new rows; those in flight end (once more to stop at once)",
            tell: { Output.error(StatusView.text(run.status)) }
        ) { run.stop() }
        let progress = log.quiet ? nil : ProgressView(run.observer)
        let report: RunReport
        do throws(RunFailure) {
            report = try await run.execute { [detailedExitCode] report in
                Int(BursarExit(report, detailed: detailedExitCode, signal: signals.received).rawValue)
            }
        } catch {
            progress?.end()
            printFailure(error)
            throw end(error)
        }
        progress?.end()
        let exit = BursarExit(report, detailed: detailedExitCode, signal: signals.received)
        let isSilent = log.quiet && (exit == .done || exit == .effectsFound)
        if json {
            Output.result(report.json.text(.pretty))
        } else if report.failure?.kind == .usage {
            // Nothing ran; the error says it all.
        } else if !isSilent {
            Output.result(ReportView.text(report, width: TerminalWidth.columns))
        }
        // The summary has listed what is wrong with the input.
        if let failure = report.failure, failure.code != "invalid_input" || report.invalidInput == nil {
            Output.error(FailureView.text(failure))
        }
        if let loss = Output.loss {
            Output.error("error: standard output could not take everything: \(loss)")
            throw ExitCode(exit == .done ? BursarExit.scriptFailed.rawValue : exit.rawValue)
        }
        throw ExitCode(exit.rawValue)
    }

    /// With --json there is a document in every case, also when the run could not begin.
    private func printFailure(_ failure: RunFailure) {
        guard json else { return }
        Output.result(
            JSON.object(["ok": false, "failure": ["kind": .string(failure.kind.rawValue), "message": .string(failure.message)]])
                .text(.pretty))
    }

    private func prepare() throws -> Run {
        let file = try ScriptFile(path: script)
        // It gets ready while the rest is read.
        let process = try limits.startProcess()
        var options = try target.options()
        let credentials = try options.findCredentials()
        options.arguments = arguments.map { ($0.name, $0.value) }
        options.isRehearsal = dryRun
        if let parallel { options.parallel = parallel }
        failures.apply(to: &options)
        options.allowUnconfined = limits.allowUnconfined
        options.skipInvalidRows = onInvalidRow == .skip
        options.allowRead = allowRead
        options.redaction = Output.redaction
        options.resultsPath = results
        options.job = try job.options(options.target, configurationPath: options.configurationPath)
        try options.guardEffects(credentials, state: job.journal.chosen)
        options.commandLine = CommandLine.arguments.joined(separator: " ")
        let runLog = RunLog()
        if case .folder(let folder) = options.job.place, !dryRun {
            options.began = { run in runLog.open(run.map(folder.log(ofRun:))) }
        } else {
            runLog.open(nil)
        }
        let logger = try log.logger(runLog: runLog)
        let printsEmitted = !json
        let observer = RunObserver(logger: logger, resultsPath: results) { value in
            if printsEmitted { Output.result(value.text()) }
        }
        return Run(
            script: file, options: options, process: process, credentials: credentials, observer: observer, logger: logger,
            trace: log.traceHTTP ? TraceLog.make(logger) : nil)
    }
}
