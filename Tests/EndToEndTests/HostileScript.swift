import Foundation
import Testing

/// One script of `Hostile`, with what its first lines say of it. `scripts/check-room` reads the same lines.
struct HostileScript: Sendable {
    static let folder = BursarProgram.sources.appendingPathComponent("Hostile")
    /// Time that is never reached, so that a slow machine decides nothing; little memory.
    private static let defaultLimits = [("--time-limit", "20s"), ("--memory-limit", "64M")]

    /// `endless-lua/while`.
    let name: String
    let exitCode: Int32
    /// What standard error must say.
    let says: [String]
    /// What must stand nowhere.
    let without: [String]
    let arguments: [String]
    /// The side files it needs, each `KIND NAME CONTENT`: `HostilePlace.make` knows the kinds.
    let files: [String]
    /// What the run may leave in its folder.
    let leaves: Set<String>
    /// What is not there yet and the attack needs; it is not run then.
    let waitsFor: String?
    var path: String { HostileScript.folder.path + "/" + name + ".lua" }

    init(name: String) throws {
        self.name = name
        let text = try String(contentsOfFile: HostileScript.folder.path + "/" + name + ".lua", encoding: .utf8)
        var fields: [String: [String]] = [:]
        for line in text.split(separator: "\n") {
            guard line.hasPrefix("-- "), let colon = line.range(of: ": ") else { break }
            fields[String(line[line.index(line.startIndex, offsetBy: 3)..<colon.lowerBound]), default: []]
                .append(String(line[colon.upperBound...]))
        }
        exitCode = try #require(fields["exit"]?.first.flatMap(Int32.init), "\(name) says no exit code")
        _ = try #require(fields["attack"]?.first, "\(name) says no attack")
        if exitCode == 10 { try #require(fields["says"] != nil, "\(name) reaches a limit and does not say which") }
        says = fields["says", default: exitCode == 0 ? ["held"] : []].map(HostileScript.unescaped)
        without = fields["without", default: []].map(HostileScript.unescaped)
        let given = fields["limits", default: []].flatMap { $0.split(separator: " ").map(String.init) }
        let limits = HostileScript.defaultLimits.filter { !given.contains($0.0) }.flatMap { [$0.0, $0.1] }
        arguments = fields["arguments", default: []].flatMap { $0.split(separator: " ").map(String.init) } + given + limits
        files = fields["files", default: []]
        leaves = Set(fields["leaves", default: []])
        waitsFor = fields["waits for"]?.first
    }

    static func all() throws -> [HostileScript] {
        var scripts: [HostileScript] = []
        for group in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + group)) ?? []
            for file in files.sorted() where file.hasSuffix(".lua") {
                scripts.append(try HostileScript(name: "\(group)/\(file.dropLast(4))"))
            }
        }
        return scripts
    }

    static func unescaped(_ text: String) -> String { text.replacingOccurrences(of: "\\n", with: "\n") }
}
