import ConomyAPI
import Foundation
import Testing

@Suite("bursar stubs")
struct StubsTests {
    private static func stubs() throws -> String {
        let result = try BursarProgram.run(["stubs"])
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        return result.output
    }

    @Test("declare every operation, every list's walk, and Bursar's own functions")
    func everything() throws {
        let text = try Self.stubs()
        for operation in Catalogue.conomy.operations {
            #expect(text.contains("\nfunction conomy.\(operation.name)("), "\(operation.name)")
        }
        for name in [
            "conomy.payments.each(arguments)", "conomy.payments.unassigned_each(", "for_each(rows, options, fn)", "json.decode(",
        ] {
            #expect(text.contains("\nfunction \(name)"), "\(name)")
        }
        #expect(!text.contains("function string.") && !text.contains("function pcall"))
        #expect(text.contains("---@return fun(): conomy.Payment\nfunction conomy.payments.each"))
        #expect(text.contains("---@field amount? conomy.Amount Positive; defaults to all that is still refundable."))
    }

    @Test("declare each class once, and every class that is named")
    func classes() throws {
        let words = try Self.stubs().split(separator: "\n").filter { $0.hasPrefix("---@") }
            .map { $0.split { $0 == " " || $0 == "|" || $0 == "(" || $0 == ")" || $0 == "[" || $0 == "]" }.map(String.init) }
        let declared = words.filter { ["---@class", "---@alias"].contains($0[0]) }.map { $0[1] }
        #expect(Set(declared).count == declared.count)
        let named = Set(words.flatMap { $0.dropFirst() }.filter { $0.hasPrefix("conomy.") })
        #expect(named.count > 50)
        #expect(named.subtracting(declared) == [])
    }

    @Test("are Lua, in a file too")
    func lua() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/bursar.lua"
        #expect(try BursarProgram.run(["stubs", "--output", path]).exitCode == 0)
        let text = folder.text("bursar.lua")
        #expect(try text == Self.stubs())
        // Compiled and never called: a script cannot declare what is sealed.
        let script = try folder.write("wrapped.lua", "local function declarations()\n\(text)\nend\nemit(type(declarations))")
        let result = try BursarProgram.run(["run", script, "--quiet"])
        #expect(result.output == "\"function\"\n", "\(result.errors)")
        let lost = try BursarProgram.run(["stubs", "--output", folder.path + "/none/bursar.lua"])
        #expect(lost.exitCode == 3 && lost.errors.contains("there is no folder"), "\(lost.errors)")
    }
}
