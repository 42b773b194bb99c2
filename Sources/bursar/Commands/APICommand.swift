import ArgumentParser
import BursarEngine
import ConomyAPI
import ExactJSON
import Foundation

struct APICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Look at the API's operations, or call one.",
        discussion: """
            Examples:
              bursar api list
              bursar api show payments.refund
              bursar api call payments.list limit=5
            """,
        subcommands: [APIListCommand.self, APIShowCommand.self, APICallCommand.self])
}

struct APIListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all operations.",
        discussion: """
            Examples:
              bursar api list
              bursar api list --json
            """)

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let operations = Catalogue.conomy.operations
        guard !json else {
            Output.result(JSON.array(operations.map(OperationView.summary)).text(.pretty))
            return
        }
        let longest = operations.map(\.name.count).max() ?? 0
        for operation in operations {
            let name = operation.name + String(repeating: " ", count: longest - operation.name.count)
            let effect = operation.effect.rawValue
            Output.result("\(name)  \(effect)\(String(repeating: " ", count: 11 - effect.count))  \(operation.summary)")
        }
    }
}

struct APIShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one operation: its arguments, values and an example.",
        discussion: """
            Examples:
              bursar api show payments.refund
            """)

    @Argument(help: "Its name, such as payments.refund.", completion: .list(Catalogue.conomy.operations.map(\.name)))
    var operation: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let operation = try findOperation(operation)
        Output.result(
            json ? OperationView.document(operation).text(.pretty) : OperationView.text(operation, width: TerminalWidth.columns))
    }
}

struct APICallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call one operation.",
        discussion: """
            Examples:
              bursar api call payments.list status=SETTLED limit=5
              bursar api call payments.get id=679d26c44a21df7584b38e11 --env sandbox
              bursar api call payments.refund id=679d26c44a21df7584b38e11 amount=10.00 --dry-run
            """)

    @Argument(help: "Its name, such as payments.get.", completion: .list(Catalogue.conomy.operations.map(\.name)))
    var operation: String

    @Argument(help: "Fields as name=value; origins[1].type=FINTOC reaches inside.")
    var fields: [NamedValue] = []

    @OptionGroup var target: TargetOptions
    @OptionGroup var log: LogOptions

    @Flag(help: "Rehearse: nothing is written to the target.")
    var dryRun = false

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let operation = try findOperation(operation)
        let answer: Answer
        do throws(RunFailure) {
            var options = try target.options()
            let credentials = try options.findCredentials()
            options.isRehearsal = dryRun
            options.redaction = Output.redaction
            try options.guardEffects(credentials, state: Setting.state.text)
            let logger = try log.logger()
            answer = try await SingleCall.perform(
                operation, arguments: fields.map { ($0.name, $0.value) }, options: options, credentials: credentials,
                logger: logger,
                trace: log.traceHTTP ? TraceLog.make(logger) : nil)
        } catch { throw end(error) }
        if let body = answer.body, !(log.quiet && answer.isSuccess) { Output.result(body.text(.pretty)) }
        if answer.isAssumed {
            Output.error("rehearsed: nothing was sent; this is what the answer would look like")
        }
        guard !answer.isSuccess else { return }
        Output.error("error: \(operation.name): \(APIError(status: answer.status, body: answer.body))")
        throw ExitCode(BursarExit.scriptFailed.rawValue)
    }
}

/// The operation, or the end of the command with the name that was probably meant.
private func findOperation(_ name: String) throws -> ConomyAPI.Operation {
    if let operation = Catalogue.conomy[name] { return operation }
    let suggestion = Catalogue.conomy.suggestion(for: name).map { "did you mean \($0)?" } ?? "bursar api list shows all."
    Output.error("error: there is no operation \(name); \(suggestion)")
    throw ExitCode(BursarExit.usage.rawValue)
}
