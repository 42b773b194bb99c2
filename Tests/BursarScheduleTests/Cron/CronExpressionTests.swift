import Foundation
import Fuzzing
import Testing

@testable import BursarSchedule

@Suite("A cron expression")
struct CronExpressionTests {
    @Test(
        "has the values that its fields stand for",
        arguments: [
            ("0", "minute", [0]), ("*/20", "minute", [0, 20, 40]), ("5-9", "minute", [5, 6, 7, 8, 9]),
            ("10-30/10", "minute", [10, 20, 30]), ("59,0,59", "minute", [0, 59]), ("007", "minute", [7]),
            ("8-18/5,23", "hour", [8, 13, 18, 23]), ("31", "day of the month", [31]),
            ("jan,DEC,6", "month", [1, 6, 12]), ("feb-apr", "month", [2, 3, 4]),
            ("7", "day of the week", [0]), ("5-7", "day of the week", [0, 5, 6]),
            ("mon-fri", "day of the week", [1, 2, 3, 4, 5]),
            ("sat-sun", "day of the week", [0, 6]), ("*", "day of the week", [0, 1, 2, 3, 4, 5, 6]),
            ("sun-tue", "day of the week", [0, 1, 2]), ("*/2", "day of the week", [0, 2, 4, 6]),
        ])
    func values(text: String, title: String, expected: [Int]) throws {
        let field = try #require(CronField.allCases.first { $0.title == title })
        #expect(try CronValues(text[...], field).list == expected)
    }

    @Test(
        "that is wrong says which field, what is wrong with it and what is allowed",
        arguments: [
            ("60 * * * *", "the minute field \"60\" has \"60\"; it takes numbers from 0 to 59, and * , - /"),
            ("0 24 * * *", "the hour field \"24\" has \"24\"; it takes numbers from 0 to 23, and * , - /"),
            ("0 0 0 * *", "the day of the month field \"0\" has \"0\"; it takes numbers from 1 to 31, and * , - /"),
            ("0 0 L * *", "the day of the month field \"L\" has \"L\"; it takes numbers from 1 to 31, and * , - /"),
            ("0 0 * 13 *", "the month field \"13\" has \"13\"; it takes numbers from 1 to 12 or jan to dec, and * , - /"),
            ("0 0 * * 8", "the day of the week field \"8\" has \"8\"; it takes numbers from 0 to 7 or sun to sat, and * , - /"),
            (
                "0 0 * * monday",
                "the day of the week field \"monday\" has \"monday\"; it takes numbers from 0 to 7 or sun to sat, and * , - /"
            ),
            ("1, * * * *", "the minute field \"1,\" has an empty place in its list; take the extra comma out"),
            ("*/0 * * * *", "the minute field \"*/0\" has the step \"0\"; a step is a whole number above 0"),
            ("*/x * * * *", "the minute field \"*/x\" has the step \"x\"; a step is a whole number above 0"),
            (
                "*/90 * * * *",
                "the minute field \"*/90\" has the step 90, which leaves nothing of 0-59 but 0; write 0, or a smaller step"
            ),
            (
                "5/15 * * * *",
                "the minute field \"5/15\" has a step after a single value in \"5/15\"; write the range that it steps through: 5-59/15"
            ),
            ("30-10 * * * *", "the minute field \"30-10\" runs backwards in \"30-10\"; write two ranges: 30-59,0-10"),
            ("1-2-3 * * * *", "the minute field \"1-2-3\" has no range in \"1-2-3\"; write two ends, as in 1-5"),
            ("-5 * * * *", "the minute field \"-5\" has \"\"; it takes numbers from 0 to 59, and * , - /"),
            ("*/2/2 * * * *", "the minute field \"*/2/2\" has two steps in \"*/2/2\"; write one, as in */5"),
            ("٣ * * * *", "the minute field \"٣\" has \"٣\"; it takes numbers from 0 to 59, and * , - /"),
            (
                "0 3 * *",
                "the cron expression \"0 3 * *\" has 4 fields; five belong there: minute, hour, day of the month, month, day of the week, as in 30 3 * * 1-5"
            ),
            (
                "0 0 3 * * *",
                "the cron expression \"0 0 3 * * *\" has 6 fields; five belong there: minute, hour, day of the month, month, day of the week, as in 30 3 * * 1-5; there are no seconds and no years"
            ),
            (
                "0 0 31 2,4 *",
                "the cron expression \"0 0 31 2,4 *\" never fires: no such month has a day 31; change the day of the month or the month"
            ),
            ("@reboot", "@reboot is no time of day; a slot needs an instant; write five fields"),
            (
                "@noon",
                "@noon is not known; there are @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly, or five fields"
            ),
        ])
    func mistakes(text: String, message: String) {
        #expect { try CronExpression(text) } throws: { error in
            #expect((error as? ScheduleError)?.description == message)
            return (error as? ScheduleError)?.code == .cron
        }
    }

    @Test("fires on a day that fits either day field when both are restricted, and on one that fits both otherwise")
    func days() throws {
        func days(_ cron: String) throws -> [Int] {
            let expression = try CronExpression(cron)
            return (1...30).filter { CivilDate(year: 2026, month: 11, day: $0).map(expression.fires(on:)) ?? false }
        }
        // 1 November 2026 is a Sunday.
        #expect(try days("0 0 1,15 * fri") == [1, 6, 13, 15, 20, 27])
        #expect(try days("0 0 * * fri") == [6, 13, 20, 27])
        #expect(try days("0 0 13 * *") == [13])
        #expect(try days("0 0 */2 * fri") == [13, 27])
        #expect(try days("0 0 6-12 * */5") == [6, 8])
        #expect(try days("0 0 31 11 sun") == [1, 8, 15, 22, 29])
        #expect(try days("0 0 * 10 *") == [])
    }

    @Test("is the same however it is written")
    func spellings() throws {
        #expect(try CronExpression("  0\t0  * * * ").description == "0 0 * * *")
        for (macro, plain) in [
            ("@daily", "0 0 * * *"), ("@Midnight", "0 0 * * *"), ("@hourly", "0 * * * *"), ("@weekly", "0 0 * * sun"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 jan *"), ("@annually", "0 0 1 1 *"),
        ] {
            let start = "2026-11-07T13:14:15Z"
            #expect(try firings(macro, "UTC", after: start, 20) == firings(plain, "UTC", after: start, 20), "\(macro)")
        }
    }

    @Test("of any text is read or refused, and a text that is read fires")
    func anyText() throws {
        let tokens = ["*", "/", "-", ",", "0", "5", "31", "jan", "sun", " ", "@daily", "59", "7", "é"].map { Array($0.utf8) }
        let failure = fuzz(rounds: 2000) { random in
            let bytes = random.damaged(Array("*/5 1-3 1,15 feb-jun mon".utf8), tokens: tokens)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let expression = try? CronExpression(text) else { return nil }
            guard let time = try? LocalTime(zone: "UTC") else { return "no UTC" }
            var times = FiringTimes(expression, in: time, after: Date(timeIntervalSince1970: 1_800_000_000))
            return times.next() == nil ? "\(text) never fires" : nil
        }
        #expect(failure == nil)
    }
}
