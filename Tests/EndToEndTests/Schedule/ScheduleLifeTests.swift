import ExactJSON
import Foundation
import Testing

/// What the commands around slots tell, and what they leave to whom.
@Suite("Schedules in their life")
struct ScheduleLifeTests {
    typealias Night = ScheduleRunTests.Night

    @Test("in local keep one bank and one journal over their runs")
    func local() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("bursar.yaml", "")
        _ = try folder.write("s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        func bursar(_ words: [String]) throws -> BursarProgram.Result { try BursarProgram.run(words, in: folder.path) }
        let zone = ["--time-zone", "UTC"]
        #expect(try bursar(["schedule", "add", "night", "* * * * *", "s.lua", "--env", "local"] + zone).exitCode == 0)
        for minute in ["00", "00", "01", "01", "02"] {
            let result = try bursar(["schedule", "tick", "--quiet", "--now", "2026-11-01T00:\(minute):01Z"])
            #expect(result.exitCode == 0 && result.output + result.errors == "", "\(result.errors)")
        }
        let runs = try bursar(["runs", "--json", "--state", ".bursar/local"]).json()
        #expect(runs["runs"]?.array?.count == 3)
        _ = try folder.write("count.lua", "local n = 0\nfor _ in conomy.customers.each() do n = n + 1 end\nprint(n)\n")
        let counted = try bursar(["run", "count.lua", "--env", "local", "--state", ".bursar/local"])
        #expect((counted.output + counted.errors).contains("3"), "\(counted.output)\(counted.errors)")
    }

    @Test("whose arguments were made wrong by hand are told with every tick, and the others run")
    func arguments() async throws {
        let night = try await Night()
        #expect(
            try night.schedule(["add", "other", "*/10 * * * *", "s.lua", "--env", "bank", "--time-zone", "UTC"]).exitCode == 0)
        #expect(try night.tick("2026-11-01T00:01:00Z").exitCode == 0)
        let text = night.server.folder.text("schedules.yaml")
        for (flag, message) in [
            ("--no-journal", "the journal knows which slots were run"), ("--wiat", "Unknown option '--wiat'"),
        ] {
            _ = try night.server.folder.write(
                "schedules.yaml", text.replacing("night:\n", with: "night:\n  arguments: [\(flag)]\n"))
            let before = try await night.made()
            let slot = flag == "--wiat" ? "10" : "20"
            let result = try night.tick("2026-11-01T00:\(slot):00Z")
            #expect(result.exitCode == 3)
            #expect(result.errors.hasPrefix("night: error: ") && result.errors.contains(message), "\(result.errors)")
            #expect(try await night.made() == before + 1)
        }
    }

    @Test("are listed with what came of them last, and are well while a later slot is still being run")
    func last() async throws {
        let night = try await Night("sleep(300)")
        #expect(try !night.schedule(["list", "--from", "2026-11-01T00:09:00Z"]).output.contains("  last "))
        let first = try night.start(["tick", "--quiet", "--now", "2026-11-01T00:10:00Z"])
        try await first.until { try await night.made() == 1 }
        #expect(try night.schedule(["status", "--now", "2026-11-01T00:11:00Z"]).exitCode == 0)
        // It is stopped at once when it is told so twice, and so is the run.
        first.signal(SIGINT)
        first.signal(SIGINT)
        #expect(first.wait().exitCode == 130)
        let words = ["list", "--from", "2026-11-01T00:11:00Z"]
        let list = try night.schedule(words).output
        #expect(list.contains("  last       2026-11-01 00:10 +00:00 "), "\(list)")
        let row = try night.schedule(words + ["--json"]).json()["schedules"]?.array?.first?["last"]
        #expect(row?["slot"] == "night@2026-11-01T00:10:00Z" && row?["ok"] == false, "\(list)")
        // What is being run does not hide what came before it.
        let second = try night.start(["tick", "--quiet", "--now", "2026-11-01T00:20:00Z"])
        try await second.until { try night.states("2026-11-01T00:20:01Z", 1) == ["11-01T00:20:00Z running"] }
        let status = try night.schedule(["status", "--count", "1", "--now", "2026-11-01T00:21:00Z"])
        #expect(status.exitCode == 1, "\(status.output)")
        #expect(status.output.contains("bursar schedule run-slot night 2026-11-01T00:10:00Z"), "\(status.output)")
        second.signal(SIGTERM)
        #expect(second.wait().exitCode == 143)
    }

    @Test("run a slot once more when a person says so")
    func again() async throws {
        let night = try await Night()
        let words = ["run-slot", "night", "2026-11-01T00:10:00Z", "--quiet"]
        for (more, made) in [([], 1), ([], 1), (["--again"], 2), ([], 2)] as [([String], Int)] {
            let result = try night.schedule(words + more)
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(try await night.made() == made)
        }
    }
}
