import BursarJournal
import ExactJSON
import Foundation
import Testing

@Suite("bursar logs")
struct LogsTests {
    private let lines = """
        {"time":"2026-11-25T01:31:07Z","level":"info","message":"row done","row":"p1","note":"two words"}
        {"time":"2026-11-25T01:31:08Z","level":"warning","message":"slow\\nbank"}
        no log line

        """

    private func write(_ text: String, _ journal: JournalFixture, _ run: RunRecord) throws {
        let path = journal.journalFolder.log(ofRun: run.name)
        if let handle = FileHandle(forWritingAtPath: path) {
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
        } else {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    @Test("prints a run's lines as text, or as they are")
    func text() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        try write(lines, journal, run)
        #expect(
            try journal.bursar("logs", "last").output == """
                2026-11-25T01:31:07Z INFO  row done row=p1 note="two words"
                2026-11-25T01:31:08Z WARN  slow\\nbank
                no log line

                """)
        #expect(try journal.bursar("logs", run.name, "--json").output == lines)
    }

    @Test("a run without a log says so")
    func missing() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        let result = try journal.bursar("logs", "last")
        #expect(result.exitCode == 3 && result.output.isEmpty)
        #expect(result.errors.contains("run \(run.name) has no log: there is no file \(journal.journalFolder.path)/logs/"))
    }

    @Test("secrets in a log are hidden")
    func secrets() async throws {
        let journal = try JournalFixture()
        let run = try await journal.mixedRun()
        try write("{\"time\":\"t\",\"level\":\"info\",\"message\":\"key swordfish-4711\"}\n", journal, run)
        for form in [[], ["--json"]] {
            let result = try BursarProgram.run(
                ["logs", "last", "--state", journal.journalFolder.path] + form, environment: ["CONOMY_API_KEY": "swordfish-4711"])
            #expect(result.output.contains("<secret>") && !result.output.contains("swordfish"))
        }
    }

    @Test("--follow waits for a log to begin, prints what comes, and ends with the run")
    func follow() async throws {
        let journal = try JournalFixture()
        let job = try await journal.begin(holder: .current)
        let program = try BursarProgram.Running(["logs", "last", "--follow", "--state", journal.journalFolder.path])
        try write("one\ntw", journal, job.run)
        try await program.until { program.output == "one\n" }
        try write("o\nthree", journal, job.run)
        try await program.until { program.output == "one\ntwo\n" }
        try await job.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        let result = program.wait()
        #expect(result.exitCode == 0 && result.output == "one\ntwo\nthree\n")
    }
}
