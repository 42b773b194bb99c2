import BursarSchedule
import Testing

/// A schedule with settings of its own.
func schedule(
    _ name: String = "nightly", _ cron: String = "0 * * * *", zone: String = "UTC", _ change: (inout Schedule) -> Void = { _ in }
) throws -> Schedule {
    var schedule = try Schedule(
        name: name, cron: CronExpression(cron), time: LocalTime(zone: zone), script: "refunds.lua", environment: "sandbox")
    change(&schedule)
    return schedule
}

@Suite("A schedule")
struct ScheduleTests {
    @Test("has a name that a file and a unit can have")
    func names() throws {
        for name in ["a", "nightly-refunds", "Refunds_2", String(repeating: "x", count: 60)] {
            #expect(try schedule(name).name == name)
        }
        for name in ["", "a b", "-a", "a.b", "a/b", "a@b", "é", "a\n", String(repeating: "x", count: 61)] {
            #expect {
                try schedule(name)
            } throws: {
                ($0 as? ScheduleError)?.message == "\"\(name)\" is no name for a schedule"
            }
        }
    }
}
