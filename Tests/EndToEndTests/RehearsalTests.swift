import ExactJSON
import Foundation
import Testing

/// Rehearsals against a bank that is not Bursar's own: a served one, reached as a vendor's sandbox is.
@Suite("A rehearsal against a server", .serialized)
struct RehearsalTests {
    /// A folder with the bulk refund example and a `bursar.yaml` that names the server.
    private struct Desk {
        let folder: URL
        let credentials: String
        let server: Process

        init() async throws {
            folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appendingPathComponent("bursar-desk-\(UUID().uuidString)")
            let example = Example.root.appendingPathComponent("examples/bulk-refunds")
            try FileManager.default.copyItem(at: example, to: folder)
            server = Process()
            server.executableURL = ProgramRun.programs.appendingPathComponent("bursar")
            server.arguments = ["sandbox", "--port", "0", "--world", "world.json"]
            server.currentDirectoryURL = folder
            server.standardInput = FileHandle.nullDevice
            let output = Pipe()
            server.standardOutput = output
            try server.run()
            // Two lines: where it listens, and what opens it.
            var text = ""
            while text.split(separator: "\n").count < 2 || !text.hasSuffix("\n") {
                let data = output.fileHandleForReading.availableData
                guard !data.isEmpty else { throw CocoaError(.fileReadUnknown) }
                text += String(decoding: data, as: UTF8.self)
            }
            let lines = text.split(separator: "\n").map(String.init)
            let url = try #require(lines[0].split(separator: " ").last)
            credentials = lines[1]
            try Data("environments:\n  served:\n    base_url: \(url)\n".utf8).write(to: folder.appendingPathComponent("bursar.yaml"))
        }

        func close() {
            server.terminate()
            try? FileManager.default.removeItem(at: folder)
        }

        func shell(_ line: String) async throws -> ProgramRun {
            try await ProgramRun.shell("export \(credentials); \(line)", in: folder)
        }

        /// How many refunds the bank knows.
        func refunds() async throws -> Int? {
            let run = try await shell("bursar api call refunds.list --env served")
            return try JSON(parsing: Array(run.output.utf8))["results"]?.array?.count
        }
    }

    @Test("changes nothing there, and marks what it assumed; the run then does it")
    func rehearsal() async throws {
        let desk = try await Desk()
        defer { desk.close() }
        let command = "bursar run refund.lua input=refunds.csv --env served --on-invalid-row skip"

        let rehearsal = try await desk.shell("\(command) --dry-run")
        #expect(rehearsal.output.contains("payments.refund assumed"), "\(rehearsal.output)\(rehearsal.errors)")
        #expect(rehearsal.output.contains("Assumed: served was only read"))
        #expect(try await desk.refunds() == 0)

        let run = try await desk.shell(command)
        #expect(run.output.contains("6 payments.refund done"), "\(run.output)\(run.errors)")
        #expect(try await desk.refunds() == 6)
    }

    @Test("of one call changes nothing there either")
    func singleCall() async throws {
        let desk = try await Desk()
        defer { desk.close() }
        let call = "bursar api call payments.refund id=65b0a1000000000000000202 amount=10 --env served"
        #expect(try await desk.shell("\(call) --dry-run").exitCode == 0)
        #expect(try await desk.refunds() == 0)
        #expect(try await desk.shell(call).exitCode == 0)
        #expect(try await desk.refunds() == 1)
    }

    @Test("is possible where effects are not allowed, and the run is refused there")
    func effectsNotAllowed() async throws {
        let desk = try await Desk()
        defer { desk.close() }
        let file = desk.folder.appendingPathComponent("bursar.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data((text + "    allow_effects: false\n").utf8).write(to: file)
        let call = "bursar api call payments.refund id=65b0a1000000000000000202 amount=10 --env served"
        #expect(try await desk.shell("\(call) --dry-run").exitCode == 0)
        let refused = try await desk.shell(call)
        #expect(refused.exitCode == 8, "\(refused.errors)")
        #expect(try await desk.refunds() == 0)
    }
}
