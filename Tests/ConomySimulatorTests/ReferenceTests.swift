import Foundation
import Testing

@testable import ConomySimulator

/// The page that `bursar docs bank` prints has an entry for everything that can be set, ordered or asked, and for nothing else.
@Suite struct ReferenceTests {
    private func entries() throws -> [String: Set<String>] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/bursar/Reference/bank.md").standardizedFileURL
        var entries: [String: Set<String>] = [:]
        var section = ""
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("# ") { section = String(line.dropFirst(2)) }
            if line.hasPrefix("### ") { entries[section, default: []].insert(String(line.dropFirst(4))) }
        }
        return entries
    }

    @Test("the reference lists every setting, every kind of fault and every way to control the bank")
    func complete() throws {
        let entries = try entries()
        #expect(entries["Settings"] == Set(Setting.all.map(\.name)))
        #expect(entries["Faults"] == Set(Fault.Kind.allCases.map(\.rawValue)))
        #expect(entries["Control"] == Set(ControlEndpoint.all.map { "\($0.method) /_sim/\($0.path)" }))
    }
}
