import Foundation

/// One run of the built `bursar`.
struct ProgramRun {
    let exitCode: Int32
    let output: String
    let errors: String

    /// The folder of the built programs, which is also that of the test program.
    static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Runs a line of shell in `folder`, with `bursar` on the path and none of this process's credentials.
    static func shell(_ line: String, in folder: URL) async throws -> ProgramRun {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = folder
        process.environment = ["PATH": "\(programs.path):/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path]
        process.standardInput = FileHandle.nullDevice
        // Files rather than pipes: nobody has to read while the program runs.
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("bursar-output-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = scratch.appendingPathComponent("output")
        let errors = scratch.appendingPathComponent("errors")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let exitCode: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return ProgramRun(
            exitCode: exitCode, output: try String(contentsOf: output, encoding: .utf8), errors: try String(contentsOf: errors, encoding: .utf8))
    }
}
