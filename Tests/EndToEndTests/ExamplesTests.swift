import Foundation
import Testing

/// Every example does what its page says. UPDATE_EXPECTED=1 rewrites the expected files beside the scripts.
@Suite("The examples")
struct ExamplesTests {
    @Test("are found")
    func found() {
        #expect(Example.all.map(\.name).contains("bulk-refunds"))
    }

    @Test(
        "print what they should, end with the code they should, and leave the result files they should",
        arguments: Example.all.filter { $0.name != "events" })
    func output(example: Example) throws {
        let folder = try example.copy()
        defer { try? FileManager.default.removeItem(at: folder) }
        // Somebody who tried the example by hand left its result files; the program would not replace them.
        for file in try files(in: folder) where file.hasPrefix("expected-") {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(String(file.dropFirst("expected-".count))))
        }
        let before = try files(in: folder)
        var output = ""
        for command in try example.commands() {
            let run = try BursarProgram.run(command.arguments, in: folder.path)
            #expect(run.exitCode == command.exitCode, "\(command.text) wrote to standard error:\n\(run.errors)")
            output += run.output
        }
        try example.compare(Example.normalised(output, folder), with: "expected.txt")
        for file in try files(in: folder) where !before.contains(file) {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            try example.compare(text.replacingOccurrences(of: "\r\n", with: "\n"), with: "expected-\(file)")
        }
    }

    @Test("have a page that shows their commands, and output that they print", arguments: Example.all)
    func page(example: Example) throws {
        let page = try example.text("README.md")
        for command in try example.commands() {
            #expect(page.contains("\n    \(command.text)\n"), "the page lacks: \(command.text)")
        }
        let expected = try example.text("expected.txt")
        let blocks = FencedBlock.all(in: page).filter { $0.label == "text" }
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(block.linesMissing(in: expected) == []) }
    }

    @Test("are what the project's own page shows")
    func readme() throws {
        let page = try String(contentsOf: Example.root.appendingPathComponent("README.md"), encoding: .utf8)
        let blocks = FencedBlock.all(in: page)
        var shown = 0
        for block in blocks {
            let words = block.label.split(separator: " ")
            guard words.count == 2, words[1].hasPrefix("examples/") else { continue }
            let text = try String(contentsOf: Example.root.appendingPathComponent(String(words[1])), encoding: .utf8)
            #expect(block.linesMissing(in: text) == [], "in \(words[1])")
            shown += 1
        }
        #expect(shown >= 3)
        for example in Example.all {
            #expect(page.contains("(examples/\(example.name))"), "the page does not name examples/\(example.name)")
        }
    }

    private func files(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
}
