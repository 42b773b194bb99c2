import ExactJSON
import Foundation
import Testing

/// Schedules that are run, against a served bank. The witness is the bank's log of calls.
@Suite("Slots of schedules")
struct ScheduleRunTests {
    /// A bank, and a schedule whose script makes one customer a slot.
    struct Night {
        let server: SandboxServer

        init(_ script: String = "", cron: String = "*/10 * * * *", zone: String = "UTC", _ more: [String] = []) async throws {
            server = try await SandboxServer()
            _ = try server.folder.write(
                "s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n\(script)\n")
            let added = try schedule(["add", "night", cron, "s.lua", "--env", "bank", "--time-zone", zone] + more)
            try #require(added.exitCode == 0, "\(added.errors)")
            // In force from here on.
            let first = try tick("2026-11-01T00:01:00Z")
            try #require(first.exitCode == 0, "\(first.errors)")
        }

        func schedule(_ arguments: [String]) throws -> BursarProgram.Result { try server.run(["schedule"] + arguments) }

        func tick(_ now: String, _ more: [String] = []) throws -> BursarProgram.Result {
            try schedule(["tick", "--quiet", "--now", now] + more)
        }

        func start(_ arguments: [String]) throws -> BursarProgram.Running {
            try BursarProgram.Running(["schedule"] + arguments, environment: server.environment, in: server.folder.path)
        }

        func made() async throws -> Int { try await server.calls().count { $0["operation"] == "customers.create" } }

        /// The states of the last slots, the latest first.
        func states(_ now: String, _ count: Int = 10) throws -> [String] {
            let result = try schedule(["status", "night", "--json", "--now", now, "--count", "\(count)"])
            let slots = try result.json()["schedules"]?.array?.first?["slots"]?.array ?? []
            return slots.map { "\($0["slot"]?.string?.dropFirst("night@2026-".count) ?? "") \($0["state"]?.string ?? "")" }
        }
    }

    @Test("are run once, however many ask at once, and success says nothing")
    func once() async throws {
        let night = try await Night()
        let ticks = try (0..<12).map { _ in try night.start(["tick", "--quiet", "--now", "2026-11-01T00:10:01Z"]) }
        for result in ticks.map({ $0.wait() }) {
            #expect(result.exitCode == 0)
            #expect(result.output + result.errors == "")
        }
        #expect(try await night.made() == 1)
        for _ in 0..<2 {
            let result = try night.tick("2026-11-01T00:11:01Z")
            #expect(result.exitCode == 0 && result.output + result.errors == "", "\(result.errors)")
        }
        #expect(try await night.made() == 1)
        #expect(try night.states("2026-11-01T00:12:00Z") == ["11-01T00:10:00Z done"])
        #expect(try night.tick("2026-11-01T00:20:00Z").exitCode == 0)
        #expect(try await night.made() == 2)
        // By name, too: it was done.
        let again = try night.schedule(["run-slot", "night", "2026-11-01T00:20"])
        #expect(again.exitCode == 0 && again.output.contains("was done on"), "\(again.output)\(again.errors)")
        #expect(try await night.made() == 2)
    }

    @Test("after three days asleep are made up for as the schedule says", arguments: ["none", "last", "all"])
    func asleep(missed: String) async throws {
        let night = try await Night(cron: "30 3 * * *", ["--missed", missed, "--missed-within", "7d"])
        let result = try night.tick("2026-11-04T09:00:00Z")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await night.made() == ["none": 0, "last": 1, "all": 4][missed])
        #expect(try night.tick("2026-11-04T09:01:00Z").exitCode == 0)
        #expect(try await night.made() == ["none": 0, "last": 1, "all": 4][missed])
        let last = missed == "none" ? "did_not_run" : "done"
        let others = missed == "all" ? "done" : "did_not_run"
        #expect(
            try night.states("2026-11-04T09:02:00Z")
                == ["11-04T03:30:00Z \(last)"] + [3, 2, 1].map { "11-0\($0)T03:30:00Z \(others)" })
        #expect(
            try night.schedule(["status", "--now", "2026-11-04T09:02:00Z"]).exitCode == (missed == "none" ? 1 : 0))
    }

    @Test("at a time that the change of the clocks leaves out or doubles are run once")
    func clocks() async throws {
        // 02:30 is left out on 2027-03-28 and comes twice on 2027-10-31.
        let night = try await Night(cron: "30 2 * * *", zone: "Europe/Berlin")
        for day in ["2027-03-28", "2027-10-31"] {
            // The slot of the day before.
            #expect(try night.tick("\(day)T00:00:00Z").exitCode == 0)
            let before = try await night.made()
            for time in ["00:30", "00:31", "01:00", "01:01", "01:30", "01:31", "02:30"] {
                #expect(try night.tick("\(day)T\(time):00Z", ["night"]).exitCode == 0)
            }
            #expect(try await night.made() - before == 1, "\(day)")
        }
    }

    private func overlapping(_ overlap: String) async throws -> (Night, BursarProgram.Running) {
        let night = try await Night("sleep(300)", ["--overlap", overlap])
        let first = try night.start(["tick", "--quiet", "--now", "2026-11-01T00:10:00Z"])
        try await first.until { try await night.made() == 1 }
        return (night, first)
    }

    @Test("while an earlier one runs are skipped where the schedule says so")
    func skip() async throws {
        let (night, first) = try await overlapping("skip")
        let second = try night.schedule(["tick", "--now", "2026-11-01T00:20:00Z"])
        #expect(
            second.exitCode == 0 && second.output.contains("T00:20:00Z is skipped: night@2026-11-01T00:10:00Z"),
            "\(second.errors)")
        #expect(try night.states("2026-11-01T00:20:30Z") == ["11-01T00:20:00Z skipped", "11-01T00:10:00Z running"])
        first.signal(SIGTERM)
        #expect(first.wait().exitCode == 143)
        // Neither the one that was skipped nor the one that was stopped is run again.
        #expect(try night.tick("2026-11-01T00:21:00Z").exitCode == 0)
        #expect(try await night.made() == 1)
        #expect(try night.states("2026-11-01T00:21:30Z") == ["11-01T00:20:00Z skipped", "11-01T00:10:00Z stopped"])
    }

    @Test("while an earlier one runs wait for it where the schedule says so, also in the tick of the earlier one")
    func queue() async throws {
        let (night, first) = try await overlapping("queue")
        #expect(try night.tick("2026-11-01T00:20:00Z").exitCode == 0)
        #expect(try night.tick("2026-11-01T00:21:00Z").exitCode == 0)
        #expect(try night.states("2026-11-01T00:21:30Z") == ["11-01T00:20:00Z queued", "11-01T00:10:00Z running"])
        #expect(try await night.made() == 1)
        _ = try night.server.folder.write(
            "s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        first.signal(SIGTERM)
        #expect(first.wait().exitCode == 143)
        #expect(try night.tick("2026-11-01T00:22:00Z").exitCode == 0)
        #expect(try night.states("2026-11-01T00:22:30Z") == ["11-01T00:20:00Z done", "11-01T00:10:00Z stopped"])
        #expect(try await night.made() == 2)
    }

    @Test("replace the earlier one where the schedule says so: it is stopped, and what it did stays done")
    func replace() async throws {
        let (night, first) = try await overlapping("replace")
        _ = try night.server.folder.write(
            "s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        let second = try night.tick("2026-11-01T00:20:00Z")
        #expect(second.exitCode == 0, "\(second.errors)")
        #expect(first.wait().exitCode == 143)
        #expect(try night.states("2026-11-01T00:20:30Z") == ["11-01T00:20:00Z done", "11-01T00:10:00Z stopped"])
        #expect(try await night.made() == 2)
    }

    @Test("that take longer than their schedule allows are stopped")
    func late() async throws {
        let night = try await Night("sleep(300)", ["--time-limit", "1s"])
        let result = try night.tick("2026-11-01T00:10:00Z")
        #expect(result.exitCode == 10)
        #expect(result.errors.contains("night@2026-11-01T00:10:00Z took longer than 1 s and was stopped"), "\(result.errors)")
        #expect(try night.states("2026-11-01T00:11:00Z") == ["11-01T00:10:00Z stopped"])
    }

    @Test("that were cut off are taken up again, and what they did is not done twice")
    func cutOff() async throws {
        let night = try await Night("sleep(2)")
        let first = try night.start(["tick", "--quiet", "--now", "2026-11-01T00:10:00Z"])
        try await first.until { try await night.made() == 1 }
        let runs = try night.server.run(["runs", "--state", night.server.folder.path + "/.bursar", "--json"])
        let pid = try runs.json()["runs"]?.array?.first?["process"]?.integer
        kill(Int32(try #require(pid, "\(runs.output)")), SIGKILL)
        let cut = first.wait()
        #expect(cut.exitCode == 137)
        // Nobody else heard of it.
        #expect(cut.errors.contains("the run of night@2026-11-01T00:10:00Z was ended by signal 9"), "\(cut.errors)")
        #expect(cut.errors.contains("bursar schedule run-slot night 2026-11-01T00:10:00Z --file /"), "\(cut.errors)")
        #expect(try night.states("2026-11-01T00:10:30Z") == ["11-01T00:10:00Z cut_off"])
        #expect(try night.tick("2026-11-01T00:11:00Z").exitCode == 0)
        #expect(try night.states("2026-11-01T00:11:30Z") == ["11-01T00:10:00Z done"])
        #expect(try await night.made() == 1)
    }

    @Test("whose run cannot begin are told once, and wait for a person")
    func notBegun() async throws {
        let night = try await Night()
        _ = try night.server.folder.write("s.lua", "job { name = \n")
        let first = try night.tick("2026-11-01T00:10:00Z")
        #expect(first.exitCode != 0 && first.errors.contains("s.lua"), "\(first.errors)")
        let second = try night.tick("2026-11-01T00:11:00Z")
        #expect(second.exitCode == 0 && second.output + second.errors == "", "\(second.errors)")
        _ = try night.server.folder.write(
            "s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        let status = try night.schedule(["status", "--now", "2026-11-01T00:11:30Z"])
        #expect(
            status.exitCode == 1 && status.output.contains("bursar schedule run-slot night 2026-11-01T00:10:00Z"),
            "\(status.output)")
        #expect(try night.schedule(["run-slot", "night", "2026-11-01T00:10:00Z", "--quiet"]).exitCode == 0)
        #expect(try night.states("2026-11-01T00:11:30Z") == ["11-01T00:10:00Z done"])
    }

    @Test("of a range are run that were not done, and times that are none are refused with those nearby")
    func backfill() async throws {
        let night = try await Night(cron: "30 3 * * *", zone: "America/Santiago")
        #expect(try night.schedule(["run-slot", "night", "2026-11-02T03:30"]).exitCode == 0)
        let range = ["backfill", "night", "2026-11-01", "2026-11-04"]
        let rehearsed = try night.schedule(range + ["--dry-run"])
        #expect(rehearsed.output.contains("2 of 3 slots would be run"), "\(rehearsed.output)\(rehearsed.errors)")
        #expect(try await night.made() == 1)
        #expect(try night.schedule(range).exitCode == 0)
        #expect(try night.schedule(range).output.contains("0 of 3 slots are to be run"))
        #expect(try await night.made() == 3)
        let wrong = try night.schedule(["run-slot", "night", "2026-11-02T04:30"])
        #expect(wrong.exitCode == 2)
        #expect(
            wrong.errors.contains("the nearest times are 2026-11-02 03:30 -03:00 and 2026-11-03 03:30 -03:00"), "\(wrong.errors)")
        #expect(try night.schedule(["backfill", "night", "2026-11-04", "2026-11-01"]).exitCode == 2)
        #expect(try night.schedule(["run-slot", "nigth"]).errors.contains("did you mean night?"))
    }

    @Test("that are yet to come are not run: they would be done before their time")
    func future() async throws {
        let night = try await Night(cron: "30 3 * * *", zone: "America/Santiago")
        let result = try night.schedule(["run-slot", "night", "2126-11-02T03:30"])
        #expect(result.exitCode == 2 && result.errors.contains("2126-11-02T03:30 is yet to come"), "\(result.errors)")
        #expect(try await night.made() == 0)
    }

    @Test("of a schedule that is disabled, or was just enabled, are none's")
    func disabled() async throws {
        let night = try await Night("", ["--missed", "all"])
        #expect(try night.schedule(["disable", "night"]).exitCode == 0)
        #expect(try night.tick("2026-11-01T00:10:00Z").exitCode == 0)
        #expect(try night.schedule(["enable", "night"]).exitCode == 0)
        #expect(try night.tick("2026-11-01T00:35:00Z").exitCode == 0)
        #expect(try await night.made() == 0)
        #expect(try night.tick("2026-11-01T00:40:00Z").exitCode == 0)
        #expect(try await night.made() == 1)
    }

    @Test("of a file with a mistake are told with its place, by every tick")
    func mistake() async throws {
        let night = try await Night()
        _ = try night.server.folder.write("schedules.yaml", "night:\n  cron: \"61 * * * *\"\n")
        for _ in 0..<2 {
            let result = try night.tick("2026-11-01T00:10:00Z")
            #expect(result.exitCode == 3 && result.errors.contains("schedules.yaml:"), "\(result.errors)")
        }
    }
}
