import ArgumentParser
import BursarEngine

/// Which script is run, on what, and where; shared by `run` and `plan`.
struct ScriptFlags: ParsableArguments {
    @Argument(help: "The script.", completion: .file(extensions: ["lua"]))
    var script: String

    @Argument(help: "The script's arguments, as name=value.", completion: Candidates.scriptArguments)
    var arguments: [NamedValue] = []

    @OptionGroup var target: TargetOptions

    @Option(help: "stop: refuse to start when input has malformed rows; skip: go on without them.")
    var onInvalidRow: OnInvalidRow = .stop

    @Option(help: "Allow scripts to read input beneath this folder, too; may be repeated.")
    var allowRead: [String] = []

    enum OnInvalidRow: String, ExpressibleByArgument, CaseIterable { case stop, skip }

    /// - Throws: `RunFailure` when the configuration or the environment is wrong.
    func options() throws(RunFailure) -> RunOptions {
        var options = try target.options()
        options.arguments = arguments.map { ($0.name, $0.value) }
        options.skipInvalidRows = onInvalidRow == .skip
        options.allowRead = allowRead
        return options
    }
}

/// How a run goes on, and how it is told; shared by `run`, `plan` and `apply`.
struct RunFlags: ParsableArguments {
    @OptionGroup var limits: LimitOptions
    @OptionGroup var log: LogOptions

    @Option(help: "How many rows run beside each other; wins over the script.")
    var parallel: Int?

    @OptionGroup var failures: FailureOptions

    @Option(help: "Write the input with what became of each row to this file; it must not exist.")
    var results: String?

    @OptionGroup var reports: ReportFlags
    @OptionGroup var notices: NoticeFlags

    @Flag(help: "Print one JSON document as the summary.")
    var json = false

    mutating func validate() throws {
        if let parallel, !(1...10_000).contains(parallel) { throw ValidationError("--parallel must be from 1 to 10000.") }
    }

    func apply(to options: inout RunOptions) {
        if let parallel { options.parallel = parallel }
        failures.apply(to: &options)
        options.allowUnconfined = limits.allowUnconfined
        options.resultsPath = results
    }
}
