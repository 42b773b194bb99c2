import BursarEngine
import BursarJournal
import Foundation
import Synchronization

/// `bursar run` for a slot, in a process of its own: what ends it ends nothing else, and its exit code is its own.
final class SlotProcess: Sendable {
    private struct State {
        var pid: Int32?
        var isLate = false
        /// A signal that came before there was a process.
        var wanted: Int32?
    }
    private let state = Mutex(State())

    /// How long a run that was told to stop may take for it, before it is killed.
    private static let grace = 20

    struct End {
        let exitCode: Int32
        /// It was stopped because it took longer than its schedule allows.
        let isLate: Bool
        /// What ended it where it did not end by itself.
        var signal: String?
    }

    /// Runs it to its end. Call it once.
    /// - Parameters:
    ///   - words: of the command line behind the program's name.
    ///   - output: where what it prints goes; nil for where this program's goes.
    /// - Throws: `RunFailure` when it cannot be started.
    func run(_ words: [String], limit: Duration?, output: HeldOutput?) async throws(RunFailure) -> End {
        let process = Process()
        // The program that runs now, also where it was replaced since.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        if let output {
            process.standardOutput = output.result
            process.standardError = output.errors
        }
        do {
            return try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { [self] process in
                    let isLate = state.withLock { state in
                        state.pid = nil
                        return state.isLate
                    }
                    let status = process.terminationStatus
                    let isKilled = process.terminationReason == .uncaughtSignal
                    continuation.resume(
                        returning: End(
                            exitCode: isKilled ? 128 + status : status, isLate: isLate,
                            signal: isKilled ? "signal \(status) (\(String(cString: strsignal(status))))" : nil))
                }
                do { try process.run() } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                    return
                }
                began(process.processIdentifier, limit)
            }
        } catch {
            throw RunFailure(.temporary, "bursar run cannot be started: \(error.systemReason)")
        }
    }

    private func began(_ pid: Int32, _ limit: Duration?) {
        let wanted = state.withLock { state in
            state.pid = pid
            return state.wanted
        }
        if let wanted { send(wanted) }
        guard let limit else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(limit.components.seconds))) { [self] in
            guard
                state.withLock({
                    $0.isLate = $0.pid != nil; return $0.isLate
                })
            else { return }
            send(SIGTERM)
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(SlotProcess.grace)) { [self] in send(SIGKILL) }
        }
    }

    /// Tells the process, or the one that is about to be started. Nothing is sent to one that has ended.
    func send(_ signal: Int32) {
        state.withLock { state in
            state.wanted = signal
            // The process is reaped only after its end was noted here.
            if let pid = state.pid { kill(pid, signal) }
        }
    }
}
