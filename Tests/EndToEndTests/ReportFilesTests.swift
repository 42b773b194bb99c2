import ExactJSON
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The reports that a run writes at its end")
struct ReportFilesTests {
    private static let forms = ["html", "junit", "json", "csv"]

    private func flags(_ folder: TemporaryFolder) -> [String] {
        ReportFilesTests.forms.flatMap { ["--report-\($0)", folder.path + "/r.\($0)"] }
    }

    private let refunds = [
        "run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(BursarProgram.data)/refunds.csv",
        "--world", BursarProgram.data + "/world.json", "--on-invalid-row", "skip", "--seed", "1",
    ]

    @Test("are written where nothing is recorded, also by a run that failed", arguments: [[], ["--dry-run"]])
    func unrecorded(_ more: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(refunds + ["--json"] + more + flags(folder))
        #expect(result.exitCode == 6, "\(result.errors)")
        let document = try result.json()
        #expect(try JSON(parsing: folder.text("r.json")) == document)
        let page = folder.text("r.html")
        for part in ["bulk-refunds in local", "failed, exit code 6", "What failed, by cause", "payments.refund"] {
            #expect(page.contains(part), "\(part)")
        }
        let xml = try XMLDocument(xmlString: folder.text("r.junit"))
        #expect(try xml.nodes(forXPath: "//testsuite").count == 3)
        #expect(try xml.nodes(forXPath: "//testsuite[3]/testcase/failure").count == 1)
        let lines = folder.text("r.csv").components(separatedBy: "\r\n")
        let done = document["effects"]?["first"]?.array?.count ?? 0
        #expect(lines[0].hasPrefix("key,row,operation,object,amount,") && done > 0 && lines.count >= done + 2)
    }

    @Test("are those of bursar report, where the run is recorded")
    func recorded() async throws {
        let server = try await SandboxServer()
        let script = try server.folder.write("t.lua", "fail('not <tonight>')")
        let (own, later) = (try TemporaryFolder(), try TemporaryFolder())
        #expect(try server.run(["run", script] + flags(own)).exitCode == 1)
        let words = zip(["--html", "--junit", "--json-file", "--csv"], ReportFilesTests.forms).flatMap {
            [$0, later.path + "/r.\($1)"]
        }
        let result = try server.run(["report", "last"] + words)
        #expect(result.exitCode == 0, "\(result.errors)")
        for form in ReportFilesTests.forms {
            let text = own.text("r." + form)
            #expect(!text.isEmpty && text == later.text("r." + form), "\(form): \(text)")
        }
        #expect(own.text("r.html").contains("not &lt;tonight&gt;"))
        #expect(own.text("r.junit").contains("not &lt;tonight&gt;"))
    }

    @Test("say why a run could not begin, in place of an older report")
    func notBegun() throws {
        let folder = try TemporaryFolder()
        for form in ReportFilesTests.forms { _ = try folder.write("r." + form, "of last night") }
        let result = try BursarProgram.run(["run", folder.path + "/none.lua"] + flags(folder))
        #expect(result.exitCode == 3)
        for form in ReportFilesTests.forms { #expect(!folder.text("r." + form).contains("of last night"), "\(form)") }
        for form in ["html", "junit", "json"] { #expect(folder.text("r." + form).contains("there is no script"), "\(form)") }
    }

    @Test("that cannot be written keep the run from beginning")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("s.lua", "emit('ran')")
        func run(_ flags: String...) throws -> BursarProgram.Result { try BursarProgram.run(["run", script] + flags) }
        let nowhere = try run("--report-csv", "/no/folder/r.csv")
        #expect(nowhere.exitCode == 3 && nowhere.output.isEmpty)
        let twice = try run("--report-csv", folder.path + "/a", "--report-json", folder.path + "/./a")
        #expect(twice.exitCode == 2 && twice.errors.contains("name one file"), "\(twice.errors)")
        let results = try run("--report-csv", folder.path + "/a", "--results", folder.path + "/a")
        #expect(results.exitCode == 2 && results.output.isEmpty, "\(results.errors)")
    }

    @Test("names that are no file's are refused", arguments: [".", "..", "/", "./"])
    func odd(name: String) throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "log.info('ran')")
        for flag in ["--report-html", "--report-csv", "--results", "--metrics-file"] {
            let result = try BursarProgram.run(["run", script, flag, name], in: folder.path)
            #expect(
                result.exitCode == 3 && !result.errors.contains("INFO"), "\(flag) \(name): \(result.exitCode) \(result.errors)")
        }
    }

    @Test("nothing is written over the script or its input")
    func inputs() throws {
        let folder = try TemporaryFolder()
        let text = "job { args = { input = 'file' } }"
        let script = try folder.write("t.lua", text)
        _ = try folder.write("in.csv", "id\n1\n")
        for (flag, name) in [("--report-csv", "in.csv"), ("--report-html", "./t.lua"), ("--log-file", "t.lua")] {
            let result = try BursarProgram.run(["run", script, "input=in.csv", flag, name], in: folder.path)
            #expect(result.exitCode == 3 && result.errors.contains("would be written over"), "\(flag): \(result.errors)")
        }
        #expect(folder.text("t.lua") == text && folder.text("in.csv") == "id\n1\n")
    }
}
