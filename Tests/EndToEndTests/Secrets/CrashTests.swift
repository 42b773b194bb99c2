import Foundation
import Testing

@Suite("A crash")
struct CrashTests {
    @Test(
        "leaves nothing of the program's memory, which has credentials in it: no core file, no report of what registers point to")
    func memory() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "log.info('up') while true do sleep(0.05) end")
        // As much as one likes, until the program says otherwise.
        let bursar = BursarProgram.folder.appendingPathComponent("bursar").path
        let run = try BursarProgram.Running(
            ["-c", "ulimit -c unlimited 2> /dev/null; exec \(bursar) run \(script)"], in: folder.path,
            program: URL(fileURLWithPath: "/bin/sh"))
        try await run.until { run.errors.contains("up") }
        let limits = try String(contentsOfFile: "/proc/\(run.processIdentifier)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(["0", "1"].contains(core.split(separator: " ")[4]), "\(core)")
        run.signal(SIGSEGV)
        for _ in 0..<3000 where run.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        // One that goes on all the same must not go on for ever.
        run.signal(SIGKILL)
        #expect(run.wait().exitCode == SIGSEGV)
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("core") })
    }
}
