import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ConomySimulator
import Foundation

struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Send a made-up, signed event to a listener.",
        discussion: """
            Examples:
              bursar trigger payment.settled id=65b0a1000000000000000201 totalAmount=150.00
              bursar trigger Transaction.Captured --to http://127.0.0.1:9001/
              bursar trigger payment.settled --print

            It has the form that the contract has for it, and is signed with CONOMY_WEBHOOK_SECRET.
            """)

    @Argument(help: "The event.", completion: .list(WebhookMessage.knownTypes))
    var event: String

    @Argument(help: "Fields of its payment or customer, as name=value.")
    var fields: [NamedValue] = []

    @Option(name: .customLong("to"), help: "The listener's address.")
    var url = "http://127.0.0.1:9000/"

    @Flag(name: .customLong("print"), help: "Print what would be sent, and send nothing.")
    var prints = false

    func validate() throws { try WebAddress.check(url, of: "--to") }

    func run() async throws {
        do {
            let secret = ProcessInfo.processInfo.environment[RunCredentials.webhookVariable] ?? ""
            guard !secret.isEmpty else {
                throw RunFailure(
                    .credentials, "\(RunCredentials.webhookVariable) is not set",
                    hint: "give it the value that the listener has; any will do for one of your own")
            }
            let sample: SampleEvent
            do throws(OrderError) {
                // Of two, the first: a listener takes both.
                sample = try SampleEvent(
                    event, fields: fields.map { ($0.name, $0.value) }, secret: String(secret.prefix { $0 != "," }),
                    now: Timestamp.now)
            } catch {
                throw RunFailure(
                    .usage, "\(error.path) \(error.problem)",
                    hint: "the events are \(WebhookMessage.knownTypes.sorted().joined(separator: ", "))")
            }
            if prints {
                if let signature = sample.signature { Output.result("\(signature.name): \(signature.value)\n") }
                Output.result(sample.body)
                return
            }
            let answer: (status: Int, text: String)
            do { answer = try await sample.send(to: url) } catch {
                throw RunFailure(.temporary, "\(url) does not answer: \(error)", hint: "bursar listen starts a listener")
            }
            Output.result("\(answer.status) \(answer.text.trimmingCharacters(in: .whitespacesAndNewlines))")
            guard (200..<300).contains(answer.status) else { throw ExitCode(BursarExit.scriptFailed.rawValue) }
        } catch let failure as RunFailure { throw end(failure) }
    }
}
