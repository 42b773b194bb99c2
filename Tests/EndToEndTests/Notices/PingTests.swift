import ExactJSON
import Foundation
import Testing

@Suite("--ping")
struct PingTests {
    @Test("says that a run begins, and that it ended well, in one conversation")
    func success() async throws {
        let (pings, folder) = (try await PingReceiver(), try TemporaryFolder())
        let script = try folder.write("t.lua", "log.info('counted 7')")
        let result = try BursarProgram.run(["run", script, "--quiet", "--ping", pings.url + "?create=1"])
        #expect(result.exitCode == 0 && result.output.isEmpty && result.errors.isEmpty, "\(result.errors)")
        let all = try pings.pings()
        #expect(all.map { $0["path"]?.string } == ["/check-1/start", "/check-1"])
        #expect(all.allSatisfy { $0["query"]?["create"]?.array == ["1"] })
        #expect(Set(all.map { $0["query"]?["rid"]?.array?.first?.string }).count == 1)
        let body = try #require(all[1]["body"]?.string)
        #expect(body.hasPrefix("Ran ") && body.contains("counted 7"), "\(body)")
    }

    @Test("of a run that failed says the exit code, what failed and the end of the log")
    func failure() async throws {
        let (pings, folder) = (try await PingReceiver(), try TemporaryFolder())
        let script = try folder.write(
            "t.lua", "for i = 1, 2000 do log.info('line ' .. i .. ' ' .. ('-'):rep(60)) end fail('not tonight')")
        let result = try BursarProgram.run(["run", script, "--quiet", "--ping", pings.url])
        #expect(result.exitCode == 1)
        #expect(try pings.paths() == ["/check-1/start", "/check-1/1"])
        let body = try #require(try pings.pings()[1]["body"]?.string)
        #expect(body.hasPrefix("FAILED: ") && body.contains("not tonight") && body.contains("line 2000 "), "\(body)")
        #expect(!body.contains("line 1900 ") && body.utf8.count <= 10_000, "the tail of the log, and no more")
    }

    @Test("of a run that could not begin says only that")
    func unbegun() async throws {
        let pings = try await PingReceiver()
        let result = try BursarProgram.run(["run", "/no/such.lua", "--ping", pings.url])
        #expect(result.exitCode == 3)
        #expect(try pings.paths() == ["/check-1/3"])
    }

    @Test("is told again where it was not taken, and a run ends as it did where nobody takes it")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        let moody = try await PingReceiver(answering: [200, 503, 429])
        #expect(try BursarProgram.run(["run", script, "--quiet", "--ping", moody.url]).exitCode == 0)
        #expect(try moody.paths() == ["/check-1/start", "/check-1", "/check-1", "/check-1"])
        let strict = try await PingReceiver(answering: [404, 404])
        let refused = try BursarProgram.run(["run", script, "--ping", strict.url])
        #expect(refused.exitCode == 0)
        #expect(try strict.paths() == ["/check-1/start", "/check-1"])
        #expect(refused.errors.contains("the ping to 127.0.0.1 failed: it answered 404"), "\(refused.errors)")
        #expect(!refused.errors.contains("check-1"), "who knows the path can ping")
        let nobody = try BursarProgram.run(["run", script, "--ping", "http://127.0.0.1:1/check-1"])
        #expect(nobody.exitCode == 0)
        #expect(nobody.errors.contains("the ping to 127.0.0.1 failed"), "\(nobody.errors)")
    }

    @Test("of a job that another runner holds says nothing: that runner does")
    func held() async throws {
        let (pings, server) = (try await PingReceiver(), try await SandboxServer())
        let script = try server.folder.write(
            "t.lua", "job { name = 'long' } while true do sleep(0.05) end")
        let first = try BursarProgram.Running(
            ["run", script, "--ping", pings.url], environment: server.environment, in: server.folder.path)
        try await pings.wait(for: 1)
        let second = try server.run(["run", script, "--ping", pings.url])
        #expect(second.exitCode == 14, "\(second.errors)")
        first.signal(SIGTERM)
        #expect(first.wait().exitCode == 143)
        #expect(try pings.paths() == ["/check-1/start", "/check-1/143"])
    }

    @Test("a signal that comes while nobody takes the end ends the waiting, and the run ends as it did")
    func stopped() async throws {
        let (pings, folder) = (try await PingReceiver(answering: [200, 0, 0, 0]), try TemporaryFolder())
        let script = try folder.write("t.lua", "")
        let run = try BursarProgram.Running(["run", script, "--ping", pings.url])
        try await run.until { try pings.paths().count == 2 }
        run.signal(SIGTERM)
        let result = run.wait()
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("it did not answer before the program was told to stop"), "\(result.errors)")
        #expect(try pings.paths() == ["/check-1/start", "/check-1"], "it was not told again")
    }

    @Test(
        "what is no address is refused before anything runs, with what is wrong with it",
        arguments: [
            ("hc-ping.com/x", "is no address"), ("", "is empty"), ("ftp://a/b", "only http: and https:"),
            ("http://", "names no host"),
            ("https://a/#b", "behind #"), ("http://127.0.0.1:65536/x", "no number from 1 to 65535"),
            ("https://u:p@a/", "a name or a password"),
        ])
    func addresses(url: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "log.info('ran')")
        let result = try BursarProgram.run(["run", script, "--ping", url])
        #expect(result.exitCode == 2)
        #expect(result.errors.contains("--ping \"\(url)\" ") && result.errors.contains(problem), "\(result.errors)")
        #expect(!result.errors.contains("INFO"))
        let trigger = ["trigger", "payment.settled", "--to", url]
        #expect(try BursarProgram.run(trigger, environment: ["CONOMY_WEBHOOK_SECRET": "k"]).exitCode == 2)
    }
}
