import ArgumentParser
import BursarEngine
import ConomyAPI

struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Print the reference of what a script sees.",
        discussion: """
            Examples:
              bursar docs                    everything
              bursar docs for_each           one function
              bursar docs string             a section
              bursar docs payments.refund    an operation of the API
              bursar docs --list             what can be asked for
            """)

    @Argument(help: "A function, a section or an operation.", completion: .list(Reference.library.topics))
    var topic: String?

    @Flag(help: "Print the names of all topics.")
    var list = false

    func run() throws {
        let width = min(TerminalWidth.columns, 100)
        let library = Reference.library
        guard !list else { return Output.result(library.topics.joined(separator: "\n")) }
        guard let topic else { return Output.result(library.text(width: width)) }
        let operation = topic.hasPrefix("conomy.") ? String(topic.dropFirst("conomy.".count)) : topic
        if let entry = library.entry(topic) {
            Output.result(Reference.text(entry, width: width))
        } else if let section = library.section(topic) {
            Output.result(Reference.text(section, width: width))
        } else if let operation = Catalogue.conomy[operation] {
            Output.result(OperationView.text(operation, width: width))
        } else {
            let known = library.topics + Catalogue.conomy.operations.map(\.name)
            let advice = closest(to: topic, among: known).map { "did you mean \"\($0)\"?" } ?? "bursar docs --list shows all."
            Output.error("error: there is nothing about \"\(topic)\"; \(advice)")
            throw ExitCode(BursarExit.usage.rawValue)
        }
    }
}
