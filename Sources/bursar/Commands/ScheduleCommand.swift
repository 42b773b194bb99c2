import ArgumentParser

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Keep the times at which scripts run, and have the system keep them.",
        discussion: """
            Examples:
              bursar schedule add nightly "30 3 * * 1-5" refunds.lua input=refunds.csv --env sandbox --time-zone America/Santiago
              bursar schedule list
              bursar schedule next "0 9 1,15 * fri" --time-zone Europe/Berlin --count 10
              bursar schedule install --cron
              bursar schedule status

            Schedules are kept in schedules.yaml, beside bursar.yaml; it is yours to read, to change and to put under version control.
            Cron expressions have five fields: minute, hour, day of the month, month, day of the week. Where both day fields are
            restricted, a day that fits either fires. Where the clocks are changed, a time that does not exist fires once, at the
            first instant after the gap; a time that exists twice fires once, at the first of the two; an expression whose minute or
            hour begins with * follows the clock on the wall.
            """,
        subcommands: [
            ScheduleAddCommand.self, ScheduleListCommand.self, ScheduleNextCommand.self, ScheduleRemoveCommand.self,
            ScheduleEnableCommand.self, ScheduleDisableCommand.self, ScheduleStatusCommand.self, ScheduleRunSlotCommand.self,
            ScheduleBackfillCommand.self, ScheduleTickCommand.self, ScheduleInstallCommand.self, ScheduleUninstallCommand.self,
        ])
}
