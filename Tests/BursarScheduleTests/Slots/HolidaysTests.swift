import BursarSchedule
import Testing

@Suite("A file of holidays")
struct HolidaysTests {
    @Test("has dates, ranges, dates of every year, and words for people")
    func entries() throws {
        let holidays = try Holidays(
            text: """
                # Chile
                2026-09-18 # Independence
                2026-12-30..2027-01-02\r
                12-25

                  02-29
                """, path: "holidays.txt")
        func left(_ text: String) throws -> Bool { holidays.contains(try #require(CivilDate(text))) }
        for date in ["2026-09-18", "2026-12-30", "2026-12-31", "2027-01-02", "2026-12-25", "2031-12-25", "2028-02-29"] {
            #expect(try left(date), "\(date)")
        }
        for date in ["2027-09-18", "2026-09-17", "2026-12-29", "2027-01-03", "2026-12-24", "2027-02-28"] {
            #expect(try !left(date), "\(date)")
        }
        #expect(!Holidays().contains(try #require(CivilDate("2026-12-25"))))
    }

    @Test(
        "that is wrong says where",
        arguments: [
            ("2026-02-29", "write 2026-12-25, or 12-25 for every year, or a range 2026-09-18..2026-09-20"),
            ("Christmas", "write 2026-12-25, or 12-25 for every year, or a range 2026-09-18..2026-09-20"),
            ("2026-09-20..2026-09-18", "a range is two dates, the earlier one first: 2026-09-18..2026-09-20"),
            ("09-18..09-20", "a range is two dates, the earlier one first: 2026-09-18..2026-09-20"),
        ])
    func mistakes(line: String, hint: String) {
        #expect {
            try Holidays(text: "12-25\n\n\(line) # x\n", path: "h.txt")
        } throws: {
            ($0 as? ScheduleError)?.description == "h.txt:3: \"\(line)\" is no date; \(hint)"
        }
    }
}
