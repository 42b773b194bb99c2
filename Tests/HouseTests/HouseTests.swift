import CatalogueGenerator
import Foundation
import Testing

/// The project checks itself.
@Suite("The house")
struct HouseTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Who may import whom, among modules of ours.
    static let mayImport: [String: Set<String>] = [
        "ExactJSON": [], "ScriptWire": [], "ScriptWorker": ["CLuaShims", "ScriptWire"],
        "bursar-worker": ["CLuaShims", "ScriptWire", "ScriptWorker"],
        "ScriptHost": ["CScriptHost", "ScriptWire"], "ConomyAPI": ["ExactJSON"], "ConomyClient": ["ConomyAPI", "ExactJSON"],
        "ConomySimulator": ["ConomyAPI", "ExactJSON"], "CatalogueGenerator": ["ExactJSON"],
        "generate-catalogue": ["CatalogueGenerator"],
        "BursarGate": ["ConomyAPI", "ExactJSON"], "BursarJournal": ["ConomyAPI", "ExactJSON"],
        "BursarSchedule": [], "BursarReport": ["ConomyAPI"], "BursarListener": ["ConomyAPI"],
        "BursarEngine": [
            "ScriptWire", "ScriptHost", "ConomyAPI", "ExactJSON", "ConomyClient", "ConomySimulator", "BursarGate",
            "BursarJournal",
        ],
        "bursar": [
            "BursarEngine", "BursarJournal", "BursarListener", "BursarReport", "BursarSchedule", "ConomyAPI", "ConomyClient",
            "ConomySimulator",
            "ExactJSON",
        ],
    ]

    static func swiftFiles(in folder: String) throws -> [URL] {
        let enumerator = FileManager.default.enumerator(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return (enumerator?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    }

    @Test("modules import what the table allows and nothing else of ours")
    func imports() throws {
        let modules = try FileManager.default.contentsOfDirectory(atPath: HouseTests.root.appendingPathComponent("Sources").path)
        for module in modules {
            let files = try HouseTests.swiftFiles(in: "Sources/\(module)")
            guard !files.isEmpty else { continue }
            let allowed = try #require(HouseTests.mayImport[module], "\(module) is not in the import table")
            for file in files {
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.contains("import ") {
                    let words = line.split(separator: " ")
                    guard let at = words.firstIndex(of: "import"), at + 1 < words.count,
                        words[..<at].allSatisfy({ ["public", "internal", "package", "@testable"].contains($0) })
                    else { continue }
                    let imported = String(words[at + 1])
                    #expect(
                        !modules.contains(imported) || allowed.contains(imported), "\(file.lastPathComponent) imports \(imported)"
                    )
                }
            }
        }
    }

    @Test("the catalogue is what the contract makes")
    func generatedSources() throws {
        let folder = HouseTests.root.appendingPathComponent("Sources/ConomyAPI")
        let contract = try String(contentsOf: folder.appendingPathComponent("Contract/openapi.yaml"), encoding: .utf8)
        let committed = try String(contentsOf: folder.appendingPathComponent("Generated/Contract.swift"), encoding: .utf8)
        #expect(try CatalogueSource.make(contract: contract) == committed, "run scripts/generate")
    }

    @Test("Swift touches Lua only in the script's room")
    func luaStaysInside() throws {
        for file in try HouseTests.swiftFiles(in: "Sources")
        where !file.path.contains("/ScriptWorker/") && !file.path.contains("/bursar-worker/") {
            #expect(try !String(contentsOf: file, encoding: .utf8).contains("import CLua"), "\(file.lastPathComponent)")
        }
    }

    @Test("nothing is left unfinished in the sources")
    func unfinished() throws {
        for file in try HouseTests.swiftFiles(in: "Sources") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for mark in ["TO" + "DO", "FIX" + "ME", "XX" + "X", "fatalError(\"not "] {
                #expect(!text.contains(mark), "\(file.lastPathComponent) has \(mark)")
            }
        }
    }

    @Test("the README says what the bank decides as its reference does")
    func decisions() throws {
        func section(_ file: String, _ mark: String) throws -> String {
            let text = try String(contentsOf: HouseTests.root.appendingPathComponent(file), encoding: .utf8)
            let start = try #require(text.range(of: "\n\(mark) What the bank decides\n"), "\(file)")
            let rest = text[start.upperBound...]
            return rest[..<(rest.range(of: "\n\(mark) ")?.lowerBound ?? rest.endIndex)].trimmingCharacters(in: .newlines)
        }
        #expect(try section("README.md", "##") == section("Sources/bursar/Reference/bank.md", "#"))
    }

    @Test("every example is a folder with a script, a sentence, a command and its output")
    func examples() throws {
        let folder = HouseTests.root.appendingPathComponent("examples")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count >= 6)
        for name in names {
            for file in ["README.md", "command.txt", "expected.txt"] {
                #expect(
                    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).appendingPathComponent(file).path),
                    "\(name)/\(file)")
            }
        }
    }

    @Test("the reference has an entry for everything a script reaches, and for nothing else")
    func reference() throws {
        func lines(_ path: String) throws -> [String] {
            try String(contentsOf: HouseTests.root.appendingPathComponent(path), encoding: .utf8).components(separatedBy: "\n")
        }
        let described = try lines("Sources/bursar/Reference/library.md").filter { $0.hasPrefix("### ") }
            .map { String($0.dropFirst(4).prefix { $0 != "(" }) }
        // The operations come from the contract; a library is described by its functions.
        let reached = try lines("Tests/ScriptWorkerTests/globals.txt").compactMap { line -> String? in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, !words[0].hasPrefix("conomy.") else { return nil }
            return words[1] == "table" && !["_G", "args", "conomy"].contains(words[0]) ? nil : words[0]
        }
        #expect(Set(described).symmetricDifference(reached).sorted() == [])
        #expect(described.count == Set(described).count)
    }

    @Test("the reference says of every name that is missing why")
    func missing() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: HouseTests.root.appendingPathComponent(path), encoding: .utf8)
        }
        let globals = try text("Sources/ScriptWorker/Prelude/globals.lua")
        let page = try text("Sources/bursar/Reference/library.md")
        let table = try #require(globals.range(of: "local instead = {"))
        let names = globals[table.upperBound...].prefix { $0 != "}" }.split(separator: "\n").compactMap { line -> String? in
            guard let equals = line.range(of: " = ") else { return nil }
            return line[..<equals.lowerBound].filter { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
        }
        #expect(names.count > 10)
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
    }
}
