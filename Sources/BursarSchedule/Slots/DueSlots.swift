public import Foundation

/// Which slots of a schedule are to be run now.
public struct DueSlots: Sendable, Equatable {
    /// Why a slot is not run.
    public enum Reason: String, Sendable {
        /// It is on a date that is left out.
        case leftOut = "left_out"
        /// Nobody fired it in time, and the schedule does not make up for it.
        case missed
    }

    public struct PassedOver: Sendable, Equatable {
        public let slot: Slot
        public let reason: Reason
    }

    /// A slot whose time has come, and which the jitter puts off.
    public struct Waiting: Sendable, Equatable {
        public let slot: Slot
        public let due: Date
    }

    /// In the order of their times.
    public private(set) var run: [Slot] = []
    /// The last of those to be run, where it is fired in time; the others are made up for.
    public private(set) var inTime: Slot?
    public private(set) var waiting: [Waiting] = []
    public private(set) var passedOver: [PassedOver] = []

    /// How late a slot may be and still count as fired in time: cron and systemd ask every minute, a busy host a little later.
    public static let punctuality: TimeInterval = 300

    /// The slots that became due later than `since` and up to `now`. The latest of them is in time, unless it is older than
    /// `punctuality`; all others are missed, and the schedule's policy decides.
    ///
    /// Whoever asks twice gets the same slots twice: that each is run once is the journal's promise. Slots older than the window for
    /// missed ones are not looked at.
    ///
    /// - Parameters:
    ///   - since: when this was last asked, or when the schedule was added.
    ///   - past: whether a slot was run before, by whomever.
    public init(
        of schedule: Schedule, since: Date, at now: Date, leavingOut holidays: Holidays, past: (Slot) throws -> Bool
    ) rethrows {
        guard schedule.isEnabled else { return }
        let jitter = TimeInterval(schedule.jitter.components.seconds)
        let window = max(TimeInterval(schedule.missedWithin.components.seconds), DueSlots.punctuality)
        // Firing times are later than where they start from; a slot may have been put off since.
        let start = max(since - jitter, now - window - jitter - 1)
        var due: [Slot] = []
        // Where not all are made up for, a slot gives way to every later one: also to one that was run before.
        var passed: [Slot] = []
        for time in FiringTimes(schedule.cron, in: schedule.time, after: start) {
            guard time <= now else { break }
            let slot = Slot(schedule: schedule.name, time: time)
            let dueTime = time + slot.delay(most: schedule.jitter)
            guard dueTime > since, now.timeIntervalSince(dueTime) <= window else { continue }
            if holidays.contains(schedule.time.date(at: time)) {
                passedOver.append(PassedOver(slot: slot, reason: .leftOut))
            } else if try past(slot) {
                if schedule.missed != .all {
                    passed += due
                    due = []
                }
            } else if dueTime > now {
                waiting.append(Waiting(slot: slot, due: dueTime))
            } else {
                due.append(slot)
            }
        }
        passedOver += passed.map { PassedOver(slot: $0, reason: .missed) }
        defer { passedOver.sort { $0.slot < $1.slot } }
        guard let latest = due.last else { return }
        let isInTime = now.timeIntervalSince(latest.time + latest.delay(most: schedule.jitter)) <= DueSlots.punctuality
        let kept: Int =
            switch schedule.missed {
            case .none: isInTime ? 1 : 0
            case .last: 1
            case .all: due.count
            }
        run = due.suffix(kept)
        inTime = isInTime ? latest : nil
        passedOver += due.dropLast(kept).map { PassedOver(slot: $0, reason: .missed) }
    }
}
