import ExactJSON
import Foundation
import Testing

/// The example whose script waits for events: it listens, and the other commands are run beside it.
@Suite("The example of events")
struct EventsExampleTests {
    @Test("handles what is triggered as its page says, each event once")
    func output() async throws {
        let example = try #require(Example.all.first { $0.name == "events" })
        let folder = try example.copy()
        defer { try? FileManager.default.removeItem(at: folder) }
        // Of somebody who tried it by hand.
        try? FileManager.default.removeItem(at: folder.appendingPathComponent("state"))
        let environment = ["CONOMY_WEBHOOK_SECRET": "a secret of one's own"]
        let commands = try example.commands()
        let listener = try BursarProgram.Running(
            commands[0].arguments.flatMap { $0 == "--" ? ["--port", "0", "--"] : [$0] }, environment: environment, in: folder.path
        )
        try await listener.until { listener.output.contains("listening on ") }
        let address = String(try #require(listener.output.split(separator: " ").first { $0.hasPrefix("http://") }))
        var output = ""
        for command in commands.dropFirst() {
            let isTrigger = command.arguments[0] == "trigger"
            let run = try BursarProgram.run(
                command.arguments + (isTrigger ? ["--to", address] : []), environment: environment, in: folder.path)
            #expect(run.exitCode == command.exitCode, "\(command.text) wrote to standard error:\n\(run.errors)")
            output += run.output
            // One after the other, so that the page reads the same each time.
            try await listener.until {
                let list = try BursarProgram.run(["events", "list", "--state", "state", "--json"], in: folder.path)
                let events = try list.json()["events"]?.array ?? []
                return events.allSatisfy { $0["state"] == "done" || $0["problem"] != nil }
            }
        }
        listener.signal(SIGTERM)
        let end = listener.wait()
        #expect(end.exitCode == 0 && end.errors.contains("a refund did not arrive"), "\(end.errors)")
        let text = Example.normalised(output + end.output, folder)
            .replacingOccurrences(of: address, with: "http://127.0.0.1:9000/")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "TIME")
            .replacing(/(?m)^(  run +).+$/) { "\($0.1)RUN" }
        try example.compare(text, with: "expected.txt")
    }
}
