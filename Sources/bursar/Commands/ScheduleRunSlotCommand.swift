import ArgumentParser
import BursarEngine
import BursarSchedule
import Foundation

struct ScheduleRunSlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-slot", abstract: "Run one slot of a schedule now, or go on with it.",
        discussion: """
            Examples:
              bursar schedule run-slot nightly
              bursar schedule run-slot nightly 2026-04-05T03:30
              bursar schedule run-slot nightly 2026-04-05T06:30:00Z -- --wait 10m

            A slot that was done sends nothing and says when that was; one that was cut off, stopped or skipped is run to its end.
            --again begins it anew, as bursar run --again does.
            """)

    @Argument(help: "The schedule.", completion: Candidates.schedules)
    var name: String

    @Argument(
        help:
            "When the slot is: as the clocks of the schedule's time zone show it, or with its offset. The latest one by default.")
    var time: String?

    @Option(help: ArgumentHelp("As if it were this instant.", visibility: .hidden))
    var now: Moment?

    @Flag(help: "Begin a new job for the slot, although it was done.")
    var again = false

    @Flag(help: "Print nothing on success.")
    var quiet = false

    @Argument(parsing: .postTerminator, help: "Behind --, further flags of bursar run.")
    var flags: [String] = []

    @OptionGroup var options: ScheduleOptions

    func run() async throws {
        let runner = SlotRunner(isQuiet: quiet)
        let signals = SignalWatch(notice: "stopping: the run is told to stop", passing: runner.stop)
        let code = try await ScheduleOptions.answer {
            let runs = try ScheduledRuns(options)
            let schedule = try runs.schedule(named: name)
            let slot: Slot
            if let time {
                slot = try SlotTime(time, of: schedule).slot(of: schedule)
                try SlotTime.refuseFuture(slot.time, time, now: now?.date ?? Date())
            } else {
                let end = now?.date ?? Date()
                guard let last = SlotTime.last(of: schedule, until: end) else {
                    throw RunFailure(.usage, "\(name) has had no slot yet", hint: "bursar schedule next \(name) shows its times")
                }
                slot = last
            }
            return try await runner.run(slot, of: schedule, runs, (again ? ["--again"] : []) + flags)
        }
        withExtendedLifetime(signals) {}
        if let code, code != 0 { throw ExitCode(code) }
    }
}
