import ConomyAPI
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "what is read is written back in UTC",
        arguments: [
            ("2026-04-17T14:37:44Z", "2026-04-17T14:37:44Z"), ("2026-04-17T00:30:00+01:00", "2026-04-16T23:30:00Z"),
            ("2024-02-29T23:59:59.250Z", "2024-02-29T23:59:59.250Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ])
    func roundTrip(input: String, output: String) {
        #expect(Timestamp(input)?.description == output)
    }

    @Test(
        "what is no time is refused",
        arguments: ["", "2026-02-30T00:00:00Z", "2026-04-17", "2026-04-17T24:00:00Z", "2026-04-17T14:37:44", "x"])
    func refusals(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("every day from 1600 to 2400 survives the way to milliseconds and back")
    func days() {
        var instant = Timestamp(millisecondsSince1970: -11_676_096_000_000)
        while instant.date.year < 2400 {
            let (year, month, day) = instant.date
            guard Timestamp(year: year, month: month, day: day) == instant else {
                Issue.record("\(year)-\(month)-\(day) does not survive")
                return
            }
            instant = instant.adding(milliseconds: 86_400_000)
        }
    }
}
