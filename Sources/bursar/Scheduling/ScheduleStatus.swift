import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import ExactJSON
import Foundation

/// What became of the last slots of a schedule, as people and programs read it.
struct ScheduleStatus {
    let schedule: Schedule
    /// The latest first.
    let slots: [Row]
    private let next: Date?
    private let isAsked: Bool
    /// The last slot, of those that came to an end.
    private let judged: Row?
    /// At least so many are looked at for it.
    private static let judgedAmong = 10

    struct Row {
        let slot: Slot
        let word: String
        let record: SlotRecord?
        let isWell: Bool

        /// It is yet to be seen what becomes of it.
        var isOpen: Bool {
            switch record?.state {
            case .running, .queued: true
            case nil: isWell && word != ScheduleStatus.leftOut
            default: false
            }
        }

        /// `done (run 20261101-0330-4f2a)`
        var text: String { word + (record?.run.map { " (run \($0.name))" } ?? "") }

        func json(_ time: LocalTime) -> JSON {
            var object: JSONObject = [
                "slot": .string(slot.description), "local": .string(time.text(slot.time)),
                "state": .string(String(word.prefix { $0 != ":" && $0 != "," }).replacing(" ", with: "_")), "ok": .bool(isWell),
            ]
            object["run"] = record?.run.map { .string($0.name) }
            object["exit_code"] = record?.exitCode.map { .integer($0) }
            object["at"] = record.map { .string($0.at.description) }
            return .object(object)
        }
    }

    private static let leftOut = "left out"

    /// - Throws: `RunFailure`, `ScheduleError`, `JournalError`.
    init(_ schedule: Schedule, _ runs: ScheduledRuns, at now: Date, count: Int) throws {
        self.schedule = schedule
        let known = try runs.known(schedule)
        let inForce = known.since.flatMap { $0.definition == schedule.definition ? $0.since.date : nil }
        isAsked = inForce != nil
        next = try ScheduleView.next(schedule, folder: runs.folder, after: now, count: 1).first
        let holidays = try ScheduleView.holidays(schedule, folder: runs.folder)
        let most = max(count, ScheduleStatus.judgedAmong)
        // What anything is known of, and what should have been since the schedule is in force.
        var slots = Set(known.slots.compactMap { Slot($0.name) }.filter { $0.time <= now })
        if let inForce, schedule.isEnabled {
            // Counted from the end: a schedule of every minute has many.
            var times: [Date] = []
            var end = now
            while times.count < most, let last = SlotTime.last(of: schedule, until: end), last.time > inForce {
                times.append(last.time)
                end = last.time - 1
            }
            slots.formUnion(times.map { Slot(schedule: schedule.name, time: $0) })
        }
        let rows = slots.sorted(by: >).prefix(most).map { slot in
            let record = known[slot]
            if record == nil, holidays.contains(schedule.time.date(at: slot.time)) {
                return Row(slot: slot, word: ScheduleStatus.leftOut, record: nil, isWell: true)
            }
            let late = now.timeIntervalSince(slot.time) - TimeInterval(schedule.jitter.components.seconds)
            let (word, isWell) = ScheduleStatus.word(record, isLate: late > DueSlots.punctuality)
            return Row(slot: slot, word: word, record: record, isWell: isWell)
        }
        self.slots = Array(rows.prefix(count))
        judged = rows.first { !$0.isOpen }
    }

    private static func word(_ record: SlotRecord?, isLate: Bool) -> (String, Bool) {
        guard let record else { return isLate ? ("did not run", false) : ("due", true) }
        let code = record.exitCode.map { ", exit code \($0)" } ?? ""
        return switch record.state {
        case .done: ("done", true)
        case .running: ("running", true)
        case .queued: ("queued", true)
        case .skipped: ("skipped: an earlier slot ran", false)
        case .notBegun: ("could not begin\(code)", false)
        case .cutOff: ("cut off", false)
        case .stopped: ("stopped\(code)", false)
        case .failed: ("failed\(code)", false)
        }
    }

    /// The last slot that came to an end went well, and somebody asks for the next one. A schedule that is disabled is well.
    var isWell: Bool { !schedule.isEnabled || isAsked && judged?.isWell != false }

    func text(width: Int) -> String {
        var fields = FieldLines(width: width)
        for row in slots {
            fields.add(schedule.time.text(row.slot.time), row.text)
        }
        if !schedule.isEnabled {
            fields.add("next", "never: it is disabled")
        } else if !isAsked {
            fields.add("next", "nobody asks what is due: bursar schedule install --cron or --systemd")
        } else {
            fields.add("next", next.map(schedule.time.text) ?? "never")
        }
        if schedule.isEnabled, let row = judged, !row.isWell {
            let time = row.slot.description.split(separator: "@").last ?? ""
            fields.add("do", "bursar schedule run-slot \(schedule.name) \(time)")
        }
        return ([schedule.name] + fields.lines).joined(separator: "\n")
    }

    var json: JSON {
        var object: JSONObject = [
            "name": .string(schedule.name), "enabled": .bool(schedule.isEnabled), "asked": .bool(isAsked), "ok": .bool(isWell),
            "slots": .array(slots.map { $0.json(schedule.time) }),
        ]
        object["next"] = next.map { .string($0.formatted(.iso8601)) }
        return .object(object)
    }
}
