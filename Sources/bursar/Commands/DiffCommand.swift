import ArgumentParser
import BursarEngine
import ExactJSON
import Foundation

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two plans: effects added, removed and changed, and what they were made of.",
        discussion: """
            Examples:
              bursar diff yesterday.plan today.plan
              bursar diff yesterday.plan today.plan --json

            Exit codes: 0 the plans are the same, 1 they differ.
            """)

    @Argument(help: "A plan's file.", completion: Candidates.plans)
    var before: String

    @Argument(help: "Another one's.", completion: Candidates.plans)
    var after: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let difference: PlanDifference
        do throws(RunFailure) {
            difference = PlanDifference(try PlanFile(path: before).plan, try PlanFile(path: after).plan)
        } catch { throw end(error) }
        Output.result(
            json ? difference.json.text(.pretty) : PlanDifferenceView.text(difference, width: TerminalWidth.columns))
        if !difference.isEmpty { throw ExitCode(1) }
    }
}
