import Foundation
import Testing

/// One folder of `examples/`: a script, the commands that run it, and what they print.
struct Example: CustomTestStringConvertible {
    let name: String
    let folder: URL

    /// One line of `command.txt`, `bursar run ... # exits with 6`.
    struct Command {
        let text: String
        let exitCode: Int32

        /// What follows the program's name.
        var arguments: [String] { text.split(separator: " ").dropFirst().map(String.init) }

        init(line: String) {
            let parts = line.components(separatedBy: " # exits with ")
            text = parts[0]
            exitCode = parts.count > 1 ? Int32(parts[1]) ?? -1 : 0
        }
    }

    var testDescription: String { name }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let all: [Example] = {
        let folder = root.appendingPathComponent("examples")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { Example(name: $0, folder: folder.appendingPathComponent($0)) }
    }()

    func text(_ file: String) throws -> String { try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) }

    func commands() throws -> [Command] { try text("command.txt").split(separator: "\n").map { Command(line: String($0)) } }

    /// A folder of its own to run it in.
    func copy() throws -> URL {
        let copy = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("bursar-example-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: folder, to: copy)
        return copy
    }

    /// What differs from run to run is taken out: how long it took, and where the copy lies.
    static func normalised(_ output: String, _ folder: URL) -> String {
        output.replacingOccurrences(of: folder.path + "/", with: "")
            .replacing(/(?m)^((?:Ran|Rehearsed|Ended) .+, )[0-9][0-9a-z. ]*$/) { "\($0.1)TIME" }
    }

    /// Compares a text with a file beside the script. UPDATE_EXPECTED=1 rewrites that.
    func compare(_ text: String, with file: String) throws {
        let url = folder.appendingPathComponent(file)
        guard ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] != "1" else {
            try Data(text.utf8).write(to: url)
            return
        }
        let expected = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        #expect(text == expected, "UPDATE_EXPECTED=1 rewrites \(url.path)")
    }
}

/// The fenced blocks of a page of Markdown.
struct FencedBlock {
    /// What stands behind the opening fence: `text`, `lua examples/bulk-refunds/refund.lua`.
    let label: String
    let lines: [String]

    static func all(in page: String) -> [FencedBlock] {
        var blocks: [FencedBlock] = []
        var open: (label: String, lines: [String])?
        for line in page.components(separatedBy: "\n") {
            guard line.hasPrefix("```") else {
                open?.lines.append(line)
                continue
            }
            if let block = open {
                blocks.append(FencedBlock(label: block.label, lines: block.lines))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        return blocks
    }

    /// The block's lines that are not found in `output` in this order; `...` stands for any number of lines.
    func linesMissing(in output: String) -> [String] {
        var rest = output.components(separatedBy: "\n")[...]
        return lines.filter { line in
            guard line != "..." else { return false }
            guard let index = rest.firstIndex(of: line) else { return true }
            rest = rest[(index + 1)...]
            return false
        }
    }
}
