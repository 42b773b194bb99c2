public import ArgumentParser
public import BursarEngine

/// How many failures, and which, a run goes on after.
struct FailureOptions: ParsableArguments {
    @Option(help: "End once more rows of a loop than this have failed, such as 10 or 5%; wins over the script.")
    var maxFailures: FailureBound?

    @Option(
        help: ArgumentHelp(
            "End at the first row that fails like this; may be repeated.",
            discussion: """
                declined: the API said no. refused: Bursar said no. in_doubt: sent without a trustworthy answer. unreachable: the \
                API could not be reached. failed: anything else. Rows in flight end; the exit code is 10, or 12 where \
                effects are in doubt. Credentials that are not accepted end every run.
                """))
    var stopOn: [FailureClass] = []

    @Option(help: "How long calls wait for an API that does not answer before the run ends, such as 15m, 2h or 0s.")
    var patience: String?

    mutating func validate() throws {
        if let patience, Span.read(patience) == nil {
            throw ValidationError("--patience \(patience) is no length of time of at most 30 days; write 90s, 15m or 2h.")
        }
    }

    func apply(to options: inout RunOptions) {
        options.maxFailures = maxFailures
        options.stopOn = Set(stopOn)
        if let patience { options.patience = Span.read(patience) }
    }
}

extension FailureBound: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension FailureClass: ExpressibleByArgument {}
