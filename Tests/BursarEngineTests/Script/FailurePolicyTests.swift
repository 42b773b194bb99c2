import Testing

@testable import BursarEngine

@Suite("Which failures a run goes on after")
struct FailurePolicyTests {
    @Test(
        "a bound is a number of rows or a share, and nothing else",
        arguments: [
            ("0", FailureBound.count(0)), ("10", .count(10)), ("0%", .percent(0)), ("5%", .percent(5)), ("100%", .percent(100)),
            ("101%", nil), ("-1", nil), ("-5%", nil), ("", nil), ("%", nil), ("5 %", nil), ("1.5%", nil), ("ten", nil),
            ("+5", nil), ("99999999999999999999", nil),
        ])
    func bounds(text: String, expected: FailureBound?) {
        #expect(FailureBound(text) == expected)
    }

    @Test("a bound is passed by one more than it allows")
    func passed() {
        #expect(!FailureBound.count(3).isPassed(by: 3, of: 100))
        #expect(FailureBound.count(3).isPassed(by: 4, of: 100))
        #expect(!FailureBound.percent(5).isPassed(by: 5, of: 100))
        #expect(FailureBound.percent(5).isPassed(by: 6, of: 100))
        #expect(FailureBound.count(0).isPassed(by: 1, of: 1))
    }

    @Test("a row's class is what it did first, then what its error says of itself")
    func classes() {
        #expect(FailureClass(.succeeded, kind: nil) == nil)
        #expect(FailureClass(.invalid, kind: "invalid") == nil)
        #expect(FailureClass(.inDoubt, kind: nil) == .inDoubt)
        #expect(FailureClass(.inDoubt, kind: "declined") == .inDoubt)
        #expect(FailureClass(.failed, kind: "declined") == .declined)
        #expect(FailureClass(.partlyDone, kind: "refused") == .refused)
        #expect(FailureClass(.failed, kind: "unreachable") == .unreachable)
        for kind in ["failed", "error", "invalid", "cancelled", nil] { #expect(FailureClass(.failed, kind: kind) == .failed) }
    }

    @Test(
        "a length of time reads as people write it",
        arguments: [
            (Duration.milliseconds(250), "250 ms"), (.zero, "0 s"), (.seconds(42), "42 s"), (.seconds(90), "1 min 30 s"),
            (.seconds(900), "15 min"), (.seconds(7199), "119 min 59 s"), (.seconds(7500), "2 h 5 min"),
        ])
    func spans(span: Duration, words: String) {
        #expect(Span.words(span) == words)
    }
}
