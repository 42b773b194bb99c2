import Foundation
import Testing

@testable import BursarSchedule

@Suite("The time of a zone")
struct LocalTimeTests {
    @Test("is known by the names of the tz database alone")
    func names() throws {
        for name in ["America/Santiago", "Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Asia/Kathmandu", "Etc/UTC"] {
            #expect(throws: Never.self) { try LocalTime(zone: name) }
        }
        for (name, hint) in [
            ("Santiago", "did you mean America/Santiago?"), ("America/New York", "did you mean America/New_York?"),
            ("europe/berlin", "did you mean Europe/Berlin?"), ("GMT+3", "write a name such as"), ("PST", "write a name such as"),
            ("", "write a name such as"), ("Europe/Bärlin", "write a name such as"), ("../etc/passwd", "write a name such as"),
        ] {
            #expect { try LocalTime(zone: name) } throws: { error in
                let error = error as? ScheduleError
                #expect(error?.message == "there is no time zone \"\(name)\"")
                return error?.code == .timeZone && error?.hint?.hasPrefix(hint) == true
            }
        }
    }

    @Test("is written with its date and its distance from UTC")
    func texts() throws {
        #expect(try LocalTime(zone: "America/Santiago").text(instant("2026-04-05T02:59:00Z")) == "2026-04-04 23:59 -03:00")
        #expect(try LocalTime(zone: "America/Santiago").text(instant("2026-04-05T03:00:00Z")) == "2026-04-04 23:00 -04:00")
        #expect(try LocalTime(zone: "Asia/Kathmandu").text(instant("2026-04-05T20:00:59Z")) == "2026-04-06 01:45 +05:45")
        #expect(try LocalTime(zone: "UTC").text(instant("1969-12-31T23:59:59Z")) == "1969-12-31 23:59 +00:00")
    }

    @Test("occurs once, twice or never where the clocks are changed")
    func occurrences() throws {
        func occurrence(_ zone: String, _ date: String, _ hour: Int, _ minute: Int) throws -> [String] {
            let second = hour * 3600 + minute * 60
            func text(_ seconds: Int) -> String { utc(Date(timeIntervalSince1970: Double(seconds))) }
            switch try LocalTime(zone: zone).occurrence(of: #require(CivilDate(date)), second: second) {
            case .once(let instant): return [text(instant)]
            case .twice(let first, let second): return [text(first), text(second)]
            case .never(let next): return ["then", text(next)]
            }
        }
        #expect(try occurrence("Europe/Berlin", "2026-03-29", 2, 30) == ["then", "2026-03-29T01:00:00Z"])
        #expect(try occurrence("Europe/Berlin", "2026-03-29", 3, 0) == ["2026-03-29T01:00:00Z"])
        #expect(try occurrence("Europe/Berlin", "2026-10-25", 2, 30) == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
        #expect(try occurrence("Europe/Berlin", "2026-10-25", 3, 0) == ["2026-10-25T02:00:00Z"])
        // Half an hour, in Australia; and a day that Samoa left out altogether.
        #expect(try occurrence("Australia/Lord_Howe", "2026-10-04", 2, 15) == ["then", "2026-10-03T15:30:00Z"])
        #expect(try occurrence("Australia/Lord_Howe", "2026-04-05", 1, 45) == ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"])
        #expect(try occurrence("Pacific/Apia", "2011-12-30", 12, 0) == ["then", "2011-12-30T10:00:00Z"])
    }
}
