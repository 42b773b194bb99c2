import ArgumentParser
import BursarEngine
import BursarSchedule
import Foundation

struct ScheduleTickCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tick", abstract: "Run what is due; cron and systemd call it.",
        discussion: """
            Examples:
              bursar schedule tick
              bursar schedule tick nightly --file /srv/ops/schedules.yaml --quiet

            It may be called as often, and from as many hosts, as one likes: each slot is run once, as long as they share the journal.
            Schedules run beside each other, at most sixteen at a time, the slots of one schedule one after the other. It ends when they
            have ended, with the exit code of the first that did not end well.
            """)

    @Argument(help: "The schedule; all of them where none is named.", completion: Candidates.schedules)
    var name: String?

    @Flag(help: "Print nothing on success.")
    var quiet = false

    @Option(help: ArgumentHelp("As if it were this instant.", visibility: .hidden))
    var now: Moment?

    @OptionGroup var options: ScheduleOptions

    func run() async throws {
        let runner = SlotRunner(isQuiet: quiet)
        // What is told to stop tells its runs, and ends when they have.
        let signals = SignalWatch(notice: "stopping: the runs that go on are told to stop", passing: runner.stop)
        let code = try await ScheduleOptions.answer {
            let runs = try ScheduledRuns(options)
            let schedules = try name.map { [try runs.schedule(named: $0)] } ?? runs.file.schedules
            return try await perform(schedules, runs, runner)
        }
        withExtendedLifetime(signals) {}
        if let code, code != 0 { throw ExitCode(code) }
    }

    private static let mostAtOnce = 16

    private func perform(_ schedules: [Schedule], _ runs: ScheduledRuns, _ runner: SlotRunner) async throws -> Int32? {
        let started = Date()
        let start = now?.date
        let isQuiet = quiet
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            var code: Int32?
            for (index, schedule) in schedules.enumerated() {
                if index >= ScheduleTickCommand.mostAtOnce, let ended = try await group.next() { code = code ?? ended }
                let tick = ScheduleTick(
                    schedule: schedule, runs: runs, runner: runner, waits: name != nil,
                    clock: { start.map { $0 + Date().timeIntervalSince(started) } ?? Date() },
                    pause: { seconds in
                        let end = ContinuousClock.now + .seconds(seconds)
                        while runner.stopped == nil, ContinuousClock.now < end {
                            try? await Task.sleep(for: min(.seconds(1), end - .now))
                        }
                    },
                    tell: { if !isQuiet { Output.result($0) } })
                group.addTask {
                    do { return try await tick.perform() } catch {
                        // What is wrong with one schedule is told, and the others run.
                        guard let failure = RunFailure(anyOf: error) else { throw error }
                        Output.error("\(schedule.name): \(FailureView.text(failure))")
                        return Int32(BursarExit(failure).rawValue)
                    }
                }
            }
            return try await group.reduce(code) { $0 ?? $1 }
        }
    }
}
