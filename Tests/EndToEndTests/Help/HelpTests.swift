import ArgumentParser
import Foundation
import Testing

@testable import bursar

/// Help texts, and the manual pages that are made from the same commands.
@Suite("Help")
struct HelpTests {
    private static func program() throws -> CommandDescription { try #require(CommandDescription.program) }

    @Test("every command has an example, before everything else that its help says, and every example is one that works")
    func examples() async throws {
        for command in try HelpTests.program().all {
            let path = command.path.joined(separator: " ")
            #expect(command.discussion.hasPrefix("Examples:\n"), "\(path)")
            #expect(!command.examples.isEmpty, "\(path)")
            for example in command.examples {
                let words = HelpTests.words(example)
                #expect(words.first == "bursar", "\(path): \(example)")
                await #expect(throws: Never.self, "\(path): \(example)") {
                    _ = try await Bursar.asyncParseAsRoot(Array(words.dropFirst()))
                }
            }
        }
    }

    /// A line as a shell takes it apart, without variables before the program, comments, and where output goes.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        // A remark stands behind at least two spaces.
        if let remark = line.range(of: "   ", range: line.index(line.startIndex, offsetBy: 7)..<line.endIndex) {
            return HelpTests.words(String(line[..<remark.lowerBound]))
        }
        return Array(words.drop { $0.contains("=") }.prefix { $0 != ">" })
    }

    @Test("bursar alone and bursar help begin with examples, group the commands and fit sixty columns")
    func top() throws {
        let alone = try BursarProgram.run([], environment: ["COLUMNS": "60"])
        let help = try BursarProgram.run(["help"], environment: ["COLUMNS": "60"])
        #expect(alone.exitCode == 0 && alone.output == help.output)
        let examples = try #require(help.output.range(of: "Examples:")).lowerBound
        let usage = try #require(help.output.range(of: "USAGE:")).lowerBound
        #expect(examples < usage)
        for group in ["WRITE:", "REHEARSE:", "APPROVE:", "RUN:", "LOOK BACK:", "SCHEDULE:", "EVENTS:", "SET UP:"] {
            #expect(help.output.contains("\n\(group)\n"), "\(group)")
        }
        for line in help.output.split(separator: "\n") { #expect(line.count <= 60, "\(line)") }
    }

    @Test("bursar help run and bursar run --help are one text")
    func same() throws {
        #expect(try BursarProgram.run(["help", "run"]).output == BursarProgram.run(["run", "--help"]).output)
    }

    @Test(
        "a mistyped command is told what was probably meant, and ends with 2",
        arguments: [
            (["rnu", "x.lua"], "bursar run"), (["schedule", "lst"], "bursar schedule list"),
            (["verify"], "bursar journal verify"),
            (["zzzzzz"], "bursar --help"), (["api", "zzzzzz"], "bursar api --help"),
        ])
    func mistyped(words: [String], meant: String) throws {
        let result = try BursarProgram.run(words)
        #expect(result.exitCode == 2 && result.output.isEmpty)
        #expect(result.errors.contains(meant), "\(result.errors)")
    }

    @Test("there is a manual page for every command, without anything that is taken for a macro, and with every exit code")
    func manual() throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(["manual", "--output", folder.path + "/man1"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/man1")
        #expect(Set(pages) == Set(try HelpTests.program().all.map { $0.path.joined(separator: "-") + ".1" }))
        let macros: Set = [".TH", ".SH", ".TP", ".PP", ".nf", ".fi"]
        for page in pages {
            for line in folder.text("man1/" + page).split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
                #expect(macros.contains(String(line.prefix { $0 != " " })), "\(page): \(line)")
            }
        }
        let top = folder.text("man1/bursar.1")
        for exit in BursarExit.allCases { #expect(top.contains("\\fB\(exit.rawValue)\\fR\n"), "\(exit)") }
        for setting in Setting.allCases { #expect(top.contains(setting.rawValue)) }
    }
}
