public import ArgumentParser
import BursarEngine
public import BursarSchedule
import Foundation

struct ScheduleAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a schedule: a script, and when it runs.",
        discussion: """
            Examples:
              bursar schedule add nightly "30 3 * * 1-5" refunds.lua input=refunds.csv --env sandbox --time-zone America/Santiago
              bursar schedule add sweep @hourly sweep.lua --env sandbox --time-zone UTC --overlap queue --jitter 5m
              bursar schedule add big "0 4 * * *" refunds.lua input=big.csv --env sandbox --time-zone UTC -- --parallel 4
            """)

    @Argument(help: "The schedule's name: letters, digits, - and _.")
    var name: String

    @Argument(help: "When it runs: a cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly.")
    var cron: String

    @Argument(help: "The script.", completion: .file(extensions: ["lua"]))
    var script: String

    @Argument(help: "The script's arguments, as name=value; then, behind --, flags of bursar run.")
    var arguments: [String] = []

    @Option(name: .customLong("env"), help: "Where its calls go: local, sandbox, production, or a name from bursar.yaml.")
    var environment: String

    @Option(help: "The time zone of the cron expression, such as America/Santiago or UTC.")
    var timeZone: String

    @Option(
        help:
            "What happens to a slot while an earlier one still runs: skip, queue (it waits) or replace (the earlier one is stopped)."
    )
    var overlap: Schedule.Overlap = .skip

    @Option(help: "Which slots that nobody fired in time are made up for: none, last or all.")
    var missed: Schedule.Missed = .last

    @Option(help: "Slots that are older than this are not made up for.")
    var missedWithin = Length(.seconds(86_400))

    @Option(help: "Put each slot off by up to this long; by how much is the slot's own and always the same.")
    var jitter = Length(.zero)

    @Option(help: "Stop a run that takes longer than this.")
    var timeLimit: Length?

    @Option(help: "A file of dates without slots: 2026-12-25, 12-25 for every year, or 2026-09-18..2026-09-20, one a line.")
    var leaveOut: String?

    @Flag(help: "Add it without it being in force; bursar schedule enable puts it so.")
    var disabled = false

    @OptionGroup var options: ScheduleOptions

    mutating func validate() throws {
        // The first flag ends the script's arguments: what follows may be a flag's value.
        let named = arguments.prefix { !$0.hasPrefix("-") }
        if let word = named.first(where: { NamedValue(argument: $0) == nil }) {
            throw ValidationError("\"\(word)\" is no argument for a script; write name=value.")
        }
        if let word = arguments.first(where: { $0 == "--env" || $0.hasPrefix("--env=") }) {
            throw ValidationError("\(word) does not belong behind --; --env before it says where calls go.")
        }
    }

    func run() async throws {
        try await ScheduleOptions.answer {
            let project = try options.project()
            do throws(ConfigurationError) { _ = try TargetEnvironment(named: environment, in: project) } catch {
                throw RunFailure(.invalid, error.description)
            }
            let path = try options.path()
            let folder = (path as NSString).deletingLastPathComponent
            var schedule = try Schedule(
                name: name, cron: CronExpression(cron), time: LocalTime(zone: timeZone),
                script: place(script, "script", in: folder), environment: environment)
            schedule.arguments = arguments
            schedule.overlap = overlap
            schedule.missed = missed
            schedule.missedWithin = missedWithin.duration
            schedule.jitter = jitter.duration
            schedule.timeLimit = timeLimit?.duration
            schedule.isEnabled = !disabled
            schedule.leaveOut = try leaveOut.map { try place($0, "file of dates", in: folder) }
            try ScheduledRuns.check(schedule, path: path)
            // A date that is wrong is found now, not in the night.
            let next = try ScheduleView.next(schedule, folder: folder, after: Date(), count: 1)
            let added = schedule
            _ = try options.change(isNew: true) { file throws(ScheduleError) in try file.adding(added) }
            Output.result(
                "added \(name) to \(path); "
                    + (disabled ? "it is disabled" : next.first.map { "first \(schedule.time.text($0))" } ?? "it never fires"))
            if FileManager.default.currentDirectoryPath != folder, !schedule.arguments.isEmpty {
                Output.error("note: paths in its arguments are read from \(folder)")
            }
            if !disabled, !isKept(by: path) {
                Output.error("note: nothing runs it yet: bursar schedule install --cron, or --systemd")
            }
        }
    }

    /// Whether cron or systemd asks for it already. What cannot be known is not so.
    private func isKept(by file: String) -> Bool {
        if (try? UserCrontab.read().holds(file)) == true { return true }
        let environment = ProcessInfo.processInfo.environment
        return [false, true].contains { isSystem in
            (try? SystemdFolder(isSystem: isSystem, environment: environment))?.keeps(name, of: file) == true
        }
    }

    /// A file as the schedules name it: relative to their folder where it lies beneath.
    private func place(_ path: String, _ what: String, in folder: String) throws(RunFailure) -> String {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isFolder), !isFolder.boolValue else {
            throw RunFailure(.invalid, "there is no \(what) \(path)")
        }
        let real = URL(fileURLWithPath: absolute).resolvingSymlinksInPath().path
        return real.hasPrefix(folder + "/") ? String(real.dropFirst(folder.count + 1)) : absolute
    }
}

/// A length of time on the command line, in whole seconds.
struct Length: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Span.read(argument), duration.components.attoseconds == 0 else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { Span.words(duration) }
}

extension Schedule.Overlap: ExpressibleByArgument {}
extension Schedule.Missed: ExpressibleByArgument {}
