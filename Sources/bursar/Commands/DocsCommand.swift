import ArgumentParser
import BursarEngine
import ConomyAPI

struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Print the reference of what a script sees, and of the embedded bank.",
        discussion: """
            Examples:
              bursar docs                    everything
              bursar docs for_each           one function
              bursar docs string             a section
              bursar docs payments.refund    an operation of the API
              bursar docs bank               the embedded bank: worlds, faults, events, control
              bursar docs --list             what can be asked for
            """)

    @Argument(
        help: "A function, a section or an operation.", completion: .list(Candidates.safe(pages.flatMap(\.topics) + ["bank"])))
    var topic: String?

    @Flag(help: "Print the names of all topics.")
    var list = false

    private static let pages = [Reference.library, Reference.bank]

    func run() throws {
        let width = min(TerminalWidth.columns, 100)
        let topics = DocsCommand.pages.flatMap(\.topics)
        guard !list else { return Output.result((topics + ["bank"]).joined(separator: "\n")) }
        guard let topic else { return Output.result(Reference.library.text(width: width)) }
        let operation = topic.hasPrefix("conomy.") ? String(topic.dropFirst("conomy.".count)) : topic
        if topic == "bank" {
            Output.result(Reference.bank.text(width: width))
        } else if let entry = DocsCommand.pages.lazy.compactMap({ $0.entry(topic) }).first {
            Output.result(Reference.text(entry, width: width))
        } else if let section = DocsCommand.pages.lazy.compactMap({ $0.section(topic) }).first {
            Output.result(Reference.text(section, width: width))
        } else if let operation = Catalogue.conomy[operation] {
            Output.result(OperationView.text(operation, width: width))
        } else {
            let known = topics + ["bank"] + Catalogue.conomy.operations.map(\.name)
            let advice = closest(to: topic, among: known).map { "did you mean \"\($0)\"?" } ?? "bursar docs --list shows all."
            Output.error("error: there is nothing about \"\(topic)\"; \(advice)")
            throw ExitCode(BursarExit.usage.rawValue)
        }
    }
}
