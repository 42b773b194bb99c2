import BursarSchedule
import Foundation
import Testing

/// `2026-04-05T03:30:00Z`
func instant(_ text: String) throws -> Date { try #require(try? Date(text, strategy: .iso8601), "\(text)") }

func utc(_ instant: Date) -> String { instant.formatted(.iso8601) }

/// The next firings, in UTC.
func firings(_ cron: String, _ zone: String, after start: String, _ count: Int) throws -> [String] {
    let times = try FiringTimes(CronExpression(cron), in: LocalTime(zone: zone), after: instant(start))
    return times.prefix(count).map(utc)
}
