import BursarReport
import Foundation
import Fuzzing
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("A JUnit report")
struct JUnitReportTests {
    @Test("has suites with their counts, and cases with what they came to")
    func document() {
        var counts = JUnitReport.Counts()
        let cases: [(String, JUnitReport.Outcome)] = [
            ("a", .passed), ("b", .failed("no \"<b>\"")), ("c", .error("lost")), ("d", .skipped("not sent")),
        ]
        for (_, outcome) in cases { counts.add(outcome) }
        counts.add(.passed, 2)
        let text =
            JUnitReport.head + JUnitReport.suite("effects", counts, of: sampleRun())
            + cases.map { JUnitReport.testCase($0, of: "payments.refund", milliseconds: $0 == "a" ? 1050 : nil, $1) }.joined()
            + JUnitReport.endOfSuite + JUnitReport.tail
        #expect(
            text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites>
                  <testsuite name="bulk &lt;refunds&gt; in sandbox, effects" tests="6" failures="1" errors="1" skipped="1" timestamp="2026-11-25T01:31:07">
                    <testcase classname="payments.refund" name="a" time="1.050"/>
                    <testcase classname="payments.refund" name="b"><failure message="no &quot;&lt;b&gt;&quot;"/></testcase>
                    <testcase classname="payments.refund" name="c"><error message="lost"/></testcase>
                    <testcase classname="payments.refund" name="d"><skipped message="not sent"/></testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test("is XML whatever others wrote into it, and says what they wrote")
    func anyText() throws {
        let failure = try fuzz(rounds: 1000) { random in
            let scalars = (0..<random.number(0...12)).compactMap { _ in
                Unicode.Scalar(UInt32(random.once(in: 3) ? random.number(0...0x10FFFF) : random.number(0...0x7F)))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let xml =
                JUnitReport.head + "<testsuite>" + JUnitReport.testCase(text, of: "x", milliseconds: 1, .failed(text))
                + JUnitReport.endOfSuite + JUnitReport.tail
            let document = try XMLDocument(xmlString: xml)
            let found = try document.nodes(forXPath: "//testcase/@name").first?.stringValue ?? ""
            func isPlain(_ scalar: Unicode.Scalar) -> Bool {
                scalar == "\n" || scalar == "\t"
                    || scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value) && scalar.value & 0xFFFE != 0xFFFE
            }
            return scalars.allSatisfy(isPlain) && found != text ? "\(scalars.map(\.value)) became \(found)" : nil
        }
        #expect(failure == nil)
    }
}
