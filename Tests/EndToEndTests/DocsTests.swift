import ConomyAPI
import Foundation
import Testing

@Suite("The reference")
struct DocsTests {
    private func docs(_ arguments: String...) throws -> BursarProgram.Result { try BursarProgram.run(["docs"] + arguments) }

    @Test("is printed whole, in lines of at most a hundred columns but for examples")
    func whole() throws {
        let result = try docs()
        #expect(result.exitCode == 0)
        for name in ["for_each(rows, [options], fn)", "string.rep(s, n, [separator])", "--memory-limit"] {
            #expect(result.output.contains(name))
        }
        for line in result.output.components(separatedBy: "\n") where !line.hasPrefix("        ") {
            #expect(line.count <= 100, "\(line)")
        }
    }

    @Test("tells of one function, of a section and of an operation, however it is called")
    func topics() throws {
        #expect(try docs("string.rep").output.hasPrefix("string.rep(s, n, [separator])\n    "))
        #expect(try docs("limits").output.hasPrefix("limits\n======\n"))
        let operation = try docs("payments.refund").output
        #expect(operation.contains("POST /payments/{id}/refund"))
        #expect(try docs("conomy.payments.refund").output == operation)
        #expect(try docs("--list").output.components(separatedBy: "\n").contains("for_each"))
    }

    @Test("tells for every write operation how a lost answer is looked for, or why it cannot be")
    func probes() throws {
        let page = try docs("probes").output
        let blocks = page.components(separatedBy: "\n\n").map { $0.components(separatedBy: "\n") }
        for operation in Catalogue.conomy.operations where operation.effect != .read {
            let lines = try #require(blocks.first { $0[0] == operation.name }, "\(operation.name)")
            let items = lines.filter { $0.hasPrefix("- ") }.map { $0.prefix { $0 != ":" } }
            #expect(items == ["- looks at", "- happened", "- absent", "- settles in", "- again"] || items == ["- no probe"])
        }
    }

    @Test("says what is near a topic that it does not have")
    func unknown() throws {
        let result = try docs("for_eahc")
        #expect(result.exitCode == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors == "error: there is nothing about \"for_eahc\"; did you mean \"for_each\"?\n")
    }
}
