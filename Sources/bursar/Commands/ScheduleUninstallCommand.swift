import ArgumentParser
import BursarSchedule

struct ScheduleUninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Have cron or systemd forget the schedules; the file of schedules stays.",
        discussion: """
            Examples:
              bursar schedule uninstall --cron
              bursar schedule uninstall --systemd
            """)

    @Flag(exclusivity: .exclusive, help: "Your crontab, or systemd's timers.")
    var scheduler: ScheduleInstallCommand.Scheduler

    @OptionGroup var place: SystemdPlace
    @OptionGroup var options: ScheduleOptions

    mutating func validate() throws {
        if scheduler == .cron, place.isGiven { throw ValidationError("--user and --system go with --systemd.") }
    }

    func run() async throws {
        try await ScheduleOptions.answer {
            // Only its name counts: it may be damaged, or gone.
            let path = try options.path()
            switch scheduler {
            case .cron:
                let before = try UserCrontab.read()
                guard try before.holds(path) else { return Output.error("your crontab has nothing of \(path)") }
                try UserCrontab.write(try before.without(path))
                Output.result("your crontab has nothing of \(path) any more")
            case .systemd:
                let folder = try place.folder()
                let removed = try folder.uninstall(path)
                guard !removed.isEmpty else { return Output.error("\(folder.path) has nothing of \(path)") }
                Output.result("removed \(removed.joined(separator: ", ")) from \(folder.path)")
            }
        }
    }
}
