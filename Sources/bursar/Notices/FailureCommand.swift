import BursarEngine
import BursarJournal
import Foundation
import Synchronization

/// A command that is called when a run failed, such as one that sends mail.
struct FailureCommand: Sendable {
    private let command: String

    private static let patience = Duration.seconds(60)
    /// Of a run that was told to stop: the command goes on alone.
    private static let hurriedPatience = Duration.milliseconds(500)
    /// A pipe holds this much: one that reads nothing holds nobody up.
    private static let mostBytes = 60_000

    init(_ command: String) { self.command = command }

    /// Has a shell run it. It reads what failed; what it prints goes to standard error.
    /// - Returns: why it could not do its work; nil when it did.
    func run(_ end: EndOfRun, isHurried: Bool) async -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.environment = environment(end)
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.standardError
        let ends = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended in
            ends.continuation.yield(
                ended.terminationReason == .uncaughtSignal ? 128 + ended.terminationStatus : ended.terminationStatus)
            ends.continuation.finish()
        }
        do { try process.run() } catch { return "--on-failure: sh cannot be started: \(error.systemReason)" }
        // One that ends without reading has its reasons.
        try? pipe.fileHandleForWriting.write(contentsOf: Data((end.body(most: FailureCommand.mostBytes) + "\n").utf8))
        try? pipe.fileHandleForWriting.close()
        let alarm = Task {
            try? await Task.sleep(for: isHurried ? FailureCommand.hurriedPatience : FailureCommand.patience)
            ends.continuation.finish()
        }
        defer { alarm.cancel() }
        for await status in ends.stream { return status == 0 ? nil : "--on-failure: its command ended with \(status)" }
        return isHurried || Task.isCancelled
            ? nil : "--on-failure: its command came to no end within a minute, and is left to itself"
    }

    /// This program's, without what nobody else needs to know.
    private func environment(_ end: EndOfRun) -> [String: String] {
        var variables = ProcessInfo.processInfo.environment
        for name in RunCredentials.secretVariables { variables[name] = nil }
        variables["BURSAR_EXIT_CODE"] = String(end.exit.rawValue)
        variables["BURSAR_EXIT_MEANING"] = end.exit.meaning
        variables["BURSAR_SCRIPT"] = end.script
        variables["BURSAR_JOB"] = end.job
        variables["BURSAR_RUN"] = end.report?.run
        variables["BURSAR_RUN_ENV"] = end.report?.environment
        return variables
    }
}
