import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import Foundation

struct ScheduleBackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill", abstract: "Run the slots of a schedule between two times that were not done.",
        discussion: """
            Examples:
              bursar schedule backfill nightly 2026-04-01 2026-04-05 --dry-run
              bursar schedule backfill nightly 2026-04-01 2026-04-05T12:00

            One after the other, in their order; it stops at the first that does not end well. Slots that were done are left alone.
            """)

    @Argument(help: "The schedule.", completion: Candidates.schedules)
    var name: String

    @Argument(
        help: "From this time on: 2026-04-01 or 2026-04-01T03:30, as the clocks of its time zone show it, or with its offset.")
    var from: String

    @Argument(help: "Up to this time.")
    var to: String

    @Flag(help: "Say which slots would be run, and run none.")
    var dryRun = false

    @Flag(help: "Go on behind a slot that does not end well.")
    var keepGoing = false

    @OptionGroup var options: ScheduleOptions

    private static let most = 1000

    func run() async throws {
        let runner = SlotRunner(isQuiet: false)
        let signals = SignalWatch(notice: "stopping: the run is told to stop", passing: runner.stop)
        let code: Int32? = try await ScheduleOptions.answer {
            let runs = try ScheduledRuns(options)
            let schedule = try runs.schedule(named: name)
            let slots = try slots(schedule, runs)
            for (slot, why) in slots where why != nil { Output.result("\(slot): \(why ?? "")") }
            let open = slots.filter { $0.why == nil }.map(\.slot)
            Output.result("\(open.count) of \(slots.count) slots \(dryRun ? "would be" : "are to be") run")
            if dryRun {
                for slot in open { Output.result("\(slot)  \(schedule.time.text(slot.time))") }
                return nil
            }
            return try await perform(open, schedule, runs, runner)
        }
        withExtendedLifetime(signals) {}
        if let code, code != 0 { throw ExitCode(code) }
    }

    private func perform(
        _ slots: [Slot], _ schedule: Schedule, _ runs: ScheduledRuns, _ runner: SlotRunner
    ) async throws -> Int32? {
        var failed: Int32?
        for (index, slot) in slots.enumerated() {
            Output.result("\(slot)  \(schedule.time.text(slot.time))")
            guard let code = try await runner.run(slot, of: schedule, runs) else {
                return failed ?? runner.stopped.map { 128 + $0 }
            }
            guard code != 0 else { continue }
            failed = failed ?? code
            guard keepGoing, runner.stopped == nil else {
                Output.error("\(slot) ended with \(code); \(slots.count - index - 1) slots were not run")
                return failed
            }
        }
        return failed
    }

    /// All slots between the two times; with why one is left alone.
    private func slots(_ schedule: Schedule, _ runs: ScheduledRuns) throws -> [(slot: Slot, why: String?)] {
        let (first, last) = (try SlotTime(from, of: schedule).instant, try SlotTime(to, of: schedule).instant)
        guard first <= last else { throw RunFailure(.usage, "\(from) is later than \(to)", hint: "the earlier time comes first") }
        try SlotTime.refuseFuture(last, to)
        let times = Array(
            FiringTimes(schedule.cron, in: schedule.time, after: first - 1).prefix { $0 <= last }
                .prefix(ScheduleBackfillCommand.most + 1))
        guard times.count <= ScheduleBackfillCommand.most else {
            throw RunFailure(
                .usage, "\(name) has more than \(ScheduleBackfillCommand.most) slots between \(from) and \(to)",
                hint: "run them in several parts")
        }
        let holidays = try ScheduleView.holidays(schedule, folder: runs.folder)
        let known = try runs.known(schedule, since: first)
        return times.map { time in
            let slot = Slot(schedule: schedule.name, time: time)
            if holidays.contains(schedule.time.date(at: time)) { return (slot, "its date is left out") }
            switch known[slot]?.state {
            case .done: return (slot, "done")
            case .running: return (slot, "running")
            default: return (slot, nil)
            }
        }
    }
}
