import Foundation
import Testing

/// `scripts/torture` in its small version. It needs Python and a C compiler; `--list` names its parts.
@Suite("Torture", .serialized)
struct TortureTests {
    private static let script = BursarProgram.sources.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scripts/torture")

    /// Runs parts of it with the programs of a folder.
    private static func torture(_ built: String, _ arguments: [String], keep: String) throws -> BursarProgram.Result {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return try BursarProgram.run(
            ["--built", built] + arguments + ["--small", "--seed", "1", "--keep", keep], environment: ["PATH": path],
            program: script)
    }

    @Test("killed, cheated, damaged and run twice at once, a job does each effect once and says the truth")
    func small() throws {
        let keep = NSTemporaryDirectory() + "bursar-torture-failures"
        let result = try TortureTests.torture(BursarProgram.folder.path, [], keep: keep)
        #expect(result.exitCode == 0, "\(result.output)\n\(result.errors)")
    }

    @Test("a program that forgets what it has done does not come through")
    func control() throws {
        let folder = try TemporaryFolder()
        let forgetful = try folder.write(
            "bursar",
            """
            #!/bin/bash
            arguments=("$@")
            for place in "${!arguments[@]}"; do
                if [ "$1" = run ] && [ "${arguments[$place]}" = --state ]; then rm -rf "${arguments[$((place + 1))]}"; fi
            done
            exec "\(BursarProgram.folder.path)/bursar" "$@"
            """)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: forgetful)
        let result = try TortureTests.torture(folder.path, ["r1-kth", "r10", "--tries", "3"], keep: folder.path + "/kept")
        #expect(result.exitCode == 1, "\(result.output)\n\(result.errors)")
        #expect(result.output.contains("done more than once"), "\(result.output)")
    }
}
