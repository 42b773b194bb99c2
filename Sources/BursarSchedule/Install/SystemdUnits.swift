public import Foundation

/// A `.service` and a `.timer` for each schedule that is enabled.
public struct SystemdUnits: Sendable {
    /// A unit's file.
    public struct File: Sendable, Equatable {
        public let name: String
        public let text: String
    }

    /// The service before its timer, in the order of the schedules.
    public let files: [File]
    /// The timers' names: what is to be enabled.
    public var timers: [String] { files.map(\.name).filter { $0.hasSuffix(".timer") } }

    public init(_ schedules: [Schedule], _ invocation: Invocation, now: Date) {
        files = schedules.filter(\.isEnabled).flatMap { schedule in
            let name = "bursar-\(schedule.name)"
            return [
                File(name: name + ".service", text: SystemdUnits.service(schedule, invocation)),
                File(name: name + ".timer", text: SystemdUnits.timer(schedule, invocation, now)),
            ]
        }
    }

    /// Whether a unit's text was written for this file of schedules.
    public static func isOwn(_ text: String, of file: String) -> Bool { text.hasPrefix(heading(file)) }

    private static func heading(_ file: String) -> String {
        "# Written by bursar schedule install for \(file)\n# Changes here are lost; bursar schedule uninstall takes it away.\n"
    }

    private static func service(_ schedule: Schedule, _ invocation: Invocation) -> String {
        let words = ([invocation.program] + invocation.arguments(schedule.name)).map(word).joined(separator: " ")
        return heading(invocation.file) + """

            [Unit]
            Description=Bursar schedule \(schedule.name)

            [Service]
            Type=oneshot
            WorkingDirectory=\(escaped(invocation.folder))
            ExecStart=\(words)
            # Bursar lets effects that are on their way come to their end; its worker ends with it.
            KillMode=mixed
            TimeoutStopSec=30

            """
    }

    private static func timer(_ schedule: Schedule, _ invocation: Invocation, _ now: Date) -> String {
        let events = SystemdCalendar(schedule.cron, in: schedule.time, now: now).events
        return heading(invocation.file) + """

            [Unit]
            Description=When Bursar's schedule \(schedule.name) is due: \(schedule.cron)

            [Timer]
            \(events.map { "OnCalendar=\($0)" }.joined(separator: "\n"))
            AccuracySec=1s
            # After a time asleep; the schedule says which slots are made up for.
            Persistent=true

            [Install]
            WantedBy=timers.target

            """
    }

    /// One word of a command line of systemd.
    private static func word(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
        guard !text.allSatisfy(plain.contains) else { return text }
        return "\"" + escaped(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "$$")) + "\""
    }

    private static func escaped(_ text: String) -> String { text.replacing("%", with: "%%") }
}
