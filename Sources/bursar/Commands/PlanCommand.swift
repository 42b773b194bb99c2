import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON
import Foundation

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Rehearse a script, and seal what it would do in a file that can be read, approved and applied once.",
        discussion: """
            Examples:
              bursar plan refunds.lua input=refunds.csv --env production -o refunds.plan
              bursar show refunds.plan
              bursar approve refunds.plan --key ana
              bursar apply refunds.plan

            Nothing is written to the target. Rows that would be declined or refused are in the plan, too: they will be
            answered so when it is applied. A rehearsal that fails as a whole makes no plan.

            Exit codes: those of run --dry-run, but 0 when rows would fail; 4 when there is something to apply (with
            --detailed-exit-code).
            """)

    @OptionGroup var script: ScriptFlags

    @Option(name: .shortAndLong, help: "Write the plan to this file; it must not exist.")
    var output: String

    @Option(help: "The public key (bursar keys export) of whoever makes the plan: it will not count as an approval of it.")
    var makerKey: String?

    @Flag(help: "Exit with 4 when there is something to apply.")
    var detailedExitCode = false

    @OptionGroup var journal: JournalOptions
    @OptionGroup var flags: RunFlags

    mutating func validate() throws {
        // As keys export prints it, the name before the key.
        if let text = makerKey, let start = text.range(of: "ed25519:")?.lowerBound {
            makerKey = String(text[start...].prefix { $0 != "\"" && $0 != "," && $0 != " " })
        }
        if let makerKey, PublicKey(makerKey) == nil {
            throw ValidationError("--maker-key \(makerKey) is no public key; bursar keys export NAME prints one.")
        }
    }

    func run() async throws {
        try await Execution(flags: flags, state: journal.chosen, detailedExitCode: detailedExitCode).perform(script.script) {
            try PlanFile.checkPlace(output)
            var options = try script.options()
            options.isRehearsal = true
            let place = try journal.folder(configurationPath: options.configurationPath).path
            options.plan = .makes(key: makerKey, journal: journal.chosen == nil && options.target.isLocal ? nil : place)
            return options
        } finish: { report, exit throws(RunFailure) in
            guard let plan = report.plan else { return Execution.Ending(exit: exit) }
            let file = PlanFile(plan)
            try file.create(output)
            return Execution.Ending(
                exit: detailedExitCode && plan.toDo > 0 ? .effectsFound : .done,
                note: "Plan: \(output), \(file.seal)\nNext: bursar show \(ShellText.quoted(output)), then bursar apply.",
                members: [
                    "plan": [
                        "file": .string(output), "seal": .string(file.seal), "effects": .integer(plan.effects.count),
                        "to_do": .integer(plan.toDo),
                    ]
                ])
        }
    }
}
