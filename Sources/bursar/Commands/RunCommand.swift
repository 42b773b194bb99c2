import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import ExactJSON

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a script, or rehearse it.",
        discussion: """
            Examples:
              bursar run refunds.lua input=refunds.csv --dry-run
              bursar run refunds.lua input=refunds.csv --env sandbox --results out.csv

            Exit codes: 0 done, 1 the script failed, 2 usage, 3 invalid script, input or configuration, 4 a rehearsal found
            effects (with --detailed-exit-code), 5 temporary, 6 some rows failed, 7 credentials, 8 refused, 10 limit reached,
            12 effects in doubt or unreconciled, or a damaged journal, 14 another runner holds the job, 130/143 stopped by a signal.

            SIGUSR1 makes a run say on standard error how it goes (kill -USR1 PID).
            """)

    @OptionGroup var script: ScriptFlags
    @OptionGroup var job: JobFlags
    @OptionGroup var flags: RunFlags

    @Flag(help: "Rehearse: nothing is written to the target.")
    var dryRun = false

    @Flag(help: "With --dry-run, exit with 4 when there would be effects.")
    var detailedExitCode = false

    @Option(
        help: ArgumentHelp(
            "The slot of a schedule that this run is for, such as nightly@2026-04-05T03:30:00Z: it is done once.",
            visibility: .hidden))
    var slot: String?

    @Flag(
        help: ArgumentHelp("A clock fired the slot: one that ended before, in whatever way, is left alone.", visibility: .hidden))
    var fired = false

    @Option(
        help: ArgumentHelp(
            "The event of the journal that this run's handlers are called for: it is done once.", visibility: .hidden))
    var event: String?

    mutating func validate() throws {
        if event != nil, slot != nil || dryRun { throw ValidationError("--event goes neither with --slot nor with --dry-run.") }
        guard let slot else {
            if fired { throw ValidationError("--fired goes with --slot.") }
            return
        }
        if Slot(slot) == nil { throw ValidationError("--slot \(slot) is no slot; write nightly@2026-04-05T03:30:00Z.") }
        if dryRun { throw ValidationError("A rehearsal is for no slot: --slot does not go with --dry-run.") }
    }

    /// Has the script's handlers called for an event that was received.
    private func take(_ name: String, _ options: inout RunOptions) throws {
        guard case .folder(let folder) = options.job.place else {
            throw RunFailure(.usage, "--event needs the journal that the event is in", hint: "name it with --state DIR")
        }
        do {
            guard let event = try JournalReader(folder: folder).event(named: name) else {
                throw RunFailure(.invalid, "there is no event \(name) in \(folder.path)", hint: "bursar events list shows them")
            }
            var content = try WebhookMessage(stored: event.body).content
            content["id"] = .string(event.name)
            content["received_at"] = .string(event.receivedAt.description)
            options.event = content
            options.job.occasion = Occasion(.event, event.name)
        } catch let error as JournalError { throw RunFailure(error) } catch let refusal as WebhookMessage.Refusal {
            throw RunFailure(.damaged, "the event \(name) is not as it was received: \(refusal)")
        }
    }

    func run() async throws {
        try await Execution(flags: flags, state: job.journal.chosen, detailedExitCode: detailedExitCode).perform(script.script) {
            var options = try script.options()
            options.isRehearsal = dryRun
            options.job = try job.options(options.target, configurationPath: options.configurationPath)
            options.job.occasion = slot.map { Occasion(.slot, $0) }
            options.job.isFired = fired
            if let event { try take(event, &options) }
            return options
        }
    }
}
