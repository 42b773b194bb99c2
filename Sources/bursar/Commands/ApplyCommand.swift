import ArgumentParser
import BursarEngine

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Do exactly what a plan says, once.",
        discussion: """
            Examples:
              bursar apply refunds.plan
              bursar apply refunds.plan --results out.csv

            The script runs again with the plan's arguments, seed and time. An effect that the plan does not have, or has
            differently, is refused and ends the run. Before an effect is sent, what it rested on is read again: where that has
            changed, the row is set aside as drifted, and the others go on. A run that was cut off is finished by applying
            the plan again; a plan that was applied is spent.

            Exit codes: those of run; 11 the plan waits for approval, 13 something is not as the plan has it, or it is spent.
            """)

    @Argument(help: "The plan's file.", completion: Candidates.plans)
    var plan: String

    @Option(help: "The script, where it is not where the plan found it.", completion: .file(extensions: ["lua"]))
    var script: String?

    @OptionGroup var target: TargetOptions
    @OptionGroup var journal: JournalOptions

    @Option(help: "Wait this long, such as 10m, for another runner of the plan; without it, exit with 14.")
    var wait: String?

    @OptionGroup var flags: RunFlags

    mutating func validate() throws {
        if let wait, Span.read(wait) == nil {
            throw ValidationError("--wait \(wait) is no length of time; write 30s, 10m or 2h.")
        }
        for (flag, isGiven) in [
            ("--seed", target.seed != nil), ("--world", target.world != nil), ("--faults", target.faults != nil),
        ] where isGiven {
            throw ValidationError("\(flag) is the plan's to say: make a plan with it.")
        }
    }

    func run() async throws {
        let file: PlanFile
        do throws(RunFailure) { file = try PlanFile(path: plan) } catch {
            throw await Execution(flags: flags, state: journal.chosen).refuse(error, of: plan)
        }
        try await Execution(flags: flags, state: journal.chosen).perform(script ?? file.plan.script.path) {
            var options = try target.options(or: file.plan.environment.name)
            options.job.patience = wait.flatMap { Span.read($0) } ?? .zero
            options.apply(file)
            if journal.chosen != nil || !options.target.isLocal {
                options.job.place = .folder(try journal.folder(configurationPath: options.configurationPath))
            }
            return options
        }
    }
}
