import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import Foundation

struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Sign a plan: you have looked at it, and it may be applied.",
        discussion: """
            Examples:
              bursar approve refunds.plan --key ana
              bursar approve refunds.plan --key ana --yes --passphrase-file /run/secrets/ana

            The signature (Ed25519) is over the plan's seal, lies in the plan's file and travels with it. bursar.yaml says whose
            approvals count, and how many are needed.
            """)

    @Argument(help: "The plan's file.", completion: Candidates.plans)
    var plan: String

    @Option(help: "The name of your key; bursar keys list shows them.", completion: Candidates.keyNames)
    var key: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var passphrase: PassphraseOptions

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        do throws(RunFailure) { try approve() } catch { throw end(error) }
    }

    private func approve() throws(RunFailure) {
        var file = try PlanFile(path: plan)
        let entry = try KeysCommand.store.find(key)
        guard !file.approvals.contains(where: { $0.key == entry.publicKey }) else {
            throw RunFailure(.invalid, "\(key) has approved \(plan) already")
        }
        Output.result(PlanView.text(file, width: TerminalWidth.columns, most: 20))
        if file.plan.makerName == key || file.plan.makerKey == entry.publicKey.text {
            Output.error("note: \(key) made this plan, and who makes a plan does not count as its approver")
        }
        if !yes { try ask(file.plan) }
        let signing = try KeysCommand.store.open(key) { () throws(RunFailure) in try passphrase.known(of: key) }
        let (signer, now) = (Holder.current, Timestamp.now)
        let seal = file.seal
        try PlanFile.whileHeld(plan) { () throws(RunFailure) in
            // Others may have approved it meanwhile.
            file = try PlanFile(path: plan)
            guard file.seal == seal else { throw RunFailure(.stale, "\(plan) is another plan now: nothing was signed") }
            guard !file.approvals.contains(where: { $0.key == entry.publicKey }) else {
                throw RunFailure(.invalid, "\(key) has approved \(plan) already")
            }
            try file.approve(with: signing, by: "\(signer.user)@\(signer.host)", at: now)
            try file.replace(plan)
        }
        Output.result("\nApproved by \(key): \(file.seal)")
    }

    private func ask(_ plan: Plan) throws(RunFailure) {
        guard isatty(STDIN_FILENO) == 1 else {
            throw RunFailure(.usage, "there is no terminal to ask on", hint: "--yes approves without asking. Nothing was signed")
        }
        Output.error("Approve this plan of \(plan.toDo) effects? Type yes: ")
        guard readLine()?.trimmingCharacters(in: .whitespaces).lowercased() == "yes" else {
            throw RunFailure(.interrupted, "not approved: nothing was signed")
        }
    }
}
