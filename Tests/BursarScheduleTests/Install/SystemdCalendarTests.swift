import BursarSchedule
import Foundation
import Fuzzing
import Testing

@Suite("A calendar event of systemd")
struct SystemdCalendarTests {
    private func events(_ cron: String, _ zone: String) throws -> [String] {
        try SystemdCalendar(CronExpression(cron), in: LocalTime(zone: zone), now: instant("2026-11-30T00:00:00Z")).events
    }

    @Test(
        "says what the cron expression says, and what systemd would leave out where the clocks are changed",
        arguments: [
            ("30 3 * * 1-5", "UTC", ["Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00 UTC"]),
            ("30 3 * * *", "America/Santiago", ["*-*-* 03:30:00 America/Santiago"]),
            ("* * * * *", "UTC", ["*-*-* *:*:00 UTC"]),
            ("*/20 8-10 1 jan,jul *", "UTC", ["*-01,07-01 08,09,10:00,20,40:00 UTC"]),
            // Either day: two events.
            ("0 9 1,15 * fri", "UTC", ["*-*-01,15 09:00:00 UTC", "Fri *-*-* 09:00:00 UTC"]),
            ("30 2 * * *", "Europe/Berlin", ["*-*-* 02:30:00 Europe/Berlin", "*-03-* 01:00:00 UTC"]),
            ("30 0 * * *", "America/Santiago", ["*-*-* 00:30:00 America/Santiago", "*-09-* 04:00:00 UTC"]),
            ("30 * * * *", "America/New_York", ["*-*-* *:30:00 America/New_York", "*-11-* 06:30:00 UTC"]),
        ])
    func texts(cron: String, zone: String, expected: [String]) throws { #expect(try events(cron, zone) == expected) }

    @Test("leaves out no firing time over a change of the clocks, by systemd's own account", .enabled(if: Systemd.program != nil))
    func systemdAgrees() throws {
        for (zone, change) in [
            ("America/Santiago", "2027-04-04T03:00:00Z"), ("America/Santiago", "2027-09-05T04:00:00Z"),
            ("America/New_York", "2027-03-14T07:00:00Z"), ("America/New_York", "2027-11-07T06:00:00Z"),
            ("Europe/Berlin", "2027-03-28T01:00:00Z"), ("Europe/Berlin", "2027-10-31T01:00:00Z"),
            ("Australia/Lord_Howe", "2027-04-03T15:00:00Z"), ("Australia/Lord_Howe", "2027-10-02T15:30:00Z"),
        ] {
            let start = try instant(change) - 86_400
            for cron in ["30 2 * * *", "15,45 0,23 * * *", "30 * * * *", "*/20 1-3 * * *", "0 12 * * sun", "30 1 1,7 * sun"] {
                let firings = try FiringTimes(CronExpression(cron), in: LocalTime(zone: zone), after: start)
                    .prefix { $0 < start + 3 * 86_400 }
                var elapses: Set<Date> = []
                for event in try events(cron, zone) { elapses.formUnion(try Systemd.elapses(event, after: start, 80)) }
                let leftOut = firings.filter { !elapses.contains($0) }
                #expect(leftOut.map(utc) == [], "\(cron) in \(zone)")
            }
        }
    }
}
