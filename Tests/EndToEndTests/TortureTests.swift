import Foundation
import Testing

/// That `scripts/torture` would see what it looks for. `scripts/test` runs it on the program itself.
@Suite("Torture")
struct TortureTests {
    private static let script = BursarProgram.sources.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scripts/torture")

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
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let result = try BursarProgram.run(
            [
                "--built", folder.path, "r1-kth", "r10", "--tries", "3", "--small", "--seed", "1", "--keep",
                folder.path + "/kept",
            ], environment: ["PATH": path], program: TortureTests.script)
        #expect(result.exitCode == 1, "\(result.output)\n\(result.errors)")
        #expect(result.output.contains("done more than once"), "\(result.output)")
    }
}
