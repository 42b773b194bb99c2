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
              bursar run refunds.lua input=refunds.csv --world bank.json
              bursar run refunds.lua input=refunds.csv --env sandbox --results out.csv
              bursar plan refunds.lua input=refunds.csv --env production -o refunds.plan
              bursar approve refunds.plan --key ana
              bursar apply refunds.plan
              bursar api list
              bursar api show payments.refund
              bursar sandbox --port 8080
              bursar docs for_each
              bursar runs
              bursar show last
              bursar why 'refunds/p1/payments.refund#1'
              bursar logs last --follow
              bursar report last --html report.html
              bursar doubts
              bursar resolve 'refunds/p1/payments.refund#1' --absent --because "the bank says so"
              bursar journal verify
              bursar schedule add nightly "30 3 * * 1-5" refunds.lua --env sandbox --time-zone America/Santiago
              bursar listen handlers.lua --env sandbox
              bursar trigger payment.settled totalAmount=150.00
              bursar events list --state-of failed
              bursar config --explain
              bursar freeze --because "wrong amounts"
            """,
        version: bursarVersion,
        subcommands: [
            RunCommand.self, PlanCommand.self, DiffCommand.self, ApproveCommand.self, ApplyCommand.self, KeysCommand.self,
            PolicyCommand.self, FreezeCommand.self, ThawCommand.self, ConfigCommand.self, APICommand.self, SandboxCommand.self,
            DocsCommand.self, RunsCommand.self, ShowCommand.self, ReportCommand.self, WhyCommand.self, LogsCommand.self,
            DoubtsCommand.self, ResolveCommand.self, JournalCommand.self, ScheduleCommand.self, ListenCommand.self,
            EventsCommand.self, TriggerCommand.self,
        ])

    static func main() async {
        SignalWatch.survivePolling()
        ProcessMemory.keep()
        // Swift reads them from /proc, and has not even the program's name where that is not mounted.
        guard !CommandLine.arguments.isEmpty else {
            Output.error("error: the command line cannot be read, because /proc is not mounted; mount it")
            Foundation.exit(BursarExit.scriptFailed.rawValue)
        }
        do {
            var command = try parseAsRoot()
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
            let text = fullMessage(for: error)
            if code.isSuccess {
                Output.result(text)
            } else {
                Output.error(text)
            }
            Foundation.exit(code.isSuccess ? 0 : BursarExit.usage.rawValue)
        }
    }
}
