import ConomyAPI
import Testing

@testable import ConomyClient

@Suite("What a server may say about waiting")
struct RetryAfterTests {
    private let now = Timestamp("2026-04-17T12:00:00Z") ?? Timestamp(millisecondsSince1970: 0)

    @Test(
        "seconds and the three forms of a date are understood",
        arguments: [
            ("1", 1), ("120", 120), (" 7 ", 7), ("1.2", 2), ("3.0", 3), ("007", 7),
            ("Fri, 17 Apr 2026 12:00:30 GMT", 30), ("Friday, 17-Apr-26 12:01:00 GMT", 60), ("Fri Apr 17 12:00:05 2026", 5),
            ("Fri May  1 12:00:00 2026", 14 * 86_400),
        ])
    func understood(text: String, seconds: Int) {
        #expect(RetryAfter.parse(text, serverDate: nil, now: now) == .seconds(seconds))
    }

    @Test(
        "what says nothing to go by is ignored",
        arguments: [
            "", " ", "0", "0.0", "-1", "-3600", "+5", "soon", "1e3", "5s", "1,5", "1 2", "0x10", "٣", "1.-5", ".5", "NaN", "inf",
            "Fri, 17 Apr 2026 11:59:59 GMT", "Fri, 17 Apr 2026 12:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
            "Fri, 31 Feb 2027 12:00:00 GMT",
            "Fri, 17 Apr 2026 25:00:00 GMT", "Fri, 17 Apr 2026 12:00:30 CET", "17 Apr 2026", "Fri, 17 Foo 2026 12:00:30 GMT",
            "2026-04-17T12:00:30Z",
        ])
    func ignored(text: String) {
        #expect(RetryAfter.parse(text, serverDate: nil, now: now) == nil)
    }

    @Test(
        "an absurd number is a very long wait, not an overflow",
        arguments: ["99999999999999999999999", "9223372036854775807", "1000000000.5"])
    func absurd(text: String) throws {
        #expect(try #require(RetryAfter.parse(text, serverDate: nil, now: now)) >= .seconds(1_000_000_000))
    }

    @Test("a date is measured against the server's own clock")
    func serverClock() {
        let wait = RetryAfter.parse("Fri, 17 Apr 2026 13:00:30 GMT", serverDate: "Fri, 17 Apr 2026 13:00:00 GMT", now: now)
        #expect(wait == .seconds(30))
        #expect(RetryAfter.parse("Fri, 17 Apr 2026 12:00:30 GMT", serverDate: "rubbish", now: now) == .seconds(30))
    }

    @Test("a year in two digits is the last one that is not far ahead")
    func century() {
        #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now)?.date.year == 1994)
        #expect(HTTPDate.parse("Sunday, 06-Nov-30 08:49:37 GMT", now: now)?.date.year == 2030)
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == Timestamp("1994-11-06T08:49:37Z"))
    }
}

@Suite("The waits between tries")
struct BackoffTests {
    @Test("ceilings double from 1 s to 32 s, waits stay below, and fill the range")
    func ceilings() {
        #expect((1...8).map { Backoff.ceiling(after: $0) / 1_000_000_000 } == [1, 2, 4, 8, 16, 32, 32, 32])
        var backoff = Backoff(seed: testSeed)
        for attempt in 1...6 {
            let waits = (0..<500).map { _ in backoff.wait(after: attempt) }
            let ceiling = Duration.nanoseconds(Backoff.ceiling(after: attempt))
            #expect(waits.allSatisfy { $0 >= .zero && $0 <= ceiling }, "seed \(testSeed)")
            #expect(waits.contains { $0 < ceiling / 4 } && waits.contains { $0 > ceiling * 3 / 4 }, "seed \(testSeed)")
        }
    }
}
