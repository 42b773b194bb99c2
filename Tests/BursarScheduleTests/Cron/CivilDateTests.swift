import Testing

@testable import BursarSchedule

@Suite("A date")
struct CivilDateTests {
    @Test("follows the one before it, for a thousand years")
    func succession() {
        var previous = CivilDate(number: -200_000)
        for number in -199_999...200_000 {
            let date = CivilDate(number: number)
            let isNext =
                date.year == previous.year && date.month == previous.month && date.day == previous.day + 1
                || date.day == 1 && (date.year * 12 + date.month == previous.year * 12 + previous.month + 1)
            guard isNext, date.weekday == (previous.weekday + 1) % 7,
                CivilDate(year: date.year, month: date.month, day: date.day)?.number == number
            else {
                Issue.record("\(previous) is followed by \(date)")
                return
            }
            previous = date
        }
    }

    @Test("is where the calendar has it")
    func known() throws {
        let date = try #require(CivilDate("2026-11-30"))
        #expect(date.weekday == 1)
        #expect(date.description == "2026-11-30")
        #expect(date.firstOfNextMonth.description == "2026-12-01")
        #expect(CivilDate(number: 0).description == "1970-01-01")
        #expect(CivilDate("2028-02-29")?.next.description == "2028-03-01")
        #expect(CivilDate("2026-12-31")?.firstOfNextMonth.description == "2027-01-01")
        #expect(CivilDate("2026-01-31")?.firstOfNextMonth.description == "2026-02-01")
    }

    @Test(
        "that does not exist is none",
        arguments: [
            "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "26-01-01", "2026-1-1", "2026-01-01 ", "",
            "0000-01-01", "+026-01-01", "2100-02-29",
        ])
    func none(text: String) { #expect(CivilDate(text) == nil) }
}
