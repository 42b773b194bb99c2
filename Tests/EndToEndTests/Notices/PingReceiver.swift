import ExactJSON
import Foundation
import Testing

/// Takes pings over HTTP, in a process of its own.
final class PingReceiver {
    private let program: BursarProgram.Running
    let url: String

    /// - Parameter statuses: what it answers at first; then it takes everything.
    init(answering statuses: [Int] = []) async throws {
        let python: URL = try #require(SandboxTests.program("python3"), "python3 is missing")
        let script = BursarProgram.sources.appendingPathComponent("Notices/pings.py").path
        program = try BursarProgram.Running([script] + statuses.map { String($0) }, program: python)
        try await program.until { [program] in program.output.contains("\n") }
        url = "http://127.0.0.1:\(program.output.split(separator: "\n")[0])/check-1"
    }

    deinit { program.signal(SIGTERM) }

    /// What came, in its order.
    func pings() throws -> [JSON] { try program.output.split(separator: "\n").dropFirst().map { try JSON(parsing: String($0)) } }

    func paths() throws -> [String] { try pings().compactMap { $0["path"]?.string } }

    /// Waits for so many.
    func wait(for count: Int) async throws { try await program.until { try pings().count >= count } }
}
