import BursarJournal
import ExactJSON
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("bursar report")
struct ReportTests {
    @Test("writes a page with counts, sums, a time line and the rows that did not succeed")
    func html() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let path = journal.folder.path + "/report.html"
        let result = try journal.bursar("report", "last", "--html", path)
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        #expect(result.output == "Report of run \(run.name): \(path)\n")
        let page = journal.folder.text("report.html")
        for part in [
            "<h1>bulk-refunds in sandbox</h1>", "failed, exit code 12", "<dt>rows failed</dt><dd>3</dd>",
            "<dt>effects in doubt</dt><dd>1</dd>",
            "<tr><td>1 payments.refund declined</td><td class=\"number\">9,000 CLP</td></tr>",
            "<td>refunds/p5</td><td>failed</td><td>amount is &quot;-5&quot;, which has a sign</td>", "<svg ",
            "<th>command</th><td>bursar run refund.lua input=refunds.csv</td>",
        ] { #expect(page.contains(part), "\(part)") }
    }

    @Test("writes JUnit's XML, whose counts are those of its cases")
    func junit() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let path = journal.folder.path + "/report.xml"
        let result = try journal.bursar("report", run.name, "--junit", path, "--json")
        #expect(try result.json() == ["run": .string(run.name), "written": ["junit": .string(path)]])
        let document = try XMLDocument(xmlString: journal.folder.text("report.xml"))
        for suite in try document.nodes(forXPath: "//testsuite").compactMap({ $0 as? XMLElement }) {
            for (attribute, path) in [
                ("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error"),
                ("skipped", "testcase/skipped"),
            ] {
                #expect(
                    try suite.attribute(forName: attribute)?.stringValue == String(suite.nodes(forXPath: path).count),
                    "\(attribute)")
            }
        }
        func messages(_ element: String) throws -> [String] {
            try document.nodes(forXPath: "//testsuite[1]//\(element)/@message").compactMap(\.stringValue)
        }
        #expect(try document.nodes(forXPath: "//testsuite[1]/testcase").count == 4)
        #expect(try document.nodes(forXPath: "//testsuite[2]/testcase").count == 4)
        #expect(try messages("failure") == ["422 21 unprocessable: nothing is left"])
        #expect(try messages("error") == ["the list of refunds could not be read: 503"])
        #expect(try messages("skipped") == ["no connection to api.example"])
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }

    @Test("takes secrets out, and shows marks that turn text around")
    func hidden() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin()
        job.note(row: "p1", loop: "refunds", line: 2, status: "failed", reason: "key s3cr3t-value-1 and \u{202E}evil")
        try await job.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
        for form in ["html", "junit"] {
            let path = journal.folder.path + "/r." + form
            let result = try BursarProgram.run(
                ["report", "last", "--\(form)", path, "--state", journal.journalFolder.path],
                environment: ["CONOMY_API_KEY": "s3cr3t-value-1"])
            #expect(result.exitCode == 0, "\(result.errors)")
            let text = journal.folder.text("r." + form)
            #expect(text.contains("\\u202eevil") && !text.contains("s3cr3t-value-1") && !text.contains("\u{202E}"))
        }
    }

    @Test("refuses what it cannot write before it reads anything")
    func refusals() async throws {
        let journal = try JournalFixture()
        _ = try await journal.mixedRun()
        #expect(try journal.bursar("report", "last").exitCode == 2)
        #expect(try journal.bursar("report", "last", "--html", "a", "--junit", "./a").errors.contains("name one file"))
        #expect(try journal.bursar("report", "last", "--html", "/no/folder/a.html").exitCode == 3)
        #expect(
            try journal.bursar("report", "nothing", "--html", journal.folder.path + "/a").errors.contains(
                "there is no run nothing"))
    }
}
