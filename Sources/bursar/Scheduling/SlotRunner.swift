import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import Foundation
import Synchronization

/// Runs slots, each in a process of its own, and tells them all to stop when this process is.
final class SlotRunner: Sendable {
    private struct State {
        var running: [Int: SlotProcess] = [:]
        var next = 0
        var stopped: Int32?
    }
    private let state = Mutex(State())
    private let isQuiet: Bool

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    /// The signal by which this process was told to stop.
    var stopped: Int32? { state.withLock { $0.stopped } }

    /// Passes a signal on to all runs, and begins no more. To be called for each signal: a run that is told a second time stops at once.
    func stop(_ signal: Int32) {
        let (running, isFirst) = state.withLock { state in
            defer { state.stopped = state.stopped ?? signal }
            return (Array(state.running.values), state.stopped == nil)
        }
        guard isFirst || !running.isEmpty else { _exit(128 + signal) }
        for process in running { process.send(signal) }
    }

    /// - Parameters:
    ///   - more: further flags of `bursar run`.
    ///   - silent: how it may end without a word, where nothing is to be said on success.
    /// - Returns: how it ended; nil when it was not begun, for all is to stop.
    /// - Throws: `RunFailure` when it cannot be started.
    func run(
        _ slot: Slot, of schedule: Schedule, _ runs: ScheduledRuns, _ more: [String] = [], silent: Set<BursarExit> = [.done]
    ) async throws(RunFailure) -> Int32? {
        var words = ["run"] + (try runs.words(schedule)) + ["--slot", slot.description] + more
        if isQuiet, !words.contains("--quiet") { words.append("--quiet") }
        let process = SlotProcess()
        let number = state.withLock { state -> Int? in
            guard state.stopped == nil else { return nil }
            state.next += 1
            state.running[state.next] = process
            return state.next
        }
        guard let number else { return nil }
        defer { state.withLock { $0.running[number] = nil } }
        let held = isQuiet ? try HeldOutput() : nil
        let end = try await process.run(words, limit: schedule.timeLimit, output: held)
        if !silent.contains(where: { $0.rawValue == end.exitCode }) {
            if isQuiet { Output.error("\(slot) ended with \(end.exitCode):") }
            held?.tell()
            if let signal = end.signal { Output.error("error: the run of \(slot) was ended by \(signal); it told nobody else") }
            if end.exitCode != BursarExit.heldByAnother.rawValue {
                Output.error("To run \(slot) again, or go on with it: \(runs.again(slot))")
            }
        }
        guard end.isLate, let limit = schedule.timeLimit else { return end.exitCode }
        Output.error(
            "error: \(slot) took longer than \(Span.words(limit)) and was stopped; bursar schedule run-slot goes on with it")
        return Int32(BursarExit.limitReached.rawValue)
    }
}
