public import ConomyAPI

/// What the journal knows of a slot of a schedule.
public struct SlotRecord: Sendable {
    public enum State: Sendable, Equatable {
        /// It waits for an earlier slot of its schedule.
        case queued
        /// It was not run, for an earlier one ran.
        case skipped
        /// Its run could not begin.
        case notBegun
        case running
        /// Its run's process is gone, and did not say how it ended.
        case cutOff
        /// Its run was stopped: by a signal, its time limit or a later slot.
        case stopped
        case failed
        case done
    }

    /// `nightly-refunds@2026-04-05T03:30:00Z`
    public let name: String
    public let state: State
    /// Its last run; nil where there was none.
    public let run: RunRecord?
    /// How often it was run.
    public let runs: Int
    /// Of its last run, or of the try to begin one.
    public let exitCode: Int?
    /// When it came to this.
    public let at: Timestamp

    /// How often a slot whose runs are cut off is taken up again: what ends its process each time would do so for ever.
    static let mostRuns = 3

    /// Whether nobody needs to run it any more: it ended, in whatever way, or it goes on.
    public var isPast: Bool {
        switch state {
        case .queued: true
        case .cutOff: runs >= SlotRecord.mostRuns
        case .skipped, .notBegun, .running, .stopped, .failed, .done: true
        }
    }
}

extension Occasion {
    /// Of a slot: the name of its schedule, before the last at sign.
    var schedule: String { name.lastIndex(of: "@").map { String(name[..<$0]) } ?? name }
}
