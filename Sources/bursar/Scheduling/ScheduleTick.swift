import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import Foundation

/// One look at what is due of a schedule, and the running of it.
///
/// Any number of these may go on at once, here and on other hosts with the same journal: the job of a slot is held by one runner and
/// done once, and no two slots of a schedule run at the same time. What is decided here is only which slots are tried.
struct ScheduleTick {
    let schedule: Schedule
    let runs: ScheduledRuns
    let runner: SlotRunner
    /// Waits for a slot that is put off, however long that is.
    let waits: Bool
    let clock: @Sendable () -> Date
    /// Lets this much time pass, or less when all is to stop.
    let pause: @Sendable (TimeInterval) async -> Void
    let tell: @Sendable (String) -> Void

    /// A slot that is put off is left to the next tick, unless that would come too late for it.
    private static let nextTick: TimeInterval = 60

    /// - Returns: the exit code of the first run that did not end well; nil when all did, or nothing was due.
    /// - Throws: `RunFailure`, `JournalError`, `ScheduleError`: what is due cannot be known, or a run not be started.
    func perform() async throws -> Int32? {
        guard let since = try await since() else { return nil }
        var failed: Int32?
        var tried: Set<Slot> = []
        // A run may take long, and slots come due, or are queued, meanwhile.
        while runner.stopped == nil {
            let now = clock()
            let known = try known(now)
            let due = try DueSlots(
                of: schedule, since: since, at: now, leavingOut: ScheduleView.holidays(schedule, folder: runs.folder),
                past: { known[$0]?.isPast ?? false })
            let queued = known.slots.filter { $0.state == .queued }.compactMap { Slot($0.name) }
            let next = Set(queued + due.run).subtracting(tried).min()
            if let running = known.slots.first(where: { $0.state == .running }) {
                guard try await meet(running, due, next) else { return failed }
            }
            guard let slot = next else {
                guard let waiting = due.waiting.first else { return failed }
                let wait = waiting.due.timeIntervalSince(now)
                guard waits || wait <= ScheduleTick.nextTick else { return failed }
                await pause(wait)
                continue
            }
            tried.insert(slot)
            let code = try await run(slot)
            // Somebody else has it, and goes on with the next ones.
            if code == BursarExit.heldByAnother.rawValue { return failed }
            if let code, code != 0 { failed = failed ?? code }
        }
        return failed ?? runner.stopped.map { 128 + $0 }
    }

    private func known(_ now: Date) throws -> ScheduledRuns.Known {
        let window = TimeInterval(schedule.missedWithin.components.seconds + schedule.jitter.components.seconds)
        return try runs.known(schedule, since: now - window - 2 * DueSlots.punctuality)
    }

    /// Since when the schedule is in force as it is; noted at the first look. Nil where it is not.
    private func since() async throws -> Date? {
        let folder = try runs.journal(schedule)
        let inForce = folder.exists ? try JournalReader(folder: folder).inForce(schedule: schedule.name) : nil
        guard schedule.isEnabled else {
            if inForce != nil {
                try await write { journal throws(JournalError) in try await journal.forget(schedule: schedule.name) }
            }
            return nil
        }
        if let inForce, inForce.definition == schedule.definition { return inForce.since.date }
        // The minute that goes on counts: cron asks at its beginning, and a little later.
        let minute = (clock().timeIntervalSince1970 / 60).rounded(.down) * 60
        let since = Date(timeIntervalSince1970: minute - 1)
        try await write { journal throws(JournalError) in
            try await journal.note(schedule: schedule.name, definition: schedule.definition, since: Timestamp(since))
        }
        return since
    }

    private func write<Value>(_ body: (Journal) async throws(JournalError) -> Value) async throws -> Value {
        let journal = try Journal(folder: try runs.journal(schedule))
        defer { journal.close() }
        return try await body(journal)
    }

    private func note(_ slot: Slot, _ note: SlotNote, exitCode: Int? = nil) async throws {
        try await write { journal throws(JournalError) in
            try await journal.note(slot: slot.description, of: schedule.name, note, exitCode: exitCode)
        }
    }

    /// What is to be done while an earlier slot is being run. Only a slot that comes in time meets it: those that are made up for run
    /// one after the other.
    /// - Returns: whether the next slot is to be run now.
    private func meet(_ running: SlotRecord, _ due: DueSlots, _ next: Slot?) async throws -> Bool {
        guard let slot = due.inTime, running.name != slot.description else { return false }
        switch schedule.overlap {
        case .skip:
            try await note(slot, .skipped)
            tell("\(slot) is skipped: \(running.name) is still running")
            return false
        case .queue:
            try await note(slot, .queued)
            tell("\(slot) waits for \(running.name)")
            return false
        case .replace:
            tell("\(slot) replaces \(running.name)")
            if let run = running.run, let holder = run.holder,
                try await write({ journal throws(JournalError) in
                    try await journal.note(replaced: running.name, run, of: schedule.name)
                }), !holder.terminate()
            {
                tell("\(running.name) is run by \(holder.description), and cannot be stopped from here: it is waited for")
            }
            return next == slot
        }
    }

    private func run(_ slot: Slot) async throws -> Int32? {
        // One that is replaced needs its time to end.
        let patience = schedule.overlap == .replace ? ["--wait", "2m"] : []
        let code = try await runner.run(slot, of: schedule, runs, ["--fired"] + patience, silent: [.done, .heldByAnother])
        guard let code else { return nil }
        if code != 0, code != BursarExit.heldByAnother.rawValue, try runs.known(schedule, since: slot.time)[slot]?.run == nil {
            // It would fail to begin each minute, and say so each minute.
            try await note(slot, .notBegun, exitCode: Int(code))
        }
        tell("\(slot): " + (code == 0 ? "done" : "ended with \(code)"))
        return code
    }
}
