import Foundation
import Fuzzing
import Testing

@testable import BursarSchedule

@Suite("The firing times of a cron expression")
struct FiringTimesTests {
    @Test("follow the calendar")
    func calendar() throws {
        #expect(
            try firings("30 3 * * 1-5", "America/Santiago", after: "2026-11-26T12:00:00Z", 3)
                == ["2026-11-27T06:30:00Z", "2026-11-30T06:30:00Z", "2026-12-01T06:30:00Z"])
        #expect(
            try firings("0 12 29 2 *", "UTC", after: "2026-01-01T00:00:00Z", 3)
                == ["2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z", "2036-02-29T12:00:00Z"])
        #expect(
            try firings("0 0 31 * *", "UTC", after: "2026-01-31T00:00:00Z", 3)
                == ["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"])
        // 29 February at a weekend, over the turn of a century that has none.
        #expect(
            try firings("0 0 29 2 */6", "UTC", after: "2088-03-01T00:00:00Z", 2)
                == ["2116-02-29T00:00:00Z", "2128-02-29T00:00:00Z"])
        // The instant itself is no later one.
        #expect(try firings("* * * * *", "UTC", after: "2026-01-01T00:00:00Z", 1) == ["2026-01-01T00:01:00Z"])
    }

    /// The zone, the expression, an instant before the change, and what fires after it.
    struct Change: CustomTestStringConvertible {
        let zone: String
        let cron: String
        let start: String
        let fires: [String]
        var testDescription: String { "\(cron) in \(zone) after \(start)" }
    }

    @Test(
        "skip no fixed time where the clocks are put forward, and an open one follows the clock",
        arguments: [
            // Santiago goes from 23:59:59 to 01:00 on 6 September.
            Change(
                zone: "America/Santiago", cron: "30 0 * * *", start: "2026-09-05T00:00:00Z",
                fires: ["2026-09-05T04:30:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:30:00Z"]),
            Change(
                zone: "America/Santiago", cron: "0 0 * * *", start: "2026-09-05T12:00:00Z",
                fires: ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"]),
            Change(
                zone: "America/Santiago", cron: "0,20,40 0,1 * * *", start: "2026-09-05T12:00:00Z",
                fires: ["2026-09-06T04:00:00Z", "2026-09-06T04:20:00Z", "2026-09-06T04:40:00Z", "2026-09-07T03:00:00Z"]),
            Change(
                zone: "America/Santiago", cron: "*/30 * * * *", start: "2026-09-06T03:00:00Z",
                fires: ["2026-09-06T03:30:00Z", "2026-09-06T04:00:00Z", "2026-09-06T04:30:00Z"]),
            Change(
                zone: "America/Santiago", cron: "*/20 0 * * *", start: "2026-09-05T04:20:00Z",
                fires: ["2026-09-05T04:40:00Z", "2026-09-07T03:00:00Z"]),
            // New York goes from 01:59:59 to 03:00 on 8 March.
            Change(
                zone: "America/New_York", cron: "30 2 * * *", start: "2026-03-07T00:00:00Z",
                fires: ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]),
            Change(
                zone: "America/New_York", cron: "30 * * * *", start: "2026-03-08T06:00:00Z",
                fires: ["2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z", "2026-03-08T08:30:00Z"]),
            Change(
                zone: "America/New_York", cron: "0 3 * * sun", start: "2026-03-08T00:00:00Z",
                fires: ["2026-03-08T07:00:00Z", "2026-03-15T07:00:00Z"]),
            // Berlin goes from 01:59:59 to 03:00 on 29 March.
            Change(
                zone: "Europe/Berlin", cron: "15 2 * * *", start: "2026-03-28T00:00:00Z",
                fires: ["2026-03-28T01:15:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"]),
            Change(
                zone: "Europe/Berlin", cron: "15,45 2 * * *", start: "2026-03-29T00:00:00Z",
                fires: ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"]),
            Change(
                zone: "Europe/Berlin", cron: "0 */2 * * *", start: "2026-03-28T23:30:00Z",
                fires: ["2026-03-29T02:00:00Z", "2026-03-29T04:00:00Z"]),
        ])
    func forward(change: Change) throws {
        #expect(try firings(change.cron, change.zone, after: change.start, change.fires.count) == change.fires)
    }

    @Test(
        "repeat no fixed time where the clocks are put back, and an open one follows the clock",
        arguments: [
            // Santiago goes from 23:59:59 on 4 April back to 23:00.
            Change(
                zone: "America/Santiago", cron: "30 23 * * *", start: "2026-04-04T12:00:00Z",
                fires: ["2026-04-05T02:30:00Z", "2026-04-06T03:30:00Z"]),
            Change(
                zone: "America/Santiago", cron: "0 0 * * *", start: "2026-04-04T12:00:00Z",
                fires: ["2026-04-05T04:00:00Z", "2026-04-06T04:00:00Z"]),
            Change(
                zone: "America/Santiago", cron: "30 * * * *", start: "2026-04-05T01:00:00Z",
                fires: ["2026-04-05T01:30:00Z", "2026-04-05T02:30:00Z", "2026-04-05T03:30:00Z", "2026-04-05T04:30:00Z"]),
            Change(
                zone: "America/Santiago", cron: "*/30 23 * * *", start: "2026-04-04T12:00:00Z",
                fires: [
                    "2026-04-05T02:00:00Z", "2026-04-05T02:30:00Z", "2026-04-05T03:00:00Z", "2026-04-05T03:30:00Z",
                    "2026-04-06T03:00:00Z",
                ]),
            // New York goes from 01:59:59 back to 01:00 on 1 November.
            Change(
                zone: "America/New_York", cron: "30 1 * * *", start: "2026-10-31T12:00:00Z",
                fires: ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]),
            Change(
                zone: "America/New_York", cron: "0,30 1 * * *", start: "2026-11-01T05:00:00Z",
                fires: ["2026-11-01T05:30:00Z", "2026-11-02T06:00:00Z"]),
            Change(
                zone: "America/New_York", cron: "0 * * * *", start: "2026-11-01T04:30:00Z",
                fires: ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"]),
            Change(
                zone: "America/New_York", cron: "0 2 * * *", start: "2026-11-01T00:00:00Z",
                fires: ["2026-11-01T07:00:00Z", "2026-11-02T07:00:00Z"]),
            // Berlin goes from 02:59:59 back to 02:00 on 25 October.
            Change(
                zone: "Europe/Berlin", cron: "15 2 * * *", start: "2026-10-24T12:00:00Z",
                fires: ["2026-10-25T00:15:00Z", "2026-10-26T01:15:00Z"]),
            // Begun between the two: the one that counts is past.
            Change(
                zone: "Europe/Berlin", cron: "15 2 * * *", start: "2026-10-25T00:30:00Z", fires: ["2026-10-26T01:15:00Z"]),
            Change(
                zone: "Europe/Berlin", cron: "*/30 2 25 10 *", start: "2026-10-01T00:00:00Z",
                fires: [
                    "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
                    "2027-10-25T00:00:00Z",
                ]),
        ])
    func back(change: Change) throws {
        #expect(try firings(change.cron, change.zone, after: change.start, change.fires.count) == change.fires)
    }

    @Test("of a day that was left out altogether fire when the next one begins")
    func lostDay() throws {
        #expect(
            try firings("0 9,17 * * *", "Pacific/Apia", after: "2011-12-29T12:00:00Z", 5)
                == [
                    "2011-12-29T19:00:00Z", "2011-12-30T03:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z",
                    "2011-12-31T03:00:00Z",
                ])
    }

    /// A slow reading of the rule, minute by real minute, that shares nothing with the days that `FiringTimes` reads but the offset.
    private func slowly(_ expression: CronExpression, _ time: LocalTime, from start: Int, to end: Int) -> [Int] {
        let due = Set(expression.minutesOfDay)
        func matches(_ shown: Int) -> Bool {
            expression.fires(on: CivilDate(number: shown / 86_400)) && due.contains(shown / 60 % 1440)
        }
        var result: [Int] = []
        // The latest reading of the clock so far; what it went past is done.
        var latest = start - 60 + time.offset(at: start - 60)
        for instant in stride(from: start, through: end, by: 60) {
            let shown = instant + time.offset(at: instant)
            if expression.followsWallClock {
                if matches(shown) { result.append(instant) }
            } else if shown > latest, stride(from: latest + 60, through: shown, by: 60).contains(where: matches) {
                result.append(instant)
            }
            latest = max(latest, shown)
        }
        return result
    }

    @Test("are what a clock gives that is read every minute, over every change of a year in many zones")
    func everyMinute() throws {
        let zones = [
            "America/Santiago", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu",
            "America/St_Johns", "Pacific/Chatham", "UTC",
        ]
        let failure = try fuzz(rounds: 300) { random in
            func field(_ range: ClosedRange<Int>, _ random: inout FuzzRandom) -> String {
                let low = random.number(range)
                let high = random.number(low...range.upperBound)
                return switch random.number(0...5) {
                case 0, 1: "*"
                case 2: "*/\(random.number(1...(range.upperBound - range.lowerBound)))"
                case 3: "\(low)-\(high)"
                default: "\(low),\(random.number(range))"
                }
            }
            let time = try LocalTime(zone: random.one(of: zones))
            let cron = [0...59, 0...4, 1...31, 1...12, 0...6].map { field($0, &random) }.joined(separator: " ")
            guard let expression = try? CronExpression(random.once(in: 3) ? "\(random.number(0...59)) 23 * * *" : cron) else {
                return nil
            }
            guard
                let change = time.zone.nextDaylightSavingTimeTransition(
                    after: Date(timeIntervalSince1970: Double(1_700_000_000 + random.number(0...60_000_000))))
                    ?? Optional(Date(timeIntervalSince1970: 1_750_000_020))
            else { return nil }
            let middle = Int(change.timeIntervalSince1970) / 60 * 60
            let (start, end) = (middle - 3 * 86_400, middle + 3 * 86_400)
            let expected = slowly(expression, time, from: start + 60, to: end)
            let found = FiringTimes(expression, in: time, after: Date(timeIntervalSince1970: Double(start)))
                .prefix { $0.timeIntervalSince1970 <= Double(end) }.map { Int($0.timeIntervalSince1970) }
            return found == expected
                ? nil : "\(expression) in \(time.zone.identifier) from \(start): \(found.prefix(12)), not \(expected.prefix(12))"
        }
        #expect(failure == nil)
    }
}
