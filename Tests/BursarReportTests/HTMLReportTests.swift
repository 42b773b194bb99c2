import BursarReport
import ConomyAPI
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("An HTML report")
struct HTMLReportTests {
    @Test("says what happened: counts, totals, causes, rows and the run")
    func content() {
        let text = HTMLReport.text(sampleRun())
        for part in [
            "<title>bulk &lt;refunds&gt; in sandbox: failed</title>", "<strong class=\"state bad\">failed, exit code 12</strong>",
            "<dt>effects in doubt</dt><dd>1</dd>",
            "<tr><td>2 payments.refund settled</td><td class=\"number\">1,150.00 ARS&#10;9,000 CLP</td></tr>",
            "<tr><td class=\"number\">3</td><td>declined</td><td>422 &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;</td><td>line 3</td></tr>",
            "<td>nothing&#10;is left\\u0001</td>", "<p>and 3 more</p>",
            "<th>command</th><td>bursar run refund.lua note=&#39;a &amp; b&#39;</td>",
            "<title>2026-11-25 01:31:10Z: 0 settled, 0 failed, 1 in doubt</title>",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test("loads nothing and runs nothing")
    func selfContained() {
        let text = HTMLReport.text(sampleRun())
        #expect(text.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
        for part in ["<script", "<link", "<img", "<iframe", "src=", "href=", "url(", "@import", "http://", "https://"] {
            #expect(!text.contains(part), "\(part)")
        }
    }

    @Test("leaves out what there is nothing to say of")
    func empty() {
        let run = ReportedRun(job: "j", run: "r", state: "done", startedAt: sampleRun().startedAt)
        let text = HTMLReport.text(run)
        #expect(!text.contains("<section>") && !text.contains("<svg") && !text.contains("<table"))
        #expect(text.contains("<strong class=\"state good\">done</strong>"))
    }

    @Test("draws bars that stand on each other and stay inside the picture")
    func bars() throws {
        var run = sampleRun()
        for second in 0..<500 {
            for _ in 0...(second % 7) {
                run.timeline.add(
                    second % 3 == 0 ? .failed : .settled, at: run.startedAt.adding(milliseconds: Int64(second * 1000)))
            }
        }
        let text = HTMLReport.text(run)
        let start = try #require(text.range(of: "<svg")), end = try #require(text.range(of: "</svg>"))
        let svg = try XMLDocument(xmlString: String(text[start.lowerBound..<end.upperBound]))
        let bars = try svg.nodes(forXPath: "//rect").compactMap { $0 as? XMLElement }
        #expect(bars.count > 100)
        for bar in bars {
            func value(_ name: String) throws -> Int { try #require(Int(bar.attribute(forName: name)?.stringValue ?? "")) }
            #expect(try value("height") > 0 && value("y") >= 0 && value("y") + value("height") <= 160)
            #expect(try value("x") >= 0 && value("x") + value("width") <= 960)
        }
    }
}
