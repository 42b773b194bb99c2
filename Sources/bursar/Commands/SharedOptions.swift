import ArgumentParser
import BursarEngine
import ConomyClient
import Foundation
import Logging

/// Where calls go, and how loudly; shared by all commands that perform any.
struct TargetOptions: ParsableArguments {
    @Option(
        name: .customLong("env"),
        help: "Where calls go: local (embedded simulator), sandbox, production, or a name from bursar.yaml.",
        completion: Candidates.environments)
    var environment: String?

    @Option(help: "The opening state of the embedded simulator, a JSON file.", completion: .file(extensions: ["json"]))
    var world: String?

    @Option(
        help: "What goes wrong in the embedded simulator on purpose, a JSON file; see bursar docs faults.",
        completion: .file(extensions: ["json"]))
    var faults: String?

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    @Option(help: "The most requests a second.")
    var rate: Int?

    @Option(help: "Ids and random numbers come from this number; the same seed repeats them.")
    var seed: UInt64?

    mutating func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be at least 1.") }
    }

    /// - Parameter planned: the environment where `--env` names none.
    /// - Throws: `RunFailure` when the configuration or the environment is wrong.
    func options(or planned: String? = nil) throws(RunFailure) -> RunOptions { try read(or: planned).options }

    /// The same, with what was read from files.
    func read(or planned: String? = nil) throws(RunFailure) -> (configuration: Configuration, options: RunOptions) {
        let folder = FileManager.default.currentDirectoryPath
        let target: TargetEnvironment
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try TargetOptions.configuration(configurationPath)
            target = try TargetEnvironment(named: environment ?? planned ?? Setting.environment.text, in: configuration)
        } catch { throw RunFailure(.invalid, error.description) }
        var options = RunOptions(
            target: target, workingFolder: folder,
            seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)))
        options.worldPath = world
        options.faultsPath = faults
        let rateOfVariable = try Setting.rate.number(most: 1_000_000)
        options.requestsPerSecond = rate ?? rateOfVariable
        options.parallel = try Setting.parallel.number(most: 10_000)
        options.patience = try Setting.patience.span()
        options.configurationPath = configuration.path
        return (configuration, options)
    }

    /// - Parameter path: what `--config` names.
    static func configuration(_ path: String?) throws(ConfigurationError) -> Configuration {
        try Configuration(
            path: path ?? Setting.configuration.text, searchingFrom: FileManager.default.currentDirectoryPath,
            environment: ProcessInfo.processInfo.environment)
    }
}

struct LogOptions: ParsableArguments {
    @Flag(help: "Print nothing on success.")
    var quiet = false

    @Option(help: "trace, debug, info, warning or error.")
    var logLevel: LogLevel = .info

    @Option(help: "text or json.")
    var logFormat: LineLogHandler.Format = .text

    @Option(help: "Append log lines to this file, too. Once it is full it becomes FILE.1, and that FILE.2.")
    var logFile: String?

    @Option(help: "When it is full, such as 10M; 0 lets it grow.")
    var logFileSize = "100M"

    @Option(help: "How many older files are kept beside it.")
    var logFileOlder = 5

    @Flag(name: .customLong("trace-http"), help: "Log every request and answer, with secrets taken out.")
    var traceHTTP = false

    mutating func validate() throws {
        guard logFileSize == "0" || ByteSize.read(logFileSize) != nil else {
            throw ValidationError("--log-file-size \(logFileSize) is no size from 1M to 64G; write 10M or 1G, or 0 for no end.")
        }
        guard (0...1000).contains(logFileOlder) else { throw ValidationError("--log-file-older must be from 0 to 1000.") }
    }

    /// - Throws: `RunFailure` when the log file cannot be opened.
    func logger(runLog: RunLog? = nil, tail: LogTail? = nil) throws(RunFailure) -> Logger {
        let limits = LogFile.Limits(size: ByteSize.read(logFileSize), older: logFileOlder)
        var handler = LineLogHandler(
            format: logFormat, file: try logFile.map { path throws(RunFailure) in try LogFile(path: path, limits: limits) },
            isQuiet: quiet, logLevel: traceHTTP ? min(logLevel.level, .debug) : logLevel.level)
        handler.runLog = runLog
        handler.tail = tail
        let ready = handler
        return Logger(label: "bursar") { _ in ready }
    }
}

/// How much is said; the words of the logging library that people need.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, warning, error

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

extension LineLogHandler.Format: ExpressibleByArgument {}

/// `name=value` on the command line.
struct NamedValue: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

/// Prints why a command could not do what it was asked, and ends it with the code that says so.
func end(_ failure: RunFailure) -> ExitCode {
    Output.error(FailureView.text(failure))
    return ExitCode(BursarExit(failure).rawValue)
}
