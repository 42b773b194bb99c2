import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation
import Testing

@Suite("bursar runs")
struct RunsTests {
    @Test("lists the newest first, with what became of their effects, on one line or two")
    func list() async throws {
        let journal = try JournalFixture()
        let first = try await journal.mixedRun()
        journal.advance(seconds: 3600)
        let second = try await journal.begin(job: "payouts", environment: "staging")
        try await second.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)

        let wide = try journal.bursar("runs", columns: 150)
        #expect(
            wide.output == """
                \(second.run.name)  done    payouts       staging  2026-11-25 02:31:38Z  0 s   no effects; exit 0
                \(first.name)  failed  bulk-refunds  sandbox  2026-11-25 01:31:07Z  31 s  1 settled, 1 declined, 1 not sent, 1 in doubt; exit 12

                """)
        #expect(wide.exitCode == 0 && wide.errors.isEmpty)
        let narrow = try journal.bursar("runs", columns: 60)
        #expect(
            narrow.output == """
                \(second.run.name)  done    payouts       staging
                    2026-11-25 02:31:38Z, 0 s; no effects; exit 0
                \(first.name)  failed  bulk-refunds  sandbox
                    2026-11-25 01:31:07Z, 31 s; 1 settled, 1 declined, 1 not
                    sent, 1 in doubt; exit 12

                """)
    }

    @Test("finds by job, environment, state, day and instant")
    func filters() async throws {
        let journal = try JournalFixture()
        let first = try await journal.mixedRun()
        journal.advance(seconds: 86_400)
        let second = try await journal.begin(job: "payouts", environment: "staging")
        try await second.end(state: "done", exitCode: 0, report: "{}", finishesJob: true)
        func names(_ arguments: String...) throws -> [String] {
            let result = try BursarProgram.run(["runs", "--json", "--state", journal.journalFolder.path] + arguments)
            return (try result.json()["runs"]?.array ?? []).compactMap { $0["run"]?.string }
        }
        #expect(try names() == [second.run.name, first.name])
        #expect(try names("--job", "payouts") == [second.run.name])
        #expect(try names("--env", "sandbox") == [first.name])
        #expect(try names("--state-of", "failed") == [first.name])
        #expect(try names("--since", "2026-11-26") == [second.run.name])
        #expect(try names("--until", "2026-11-25") == [first.name])
        #expect(try names("--since", "2026-11-25", "--until", "2026-11-26") == [second.run.name, first.name])
        #expect(try names("--since", "2026-11-25T01:31:08Z") == [second.run.name])
        #expect(try names("--until", "2026-11-25T01:31:07Z") == [])
        #expect(try names("--limit", "1") == [second.run.name])
        let limited = try journal.bursar("runs", "--limit", "1")
        #expect(limited.errors == "there are older ones: --limit N shows more\n")
    }

    @Test("a name that nothing has is answered with what was meant; a filter that nothing fits is no error")
    func unknown() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let job = try journal.bursar("runs", "--job", "bulk-refund")
        #expect(job.exitCode == 3)
        #expect(job.errors.hasSuffix("  hint: did you mean bulk-refunds?\n"))
        let environment = try journal.bursar("runs", "--env", "mars")
        #expect(environment.errors.hasSuffix("  hint: there are sandbox\n"))
        let none = try journal.bursar("runs", "--since", "2030-01-01")
        #expect(none.exitCode == 0 && none.output.isEmpty && none.errors.hasSuffix(" fits\n"))
        #expect(try journal.bursar("runs", "--since", "yesterday").exitCode == 2)
        #expect(try journal.bursar("runs", "--state-of", "fine").errors.contains("killed"))
    }

    @Test("a run whose process is gone was killed, one that goes on is running")
    func killed() async throws {
        let journal = try JournalFixture()
        let current = Holder.current
        let gone = Holder(
            host: "till-3", user: "ana", pid: Int32.max, began: "1", boot: current.boot, namespace: current.namespace)
        let killed = try await journal.begin(job: "payouts", holder: gone)
        _ = try await JournalFixture.intend("p1", in: killed)
        killed.stopRenewing()
        let states = try journal.bursar("runs", "--json").json()["runs"]?.array?.compactMap { $0["state"]?.string }
        #expect(states == ["killed"])
        #expect(try journal.bursar("runs").output.contains("1 in doubt"))
        let shown = try journal.bursar("show", "last").output
        #expect(shown.contains("killed") && shown.contains("in doubt (its run was cut off)"))

        let other = try JournalFixture()
        let running = try await other.begin(holder: current)
        _ = try await JournalFixture.intend("p1", in: running)
        #expect(try other.bursar("runs").output.contains("  running  "))
        #expect(try other.bursar("runs").output.contains("1 on their way"))
    }
}
