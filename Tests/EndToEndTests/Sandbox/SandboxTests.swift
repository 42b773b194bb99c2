import ExactJSON
import Foundation
import Testing

/// The served bank as programs that know nothing of Bursar see it: curl, and a receiver of events in Python.
@Suite("The sandbox")
struct SandboxTests {
    /// `curl`'s exit code, what it wrote, and the status it saw.
    private struct Reply {
        let exitCode: Int32
        let status: String
        let body: String
        let headers: String
    }

    /// A signed-in caller.
    private struct Curl {
        let url: String
        private(set) var token = ""

        init(_ url: String) throws {
            self.url = url
            try signIn()
        }

        mutating func signIn() throws {
            let reply = try send("/auth", #"{"clientId": "local-client", "clientSecret": "local-secret"}"#)
            token = try #require(try JSON(parsing: reply.body)["accessToken"]?.string)
        }

        func send(_ path: String, _ body: String? = nil, method: String? = nil, seconds: Int = 30) throws -> Reply {
            var arguments = [
                "--silent", "--max-time", String(seconds), "--user-agent", "curl", "--header", "x-api-key: local-key", "--header",
                "Authorization: Bearer \(token)", "--dump-header", "/dev/stderr", "--write-out", "\n%{http_code}",
            ]
            if let body { arguments += ["--data-binary", body] }
            if let method { arguments += ["--request", method] }
            let curl: URL = try #require(SandboxTests.program("curl"), "curl is missing")
            let result = try BursarProgram.run(arguments + [url + path], program: curl)
            let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
            return Reply(
                exitCode: result.exitCode, status: String(lines.last ?? ""), body: lines.dropLast().joined(separator: "\n"),
                headers: result.errors)
        }

        func order(_ fault: String) throws {
            _ = try send("/_sim/faults", method: "DELETE")
            let reply = try send("/_sim/faults", fault)
            #expect(reply.status == "200", "\(reply.body)")
        }

        func payments() throws -> Int? { try JSON(parsing: send("/payments?limit=0").body)["pagination"]?["total"]?.integer }
    }

    /// A program on the path of most systems.
    static func program(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/bin", "/usr/local/bin"]
        return folders.map { URL(fileURLWithPath: "\($0)/\(name)") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }

    static let topup = """
        {"type": "TOPUP_ACCOUNT", "product": "ARS:ARS", "purchaseAmount": "100.00", "purchaseCurrency": "ARS",
         "origins": [{"type": "CVU", "currency": "ARS", "cvu": {}}],
         "destinations": [{"type": "ACCOUNT", "currency": "ARS", "account": {"accountNumber": "100000000000000000002"}}]}
        """

    @Test("each fault looks to curl as it is described, and the bank has acted or not as it says")
    func faults() async throws {
        let server = try await SandboxServer()
        var curl = try Curl(server.url)
        // Exit codes of curl: 7 refused, 18 broken off, 28 timed out, 52 closed, 56 reset.
        let expectations: [(fault: String, exitCode: Int32, status: String, acted: Bool)] = [
            (#""fault": "close""#, 52, "000", false),
            (#""fault": "close", "when": "after""#, 52, "000", true),
            (#""fault": "reset""#, 56, "000", false),
            (#""fault": "reset", "when": "after""#, 56, "000", true),
            (#""fault": "stall""#, 28, "000", true),
            (#""fault": "stall", "when": "before""#, 28, "000", false),
            (#""fault": "stall", "seconds": 0"#, 52, "000", true),
            (#""fault": "delay", "milliseconds": 20"#, 0, "200", true),
            (#""fault": "delay", "seconds": 60, "when": "after""#, 28, "000", true),
            (#""fault": "delay", "seconds": 60"#, 28, "000", false),
            (#""fault": "status""#, 0, "503", false),
            (#""fault": "status", "status": 500, "when": "after""#, 0, "500", true),
            (#""fault": "rubbish""#, 0, "200", true),
            (#""fault": "rubbish", "when": "before", "body": "}""#, 0, "200", false),
            (#""fault": "truncate""#, 18, "200", true),
            (#""fault": "slow", "bytesPerSecond": 10"#, 28, "200", true),
            (#""fault": "slow", "bytesPerSecond": 100000"#, 0, "200", true),
            (#""fault": "expire_token""#, 0, "401", false),
        ]
        for expected in expectations {
            let before = try #require(try curl.payments())
            try curl.order("{\"operation\": \"payments.create\", \(expected.fault), \"times\": 1}")
            let reply = try curl.send("/payments", SandboxTests.topup, seconds: expected.exitCode == 28 ? 1 : 30)
            #expect(reply.exitCode == expected.exitCode, "\(expected.fault)")
            #expect(reply.status == expected.status, "\(expected.fault): \(reply.body)")
            if expected.status == "401" { try curl.signIn() }
            #expect(try curl.payments() == before + (expected.acted ? 1 : 0), "\(expected.fault)")
        }
    }

    @Test("what a fault puts into an answer arrives byte for byte, Retry-After in any form")
    func contents() async throws {
        let server = try await SandboxServer()
        let curl = try Curl(server.url)
        for after in ["3", "-1", "soon", "Wed, 25 Nov 2026 00:00:00 GMT", "1.5"] {
            try curl.order(#"{"operation": "payments.list", "fault": "status", "status": 429, "retryAfter": "\#(after)"}"#)
            let reply = try curl.send("/payments")
            #expect(reply.status == "429")
            #expect(try JSON(parsing: reply.body)["code"] == "32")
            #expect(reply.headers.contains("Retry-After: \(after)\r\n"))
        }
        try curl.order(
            #"{"operation": "payments.list", "fault": "rubbish", "body": "{\"a\": ", "status": 201, "contentType": "x/y"}"#)
        let rubbish = try curl.send("/payments")
        #expect(rubbish.status == "201")
        #expect(rubbish.body == "{\"a\": ")
        #expect(rubbish.headers.contains("Content-Type: x/y\r\n"))
        try curl.order(#"{"operation": "payments.list", "fault": "rubbish", "patch": {"results": null, "extra": 1}}"#)
        let patched = try JSON(parsing: try curl.send("/payments").body)
        #expect(patched["results"] == nil)
        #expect(patched["extra"] == 1)
        #expect(patched["pagination"] != nil)
        try curl.order(#"{"operation": "payments.list", "fault": "truncate", "bytes": 5}"#)
        #expect(try curl.send("/payments").body == "{\"pag")
    }

    @Test("a bank that refuses connections is back after its time, on its port, with all it knew")
    func outage() async throws {
        let server = try await SandboxServer()
        let curl = try Curl(server.url)
        #expect(try curl.send("/payments", SandboxTests.topup).status == "200")
        try curl.order(#"{"operation": "payments.create", "fault": "refuse", "seconds": 2, "times": 1}"#)
        #expect(try curl.send("/payments", SandboxTests.topup).exitCode == 56)
        var refusals = 0
        while try curl.send("/_sim/clock").exitCode != 0 {
            refusals += 1
            guard refusals < 2000 else { break }
        }
        #expect(refusals > 0)
        #expect(try curl.payments() == 1)
        #expect(try JSON(parsing: curl.send("/_sim/faults").body)["faults"]?.array?.first?["happened"] == 1)
    }

    @Test("events reach a receiver with signatures that Python finds right, and come again where it refused them")
    func events() async throws {
        let python: URL = try #require(SandboxTests.program("python3"), "python3 is missing")
        let script = BursarProgram.sources.appendingPathComponent("Sandbox/receiver.py").path
        let receiver = try BursarProgram.Running([script, "local-webhook-secret"], program: python)
        try await receiver.until { receiver.output.contains("\n") }
        let port = receiver.output.split(separator: "\n")[0]
        let server = try await SandboxServer(arguments: ["--clock", "virtual", "--webhook", "http://127.0.0.1:\(port)/"])
        #expect(server.environment["CONOMY_WEBHOOK_SECRET"] == "local-webhook-secret")
        let curl = try Curl(server.url)
        let payment = SandboxTests.topup.replacing("\"ARS:ARS\",", with: #""ARS:ARS", "externalId": "ñandú/\"1\" \u2028","#)
        let id = try #require(try JSON(parsing: curl.send("/payments", payment).body)["id"]?.string)
        _ = try curl.send("/payments/\(id)/captured", "{}")
        func lines() -> [Substring] { receiver.output.split(separator: "\n").dropFirst().map(\.self) }
        try await receiver.until { lines().count >= 3 }
        #expect(
            lines() == [
                "transaction.status_changed right refused", "transaction.status_changed right refused",
                "Transaction.Captured right taken",
            ])
        _ = try curl.send("/_sim/clock", #"{"advanceSeconds": 30}"#)
        try await receiver.until { lines().count >= 5 }
        #expect(lines().dropFirst(3) == ["transaction.status_changed right taken", "transaction.status_changed right taken"])
        let log = try JSON(parsing: curl.send("/_sim/deliveries").body)["deliveries"]?.array ?? []
        #expect(log.map { $0["state"] } == ["delivered", "delivered", "delivered"])
        #expect(log.map { $0["attempts"]?.array?.compactMap { $0["status"]?.integer } } == [[500, 204], [500, 204], [204]])
        _ = try curl.send("/_sim/deliveries/3/replay", "{}")
        try await receiver.until { lines().count >= 6 }
        #expect(lines().last == "Transaction.Captured right taken")
        receiver.signal(SIGTERM)
    }

    @Test("what a bank saved opens the same bank again, and its ledger is in the file it was to be in")
    func saving() async throws {
        let folder = try TemporaryFolder()
        let (save, ledger) = (folder.path + "/after.json", folder.path + "/ledger.jsonl")
        let server = try await SandboxServer(arguments: ["--clock", "virtual", "--save", save, "--ledger", ledger])
        let curl = try Curl(server.url)
        let id = try #require(try JSON(parsing: curl.send("/payments", SandboxTests.topup).body)["id"]?.string)
        _ = try curl.send("/payments/\(id)/captured", "{}")
        _ = try curl.send("/payments/received", "{\"id\": \"\(id)\"}")
        let world = try JSON(parsing: curl.send("/_sim/world").body)
        #expect(server.stop().exitCode == 143)
        #expect(try JSON(parsing: folder.text("after.json")) == world)
        let movements = folder.text("ledger.jsonl").split(separator: "\n")
        #expect(movements.count == 1)
        #expect(try JSON(parsing: String(movements[0]))["paymentId"]?.string == id)
        let again = try await SandboxServer(world: save)
        #expect(try JSON(parsing: try Curl(again.url).send("/payments/\(id)").body)["status"] == "SETTLED")
        #expect(try JSON(parsing: try Curl(again.url).send("/_sim/world").body)["accounts"] == world["accounts"])
    }

    @Test("a bank that goes away or is stopped while others connect loses nothing", arguments: 1...3)
    func endUnderLoad(round: Int) async throws {
        let python: URL = try #require(SandboxTests.program("python3"), "python3 is missing")
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(arguments: ["--save", folder.path + "/after.json"])
        let port = try #require(server.url.split(separator: ":").last)
        let script = BursarProgram.sources.appendingPathComponent("Sandbox/hammer.py").path
        let hammer = try BursarProgram.Running([script, String(port)], program: python)
        try await hammer.until { !hammer.output.isEmpty }
        let curl = try Curl(server.url)
        try curl.order(#"{"operation": "payments.list", "fault": "refuse", "seconds": 0, "times": 1}"#)
        #expect(try curl.send("/payments").exitCode == 56)
        while try curl.send("/_sim/clock").exitCode == 7 {}
        #expect(server.stop().exitCode == 143)
        hammer.signal(SIGKILL)
        #expect(try JSON(parsing: folder.text("after.json"))["accounts"]?.array?.count == 8)
    }

    @Test(
        "a run on the embedded bank meets the faults it was given: what was lost after the bank acted is found, and not sent again"
    )
    func faultsOfARun() throws {
        let folder = try TemporaryFolder()
        let faults = try folder.write(
            "f.json", #"[{"operation": "payments.refund", "fault": "close", "when": "after", "calls": "3"}]"#)
        let job = [
            "run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(MainJobTests.examples)/bulk-refunds/refunds.csv",
        ]
        let bank = [
            "--world", MainJobTests.examples + "/bulk-refunds/world.json", "--on-invalid-row", "skip", "--faults", faults,
        ]
        let result = try BursarProgram.run(job + bank + ["--json", "--parallel", "1"])
        #expect(result.exitCode == 6)
        let report = try result.json()
        #expect(report["rows"]?["succeeded"] == 6 && report["rows"]?["in_doubt"] == 0, "\(result.output)")
        #expect(report["read_back"]?["agreed"] == 6)
        #expect(result.errors.contains("found: it had happened"))
        let elsewhere = try BursarProgram.run(job + ["--env", "sandbox", "--faults", faults])
        #expect(elsewhere.exitCode == 2)
        #expect(elsewhere.errors.contains("--faults is for the embedded simulator, and sandbox is not that"))
    }

    @Test(
        "what cannot be served is said before the port is opened",
        arguments: [
            (["--faults", "nowhere.json"], 3, "error: there is no file of faults nowhere.json, or it cannot be read"),
            (["--faults", "FAULTS"], 3, "faults[1].fault is missing"),
            (["--save", "/nowhere/x.json"], 3, "error: /nowhere/x.json cannot be written: there is no folder /nowhere"),
            (["--ledger", "/"], 3, "error: / is a folder where a file belongs"),
            (["--save", "x.json", "--ledger", "./x.json"], 2, "error: --save and --ledger name one file"),
            (["--save", ""], 2, "error: the name of a file to write is empty"),
            (["--webhook", "127.0.0.1:9"], 2, "error: --webhook is \"127.0.0.1:9\""),
            (["--webhook", "http://127.0.0.1:65536/"], 2, "with a port up to 65535"),
            (["--webhook", "http://127.0.0.1:/"], 2, "with a port up to 65535"),
            (["--clock", "stopped"], 2, "stopped"),
        ])
    func errors(arguments: [String], exitCode: Int32, message: String) throws {
        let folder = try TemporaryFolder()
        let faults = try folder.write("faults.json", #"[{"operation": "*"}]"#)
        let result = try BursarProgram.run(["sandbox", "--port", "0"] + arguments.map { $0 == "FAULTS" ? faults : $0 })
        #expect(result.exitCode == exitCode)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}
