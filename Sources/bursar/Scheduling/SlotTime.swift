import BursarEngine
import BursarSchedule
import Foundation

/// An instant as a command line names it: `2026-04-05T06:30:00Z`, or `2026-04-05T03:30` and `2026-04-05`, as the clocks of the
/// schedule's time zone show it.
struct SlotTime {
    let instant: Date

    /// - Throws: `RunFailure` when it is no instant there.
    init(_ text: String, of schedule: Schedule) throws(RunFailure) {
        if let moment = Moment(argument: text), text.utf8.count > 10 {
            instant = moment.date
            return
        }
        guard let instant = schedule.time.instant(text) else {
            throw RunFailure(
                .usage, "\"\(text)\" is no time in \(schedule.time.name)",
                hint: "write 2026-04-05T03:30, as the clocks there show it, or 2026-04-05T06:30:00Z")
        }
        self.instant = instant
    }

    /// The slot of that time.
    /// - Throws: `RunFailure` when the schedule does not fire then.
    func slot(of schedule: Schedule) throws(RunFailure) -> Slot {
        var times = FiringTimes(schedule.cron, in: schedule.time, after: instant - 1)
        if let time = times.next(), time == instant { return Slot(schedule: schedule.name, time: time) }
        let next = FiringTimes(schedule.cron, in: schedule.time, after: instant).first { _ in true }
        let near = [SlotTime.last(of: schedule, until: instant)?.time, next].compactMap(\.self).map(schedule.time.text)
        throw RunFailure(
            .usage, "\(schedule.name) does not fire at \(schedule.time.text(instant))",
            hint: "the nearest times are \(near.joined(separator: " and "))")
    }

    /// - Parameter text: the instant as it was given.
    /// - Throws: `RunFailure` when it is yet to come: its job would be done before its time, and not at it.
    static func refuseFuture(_ instant: Date, _ text: String, now: Date = Date()) throws(RunFailure) {
        guard instant <= now else { throw RunFailure(.usage, "\(text) is yet to come", hint: "slots are run when they are due") }
    }

    /// The last slot up to an instant; nil where there was none in ten years.
    static func last(of schedule: Schedule, until end: Date) -> Slot? {
        var window: TimeInterval = 3600
        while window < 3700 * 86_400 {
            let times = FiringTimes(schedule.cron, in: schedule.time, after: end - window).prefix { $0 <= end }
            if let last = times.last(where: { _ in true }) { return Slot(schedule: schedule.name, time: last) }
            window *= 4
        }
        return nil
    }
}
