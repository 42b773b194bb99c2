import Foundation
import Testing

/// On a kernel that has no filter for system calls.
@Suite("A process that cannot be confined wholly")
struct UnconfinedTests {
    /// Runs `bursar` beside a worker that finds such a kernel: `worker-with-a-door` without arguments.
    private func run(_ flags: [String]) throws -> BursarProgram.Result {
        // In the build folder, for a link to the program that lies in another folder.
        let folder = BursarProgram.folder.appendingPathComponent("unconfined-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appendingPathComponent("bursar")
        try FileManager.default.linkItem(at: BursarProgram.folder.appendingPathComponent("bursar"), to: program)
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("bursar-worker"),
            withDestinationURL: BursarProgram.folder.appendingPathComponent("worker-with-a-door"))
        let script = folder.appendingPathComponent("hello.lua").path
        try Data("emit('hello')\n".utf8).write(to: URL(fileURLWithPath: script))
        return try BursarProgram.run(["run", script] + flags, program: program)
    }

    @Test("runs no script, and says what is missing and how to go on")
    func refused() throws {
        let result = try run([])
        #expect(result.exitCode == 8)
        #expect(!result.output.contains("hello"))
        #expect(
            result.errors.contains(
                "the script's process cannot be confined wholly: the kernel has no filter for system calls (seccomp)"))
        #expect(result.errors.contains("--allow-unconfined"))
    }

    @Test("runs it where that is allowed, and warns")
    func allowed() throws {
        let result = try run(["--allow-unconfined"])
        #expect(result.exitCode == 0)
        #expect(result.output.hasPrefix("\"hello\"\n"))
        #expect(result.errors.contains("WARN"))
        #expect(result.errors.contains("no filter for system calls"))
    }
}
