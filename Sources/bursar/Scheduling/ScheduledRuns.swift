import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import Foundation

/// The schedules of a file, each with the command line of its runs and the journal that knows of them.
struct ScheduledRuns {
    let file: ScheduleFile
    /// Of the file; runs have it as their working folder.
    let folder: String
    /// Absolute; nil for the nearest bursar.yaml.
    private let configurationPath: String?

    /// Goes to the folder of the file: what schedules name is read from there, whoever calls from wherever.
    /// - Throws: `RunFailure` when the file, or its folder, cannot be used.
    init(_ options: ScheduleOptions) throws(RunFailure) {
        file = try options.read()
        folder = (file.path as NSString).deletingLastPathComponent
        configurationPath = options.configurationPath.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        guard FileManager.default.changeCurrentDirectoryPath(folder) else {
            throw RunFailure(.invalid, "the folder of the schedules, \(folder), cannot be entered")
        }
    }

    /// - Throws: `ScheduleError` for a name that no schedule has.
    func schedule(named name: String) throws(ScheduleError) -> Schedule {
        guard let schedule = file.schedule(named: name) else { throw file.unknown(name) }
        return schedule
    }

    /// The words of a schedule's `bursar run`.
    ///
    /// The embedded bank and its journal would be gone with each run, and with them what is known of slots: they are kept beside the
    /// project's journal, unless the schedule names a folder itself.
    /// - Throws: `RunFailure` when they are not what `bursar run` takes, or the configuration is wrong.
    func words(_ schedule: Schedule) throws(RunFailure) -> [String] {
        var words = [schedule.script, "--env", schedule.environment]
        if let configurationPath { words += ["--config", configurationPath] }
        words += schedule.arguments
        let parsed = try ScheduledRuns.parse(words, schedule, path: file.path)
        if parsed.job.journal.chosen == nil, try isLocal(schedule) {
            let project = try JournalOptions.folder(nil, configurationPath: configurationPath)
            words += ["--state", project.unattended]
        }
        return words
    }

    /// The command that does a slot, or goes on with it, from any folder.
    func again(_ slot: Slot) -> String {
        let time = slot.description.split(separator: "@").last ?? ""
        return "bursar schedule run-slot \(slot.schedule) \(time) --file \(ShellText.quoted(file.path))"
    }

    /// Where a schedule's runs are recorded.
    /// - Throws: `RunFailure`, as `words`.
    func journal(_ schedule: Schedule) throws(RunFailure) -> JournalFolder {
        try ScheduledRuns.parse(words(schedule), schedule, path: file.path).job.journal.folder(
            configurationPath: configurationPath)
    }

    /// - Throws: `RunFailure` when the arguments of a schedule are not what `bursar run` takes, or would take away that a slot is run once.
    static func check(_ schedule: Schedule, path: String) throws(RunFailure) {
        _ = try parse([schedule.script, "--env", schedule.environment] + schedule.arguments, schedule, path: path)
    }

    private static func parse(_ words: [String], _ schedule: Schedule, path: String) throws(RunFailure) -> RunCommand {
        let command: RunCommand
        do { command = try RunCommand.parse(words) } catch {
            throw RunFailure(
                .invalid,
                "the schedule \(schedule.name) has arguments that bursar run does not take: \(RunCommand.message(for: error))",
                hint: "correct them", location: path)
        }
        let reasons = [
            ("--env", "environment: says where calls go", command.script.target.environment != schedule.environment),
            ("--dry-run", "a rehearsal is for no slot", command.dryRun),
            ("--again", "bursar schedule run-slot --again does a slot once more", command.job.again),
            ("--no-journal", "the journal knows which slots were run", command.job.noJournal),
            ("--slot", "each slot has its own", command.slot != nil),
        ]
        if let (flag, why, _) = reasons.first(where: \.2) {
            throw RunFailure(
                .invalid, "\(flag) does not belong into the arguments of the schedule \(schedule.name)",
                hint: "\(why); take it out", location: path)
        }
        return command
    }

    private func isLocal(_ schedule: Schedule) throws(RunFailure) -> Bool {
        do throws(ConfigurationError) {
            return try TargetEnvironment(named: schedule.environment, in: TargetOptions.configuration(configurationPath)).isLocal
        } catch { throw RunFailure(.invalid, error.description) }
    }

    /// What the journal knows of a schedule: nothing where there is none yet.
    struct Known {
        var since: (definition: String, since: Timestamp)?
        var slots: [SlotRecord] = []

        subscript(_ slot: Slot) -> SlotRecord? { slots.last { $0.name == slot.description } }
    }

    /// - Parameter first: slots before are not looked at.
    /// - Throws: `RunFailure`, `JournalError`.
    func known(_ schedule: Schedule, since first: Date = .distantPast) throws -> Known {
        let folder = try journal(schedule)
        guard folder.exists else { return Known() }
        let reader = try JournalReader(folder: folder)
        let slot = Slot(schedule: schedule.name, time: max(first, Date(timeIntervalSince1970: 0)))
        return Known(
            since: try reader.inForce(schedule: schedule.name),
            slots: try reader.slots(of: schedule.name, since: slot.description))
    }
}

extension Schedule {
    /// When it fires: another definition is in force from its own first minute on.
    var definition: String { "\(cron) in \(time.name)" }
}

extension Timestamp {
    var date: Date { Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000) }
}
