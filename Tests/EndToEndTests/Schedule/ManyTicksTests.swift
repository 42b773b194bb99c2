import ExactJSON
import Foundation
import Testing

/// What goes wrong where several clocks fire the same slot, or nobody is there to read.
@Suite("Ticks beside each other")
struct ManyTicksTests {
    typealias Night = ScheduleRunTests.Night

    private static let minute = "2026-11-01T00:10:01Z"

    private func runs(_ night: Night) throws -> [JSON] {
        let state = night.server.folder.path + "/.bursar"
        return try night.server.run(["runs", "--state", state, "--json"]).json()["runs"]?.array ?? []
    }

    @Test("run a slot once also where its run fails, and one of them says so")
    func failing() async throws {
        let night = try await Night("fail(\"not tonight\")")
        let ticks = try (0..<12).map { _ in try night.start(["tick", "--quiet", "--now", Self.minute]) }
        let ended = ticks.map { $0.wait() }
        #expect(ended.map(\.exitCode).filter { $0 != 0 } == [1])
        let told = ended.map { $0.output + $0.errors }.filter { !$0.isEmpty }
        #expect(told.count == 1)
        #expect(told.first?.contains("not tonight") == true, "\(told)")
        #expect(ended.first { $0.exitCode != 0 }?.errors.hasPrefix("night@2026-11-01T00:10:00Z ended with 1:\n") == true)
        #expect(try runs(night).count == 1)
        #expect(try await night.made() == 1)
        // A person may.
        #expect(try night.schedule(["run-slot", "night", "2026-11-01T00:10:00Z", "--quiet"]).exitCode == 1)
        #expect(try runs(night).count == 2)
        #expect(try await night.made() == 1)
    }

    @Test("ask a run once to give way, so that it ends well")
    func replacing() async throws {
        let night = try await Night("sleep(300)", ["--overlap", "replace"])
        let first = try night.start(["tick", "--quiet", "--now", Self.minute])
        try await first.until { try await night.made() == 1 }
        _ = try night.server.folder.write("s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        let ticks = try (0..<8).map { _ in try night.start(["tick", "--quiet", "--now", "2026-11-01T00:20:00Z"]) }
        for result in ticks.map({ $0.wait() }) { #expect(result.exitCode == 0, "\(result.errors)") }
        #expect(first.wait().exitCode == 143)
        #expect(try night.states("2026-11-01T00:20:30Z") == ["11-01T00:20:00Z done", "11-01T00:10:00Z stopped"])
        #expect(try await night.made() == 2)
    }

    @Test("say nothing of a night that went well, whatever its script says")
    func quiet() async throws {
        let night = try await Night("emit { a = 1 }\nprint(\"hello\")\nlog.warn(\"careful\")")
        let result = try night.tick(Self.minute)
        #expect(result.exitCode == 0)
        #expect(result.output + result.errors == "")
        #expect(try await night.made() == 1)
        let loud = try night.schedule(["tick", "--now", "2026-11-01T00:20:00Z"])
        #expect(
            loud.output.contains("{\"a\":1}") && loud.output.hasSuffix("night@2026-11-01T00:20:00Z: done\n"), "\(loud.output)")
    }

    @Test("say of a night that failed what its run said, each on its stream")
    func loud() async throws {
        let night = try await Night("emit { a = 1 }\nfail(\"not tonight\")")
        let result = try night.tick(Self.minute)
        #expect(result.exitCode == 1)
        #expect(result.output.hasPrefix("{\"a\":1}\n"), "\(result.output)")
        #expect(result.errors.hasPrefix("night@2026-11-01T00:10:00Z ended with 1:\n"), "\(result.errors)")
        #expect(result.errors.contains("not tonight"))
        let journal = try night.server.run(["journal", "verify", "--state", night.server.folder.path + "/.bursar"])
        #expect(journal.exitCode == 0, "\(journal.errors)")
    }

    @Test("that wait for a slot that is put off end when they are told to", arguments: [SIGTERM, SIGINT, SIGHUP])
    func waiting(signal: Int32) async throws {
        let night = try await Night("", ["--jitter", "12h"])
        let tick = try night.start(["tick", "night", "--quiet", "--now", "2026-11-01T00:10:01Z"])
        try await tick.until { tick.catches(SIGTERM) && tick.catches(SIGHUP) }
        tick.signal(signal)
        #expect(tick.wait().exitCode == 128 + signal)
        #expect(try await night.made() == 0)
    }

    @Test("of twenty schedules run them all, sixteen at a time")
    func many() async throws {
        let night = try await Night()
        let entry = night.server.folder.text("schedules.yaml").drop { $0 != "n" }
        let at = try #require(entry.range(of: "\nnight:\n"))
        let body = entry[at.upperBound...]
        let all = (0..<20).map { "n\($0):\n\(body)" }.joined(separator: "\n")
        _ = try night.server.folder.write("schedules.yaml", all)
        #expect(try night.tick("2026-11-01T00:01:00Z").exitCode == 0)
        let result = try night.tick(Self.minute)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await night.made() == 20)
    }
}
