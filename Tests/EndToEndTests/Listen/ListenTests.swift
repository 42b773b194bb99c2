import ConomyAPI
import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The program as it listens, against a served bank. The witness is the bank's log of calls.
@Suite("bursar listen")
struct ListenTests {
    struct Desk {
        let server: SandboxServer
        let environment: [String: String]

        init(_ script: String = Desk.script) async throws {
            server = try await SandboxServer()
            environment = server.environment.merging(["CONOMY_WEBHOOK_SECRET": "k"]) { $1 }
            _ = try server.folder.write("h.lua", script)
        }

        static let script = """
            on("payment.settled", function(event) conomy.customers.create { firstName = event.transaction.id } end)
            """

        func listen(_ more: [String] = ["--quiet"]) async throws -> (program: BursarProgram.Running, url: URL) {
            // A free port, found as any program finds one; it is known before the program says so.
            let program = try BursarProgram.Running(
                ["listen", "h.lua", "--port", "0"] + more.filter { $0 != "--quiet" }, environment: environment,
                in: server.folder.path)
            try await program.until { program.output.contains("listening on ") }
            let text = program.output.split(separator: " ").first { $0.hasPrefix("http://") }
            let address = String(try #require(text))
            return (program, try #require(URL(string: address)))
        }

        func run(_ arguments: [String]) throws -> BursarProgram.Result {
            try BursarProgram.run(arguments, environment: environment, in: server.folder.path)
        }

        /// - Returns: the status; nil where the connection broke.
        static func post(_ id: String, to url: URL) async -> Int? {
            let body = Array(
                #"{"eventType":"payment.settled","timestamp":"t","transaction":{"id":"\#(id)","status":"SETTLED"}}"#.utf8)
            var request = URLRequest(url: url)
            request.httpMethod = "POST"
            request.httpBody = Data(body)
            request.setValue(WebhookSignature.header(body, secret: "k"), forHTTPHeaderField: "X-Webhook-Signature")
            let answer = try? await URLSession.shared.data(for: request)
            return (answer?.1 as? HTTPURLResponse)?.statusCode
        }

        func made() async throws -> [String] {
            try await server.calls().filter { $0["operation"] == "customers.create" && $0["status"]?.integer == 201 }
                .compactMap { $0["object"]?.string ?? "one" }
        }

        func events(_ state: String) throws -> Int {
            try run(["events", "list", "--json"]).json()["counts"]?[state]?.integer ?? 0
        }
    }

    @Test("handles an event once, however often it comes and across a restart; what has no handler is kept")
    func once() async throws {
        let desk = try await Desk()
        for round in 0..<2 {
            let (program, url) = try await desk.listen()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<25 { #expect(await Desk.post("p1", to: url) == 200) } }
                }
            }
            try await program.until { try desk.events("done") == 1 }
            if round == 0 {
                let trigger = try desk.run(["trigger", "payment.expired", "--to", url.absoluteString])
                #expect(trigger.exitCode == 0 && trigger.output == "200 stored\n", "\(trigger.errors)")
            }
            program.signal(SIGTERM)
            #expect(program.wait().exitCode == 0)
        }
        #expect(try await desk.made().count == 1)
        let events = try desk.run(["events", "list", "--json"]).json()
        #expect(events["events"]?.array?.compactMap { $0["repeats"]?.integer } == [0, 199])
        #expect(events["counts"]?["unhandled"] == 1)
    }

    @Test("loses nothing that it acknowledged when it is killed, and effects happen once")
    func killed() async throws {
        let desk = try await Desk()
        var acknowledged: Set<String> = []
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        print("seed \(seed)")
        for round in 0..<6 {
            let (program, url) = try await desk.listen()
            let after = Int(seed >> UInt64(round * 4) & 7)
            for number in 0..<8 {
                if number == after { program.signal(SIGKILL) }
                let id = "p\(round)x\(number)"
                if await Desk.post(id, to: url) == 200 { acknowledged.insert(id) }
                if number > after { break }
            }
            program.signal(SIGKILL)
            _ = program.wait()
        }
        let (program, _) = try await desk.listen()
        try await program.until { try desk.events("waiting") == 0 }
        program.signal(SIGTERM)
        #expect(program.wait().exitCode == 0)
        let stored = try desk.run(["events", "list", "--json", "--limit", "1000"]).json()["events"]?.array ?? []
        let objects = Set(stored.compactMap { $0["object"]?.string })
        #expect(acknowledged.isSubset(of: objects), "seed \(seed)")
        #expect(try await desk.made().count == stored.count, "seed \(seed)")
    }

    @Test("sets aside what its handler cannot do, and has it done once it can")
    func failed() async throws {
        let desk = try await Desk(
            """
            job { name = "h", effects = {} }
            on("payment.settled", function(event) conomy.customers.create { firstName = event.transaction.id } end)
            """)
        let (program, url) = try await desk.listen()
        #expect(await Desk.post("p1", to: url) == 200)
        try await program.until { try desk.events("failed") == 1 }
        program.signal(SIGTERM)
        #expect(program.wait().exitCode == 0)
        _ = try desk.server.folder.write("h.lua", "job { name = \"h\" }\n" + Desk.script)
        let retried = try desk.run(["events", "retry", "--all-failed"])
        #expect(retried.exitCode == 0, "\(retried.errors)")
        let (again, _) = try await desk.listen()
        try await again.until { try desk.events("done") == 1 }
        again.signal(SIGTERM)
        #expect(again.wait().exitCode == 0)
        #expect(try await desk.made().count == 1)
    }

    @Test("refuses to start without a secret, without a handler, and with a script that is wrong")
    func refused() async throws {
        let desk = try await Desk("local x = 1")
        let none = try desk.run(["listen", "h.lua", "--port", "0"])
        #expect(none.exitCode == 3 && none.errors.contains("h.lua has no handler"), "\(none.errors)")
        _ = try desk.server.folder.write("h.lua", "on(")
        #expect(try desk.run(["listen", "h.lua", "--port", "0"]).exitCode == 3)
        _ = try desk.server.folder.write("h.lua", Desk.script)
        let unsigned = try desk.server.run(["listen", "h.lua", "--port", "0"])
        #expect(unsigned.exitCode == 7 && unsigned.errors.contains("CONOMY_WEBHOOK_SECRET is not set"), "\(unsigned.errors)")
    }

    @Test(
        "refuses to start with flags for its handlers that are wrong",
        arguments: [(["--ping", "x"], 2), (["--metrics-file", "none/x.prom"], 3), (["--results", "r.csv"], 2)])
    func wrongFlags(flags: [String], exitCode: Int) async throws {
        let desk = try await Desk(Desk.script)
        let result = try desk.run(["listen", "h.lua", "--port", "0", "--"] + flags)
        #expect(Int(result.exitCode) == exitCode, "\(result.errors)")
    }
}
