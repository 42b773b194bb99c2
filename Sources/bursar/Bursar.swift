import ArgumentParser
import BursarEngine
import Foundation

@main
struct Bursar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bursar",
        abstract: "Rehearse and run payment operations written as Lua scripts against the Conomy HQ API.",
        discussion: """
            Examples:
              bursar run refunds.lua input=refunds.csv --dry-run
              bursar run refunds.lua input=refunds.csv --env sandbox
              bursar plan refunds.lua input=refunds.csv -o refunds.plan
              bursar approve refunds.plan --key ana
              bursar apply refunds.plan
              bursar api show payments.refund
              bursar docs for_each
              bursar show last
              bursar doubts
              bursar doctor

            What an option means: bursar help COMMAND.
            """,
        version: bursarVersion,
        groupedSubcommands: [
            // By what an operator does, in that order.
            CommandGroup(name: "Write", subcommands: [DocsCommand.self, APICommand.self]),
            CommandGroup(name: "Rehearse", subcommands: [PlanCommand.self, DiffCommand.self, SandboxCommand.self]),
            CommandGroup(name: "Approve", subcommands: [ApproveCommand.self, PolicyCommand.self, KeysCommand.self]),
            CommandGroup(name: "Run", subcommands: [RunCommand.self, ApplyCommand.self, FreezeCommand.self, ThawCommand.self]),
            CommandGroup(
                name: "Look back",
                subcommands: [
                    RunsCommand.self, ShowCommand.self, ReportCommand.self, WhyCommand.self, LogsCommand.self, DoubtsCommand.self,
                    ResolveCommand.self, JournalCommand.self,
                ]),
            CommandGroup(name: "Schedule", subcommands: [ScheduleCommand.self]),
            CommandGroup(name: "Events", subcommands: [ListenCommand.self, EventsCommand.self, TriggerCommand.self]),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    DoctorCommand.self, ConfigCommand.self, CompletionsCommand.self, ManualCommand.self, StubsCommand.self,
                ]),
        ])

    static func main() async {
        StandardStreams.keep()
        SignalWatch.survivePolling()
        ProcessMemory.keep()
        Crash.keepSecrets()
        // Swift reads them from /proc, and has not even the program's name where that is not mounted.
        guard !CommandLine.arguments.isEmpty else {
            Output.error("error: the command line cannot be read, because /proc is not mounted; mount it")
            Foundation.exit(BursarExit.scriptFailed.rawValue)
        }
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            // The library's own code for a wrong command line is 64; ours is 2. Asking for help or the version is no error.
            let code = exitCode(for: error)
            // A shell asks while somebody types: what is wrong then is not said into their line.
            if !code.isSuccess, CommandLine.arguments.dropFirst().first == "---completion" {
                Foundation.exit(BursarExit.usage.rawValue)
            }
            if !code.isSuccess, let failure = UnknownCommand.failure(Array(CommandLine.arguments.dropFirst())) {
                Output.error(FailureView.text(failure))
                Foundation.exit(BursarExit.usage.rawValue)
            }
            let text = fullMessage(for: error)
            if code.isSuccess {
                // The library calls each group's commands subcommands.
                Output.result(text.replacing(" SUBCOMMANDS:\n", with: ":\n"))
            } else {
                Output.error(text)
            }
            Foundation.exit(code.isSuccess ? 0 : BursarExit.usage.rawValue)
        }
    }
}
