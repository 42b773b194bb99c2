import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import Foundation

struct ScheduleInstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Have cron or systemd keep the schedules.",
        discussion: """
            Examples:
              bursar schedule install --cron
              bursar schedule install --systemd --system
              bursar schedule install --systemd --print

            cron gets one marked line in your crontab, which asks every minute what is due; all other lines stay as they are. systemd
            gets a service and a timer for each enabled schedule: install again when schedules were added, changed or removed.
            """)

    @Flag(exclusivity: .exclusive, help: "Your crontab, or systemd's timers.")
    var scheduler: Scheduler

    @OptionGroup var place: SystemdPlace

    @Flag(name: .customLong("print"), help: "Print what would be installed, and change nothing.")
    var prints = false

    @OptionGroup var options: ScheduleOptions

    enum Scheduler: String, EnumerableFlag { case cron, systemd }

    mutating func validate() throws {
        if scheduler == .cron, place.isGiven { throw ValidationError("--user and --system go with --systemd.") }
    }

    func run() async throws {
        try await ScheduleOptions.answer {
            let file = try options.read()
            let invocation = try Invocation(program: try program(), file: file.path)
            switch scheduler {
            case .cron: try installCron(file, invocation)
            case .systemd: try installSystemd(file, SystemdUnits(file.schedules, invocation, now: Date()))
            }
        }
    }

    private func installCron(_ file: ScheduleFile, _ invocation: Invocation) throws {
        if prints {
            let block = try Crontab(bytes: []).holding(invocation.crontabLine, for: file.path)
            return Output.result(String(decoding: block.bytes, as: UTF8.self))
        }
        let before = try UserCrontab.read()
        let after = try before.holding(invocation.crontabLine, for: file.path)
        if after != before { try UserCrontab.write(after) }
        Output.result("your crontab keeps the schedules of \(file.path)")
    }

    private func installSystemd(_ file: ScheduleFile, _ units: SystemdUnits) throws {
        if prints {
            return Output.result(units.files.map { "# \($0.name)\n\($0.text)" }.joined(separator: "\n"))
        }
        let folder = try place.folder()
        try folder.install(units, for: file.path)
        Output.result("\(folder.path) keeps \(units.timers.isEmpty ? "no schedule" : units.timers.joined(separator: ", "))")
        if !place.isSystem, !units.timers.isEmpty {
            Output.error("note: your timers rest while you are logged out, unless loginctl enable-linger was called")
        }
    }

    /// The program that runs now, wherever it was started from.
    private func program() throws(RunFailure) -> String {
        do { return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") } catch {
            throw RunFailure(.temporary, "the path of bursar cannot be found: \(error.systemReason)")
        }
    }
}

/// Whose systemd.
struct SystemdPlace: ParsableArguments {
    @Flag(exclusivity: .exclusive, help: "Your own units, or those of the system; your own where neither is given.")
    var owner: Owner?

    enum Owner: String, EnumerableFlag { case user, system }

    var isGiven: Bool { owner != nil }
    var isSystem: Bool { owner == .system }

    /// - Throws: `RunFailure` when there is no home folder.
    func folder() throws(RunFailure) -> SystemdFolder {
        try SystemdFolder(isSystem: isSystem, environment: ProcessInfo.processInfo.environment)
    }
}
