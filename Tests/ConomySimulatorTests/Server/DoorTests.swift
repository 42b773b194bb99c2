import ConomyAPI
import ConomySimulator
import ExactJSON
import Foundation
import Glibc
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A server on a free port, and what comes back from it.
private struct Line {
    let port: Int
    var headers = ["x-api-key": "local-key", "User-Agent": "Tests/1.0", "Content-Type": "application/json"]

    func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> (status: Int, json: JSON) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = try #require(response as? HTTPURLResponse).statusCode
        return (status, data.isEmpty ? .null : try JSON(parsing: data))
    }

    func code(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        let answer = try await send(method, path, body)
        #expect(answer.json["traceId"]?.string.flatMap { UUID(uuidString: $0) } != nil)
        return "\(answer.status) \(answer.json["code"]?.string ?? "")"
    }

    mutating func signIn() async throws {
        let answer = try await send("POST", "/auth", #"{"clientId": "local-client", "clientSecret": "local-secret"}"#)
        headers["Authorization"] = "Bearer \(try #require(answer.json["accessToken"]?.string))"
    }
}

@Suite struct DoorTests {
    private func serve(_ body: (inout Line, Simulator) async throws -> Void) async throws {
        let simulator = try Simulator(options: SimulatorOptions(seed: 5, clock: .manual(Desk.start)))
        let server = SimulatorServer(simulator: simulator)
        var line = Line(port: try await server.start())
        do {
            try await body(&line, simulator)
            await server.stop()
        } catch {
            await server.stop()
            throw error
        }
    }

    @Test("a payment goes all its way over HTTP, with and without the sandbox prefix")
    func payment() async throws {
        try await serve { line, _ in
            try await line.signIn()
            let created = try await line.send("POST", "/payments", Desk.topup().text())
            #expect(created.status == 200)
            let id = try #require(created.json["id"]?.string)
            #expect(try await line.send("POST", "/sandbox/payments/\(id)/captured", "{}").json["status"] == "CAPTURED")
            #expect(try await line.send("POST", "/payments/received", #"{"id": "\#(id)"}"#).json["status"] == "RECEIVED")
            #expect(try await line.send("GET", "/sandbox/payments?status=SETTLED&limit=5").json["pagination"]?["total"] == 1)
            #expect(try await line.send("POST", "/payments/\(id)/refund").status == 201)
            #expect(try await line.send("GET", "/payment-links?destination.accountNumber=1").status == 200)
            #expect(try await line.send("DELETE", "/rules/nobody").status == 404)
        }
    }

    @Test("who shows no valid key or token learns nothing else")
    func credentials() async throws {
        try await serve { line, simulator in
            #expect(try await line.code("GET", "/payments") == "401 41")
            #expect(try await line.code("POST", "/payments", "{") == "401 41")
            #expect(try await line.code("POST", "/auth", #"{"clientId": "local-client", "clientSecret": "guess"}"#) == "401 41")
            #expect(try await line.code("POST", "/auth", #"{"clientId": "local-client"}"#) == "400 12")
            try await line.signIn()
            #expect(try await line.send("GET", "/payments").status == 200)
            simulator.advance(by: .seconds(3600))
            #expect(try await line.code("GET", "/payments") == "401 41")
            try await line.signIn()
            simulator.expireTokens()
            #expect(try await line.code("GET", "/payments") == "401 41")
            try await line.signIn()
            for key in ["wrong", nil] {
                var stranger = line
                stranger.headers["x-api-key"] = key
                #expect(try await stranger.code("GET", "/payments") == "401 41")
                #expect(
                    try await stranger.code("POST", "/auth", #"{"clientId": "local-client", "clientSecret": "local-secret"}"#)
                        == "401 41")
            }
        }
    }

    @Test("headers, routes and bodies that do not fit are refused as documented")
    func conventions() async throws {
        try await serve { line, _ in
            try await line.signIn()
            #expect(try await line.code("GET", "/nowhere") == "404 31")
            #expect(try await line.code("PUT", "/payments") == "404 31")
            #expect(try await line.code("GET", "/payments//refund") == "404 31")
            #expect(try await line.code("POST", "/payments", "{\"a\": 1,}") == "400 14")
            #expect(try await line.code("POST", "/payments", "\"" + String(repeating: "x", count: 1 << 20) + "\"") == "400 14")
            #expect(try await line.code("POST", "/payments") == "400 12")
            #expect(try await line.code("GET", "/payments?limit=%zz") == "400 11")
            var old = line
            old.headers["conomyhq-api-version"] = "01-01-2001"
            #expect(try await old.code("GET", "/payments") == "400 11")
            old.headers["conomyhq-api-version"] = "24-04-2025"
            #expect(try await old.send("GET", "/payments").status == 200)
            // Literal segments beat parameters, and a parameter is tried where they lead nowhere.
            #expect(try await line.send("GET", "/payments/unassigned?clientId=local-client").json["total"] == 0)
            #expect(try await line.code("GET", "/payments/received") == "404 31")
        }
    }

    @Test("an answer to HEAD has no body, so the next answer on the connection is read as what it is")
    func head() async throws {
        try await serve { line, _ in
            let requests =
                "HEAD /payments HTTP/1.1\r\nHost: x\r\n\r\n" + "GET /payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answers = try exchange(requests, port: line.port).components(separatedBy: "HTTP/1.1 ")
            #expect(answers.map { String($0.prefix(3)) } == ["", "404", "401"])
            #expect(answers.first { $0.hasPrefix("404") }?.hasSuffix("\r\n\r\n") == true)
        }
    }

    /// Sends bytes as they are, and reads until the server closes the connection.
    private func exchange(_ text: String, port: Int) throws -> String {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        try #require(send(socket, text, text.utf8.count, 0) == text.utf8.count)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { received += buffer[..<count] }
        return String(decoding: received, as: UTF8.self)
    }

    @Test("the control endpoints show the ledger, move the clock and bring deposits")
    func control() async throws {
        try await serve { line, simulator in
            line.headers = ["Content-Type": "application/json"]
            #expect(try await line.send("GET", "/_sim/clock").json["now"] == "2026-06-01T00:00:00Z")
            #expect(try await line.send("POST", "/_sim/clock", #"{"advanceSeconds": 90}"#).json["now"] == "2026-06-01T00:01:30Z")
            #expect(
                try await line.send("POST", "/_sim/clock", #"{"set": "2026-07-01T00:00:00Z"}"#).json["now"]
                    == "2026-07-01T00:00:00Z")
            #expect(try await line.code("POST", "/_sim/clock", #"{"set": "noon"}"#) == "400 11")
            #expect(try await line.send("GET", "/_sim/ledger").json == ["total": 0, "entries": []])
            let deposit = try await line.send("POST", "/_sim/deposits", #"{"rail": "PIX", "amount": "5.00", "currency": "BRL"}"#)
            let id = try #require(deposit.json["paymentId"]?.string)
            #expect(try await line.send("POST", "/_sim/payments/\(id)/fail").status == 200)
            #expect(try await line.code("POST", "/_sim/payments/\(id)/fail") == "422 21")
            let world = try World(json: try await line.send("GET", "/_sim/world").json)
            #expect(try Simulator(world: world).snapshot().json == simulator.snapshot().json)
            #expect(try await line.code("GET", "/_sim/nothing") == "404 31")
            #expect(try await line.code("GET", "/_sim/ledger?clientId=nobody") == "404 31")
            #expect(
                try await line.code("POST", "/_sim/deposits", #"{"rail": "PIX", "amount": "5.00", "currency": "ARS"}"#)
                    == "400 11")
            // An order that could not be followed wholly is not followed at all.
            for order in [
                #""reference": 5"#, #""code": 1"#, #""originator": "x""#, #""refrence": "5""#,
            ] {
                let body = #"{"rail": "PIX", "amount": "5.00", "currency": "BRL", \#(order)}"#
                #expect(try await line.code("POST", "/_sim/deposits", body) == "400 11", "\(order)")
            }
            #expect(
                try await line.code("POST", "/_sim/clock", #"{"advanceSeconds": 1, "set": "2030-01-01T00:00:00Z"}"#) == "400 12")
            #expect(try await line.code("POST", "/_sim/clock", #"{"advanceSeconds": 1.5}"#) == "400 11")
            #expect(try await line.code("POST", "/_sim/clock", #"{"set": "9999-12-31T23:59:59Z"}"#) == "400 11")
            #expect(try await line.code("POST", "/_sim/faults", "{}") == "400 11")
            #expect(try await line.code("POST", "/_sim/customers/x/documents/1", #"{"approved": true}"#) == "404 31")
            #expect(try await line.code("POST", "/_sim/customers/x/documents/1") == "400 12")
            #expect(try await line.code("GET", "/_sim/ledger?limit=x") == "400 11")
        }
    }

    @Test("faults and receivers are ordered over HTTP, and an order that cannot be followed changes nothing")
    func orders() async throws {
        try await serve { line, _ in
            try await line.signIn()
            let fault = #"{"operation": "payments.list", "fault": "status", "status": 500, "times": 1}"#
            #expect(try await line.send("POST", "/_sim/faults", fault).json["faults"]?.array?.count == 1)
            #expect(try await line.code("POST", "/_sim/faults", #"[{"fault": "close"}]"#) == "400 11")
            #expect(try await line.code("GET", "/payments") == "500 01")
            #expect(try await line.send("GET", "/payments").status == 200)
            let faults = try await line.send("GET", "/_sim/faults").json["faults"]?.array
            #expect(faults?.first?["met"] == 2)
            #expect(faults?.first?["happened"] == 1)
            #expect(try await line.send("DELETE", "/_sim/faults").json == ["faults": []])
            _ = try await line.send("POST", "/_sim/faults", #"{"operation": "payments.list", "fault": "status", "code": "42"}"#)
            #expect(try await line.code("GET", "/payments") == "501 42")
            _ = try await line.send("DELETE", "/_sim/faults")

            let receiver = #"{"url": "http://127.0.0.1:9/", "secretKey": "s", "schemes": ["older"]}"#
            #expect(try await line.send("PUT", "/_sim/webhook", receiver).json == (try JSON(parsing: receiver.utf8)))
            #expect(try await line.code("PUT", "/_sim/webhook", #"{"url": "nowhere"}"#) == "400 11")
            #expect(try await line.send("GET", "/_sim/webhook").json["schemes"] == ["older"])
            #expect(try await line.send("GET", "/_sim/deliveries").json == ["total": 0, "deliveries": []])
            #expect(try await line.code("POST", "/_sim/deliveries/1/replay") == "404 31")
            #expect(try await line.send("DELETE", "/_sim/webhook").json == [:])
        }
    }

    @Test("the log of calls says what came, what was answered, and which fault was shown")
    func log() async throws {
        try await serve { line, simulator in
            try await line.signIn()
            simulator.order(try Fault.list([["operation": "payments.list", "fault": "status", "when": "after"]]))
            _ = try await line.send("GET", "/sandbox/payments?limit=1")
            _ = try await line.send("GET", "/nowhere")
            let log = try await line.send("GET", "/_sim/calls?after=1").json
            #expect(log["total"] == 3)
            #expect(
                log["calls"] == [
                    [
                        "sequence": 2, "time": "2026-06-01T00:00:00Z", "clientId": "local-client", "method": "GET",
                        "target": "/sandbox/payments?limit=1", "operation": "payments.list", "status": 200, "fault": "status",
                    ],
                    [
                        "sequence": 3, "time": "2026-06-01T00:00:00Z", "clientId": "local-client", "method": "GET",
                        "target": "/nowhere", "status": 404,
                    ],
                ])
            #expect(try await line.send("DELETE", "/_sim/calls").json == [:])
            #expect(try await line.send("GET", "/_sim/calls").json == ["total": 3, "calls": []])
        }
    }

    @Test("each tenant has a key and tokens of its own, and no other tenant's open anything")
    func tenants() async throws {
        let simulator = try Simulator(world: try World(json: PlatformTests.world))
        let server = SimulatorServer(simulator: simulator)
        var first = Line(port: try await server.start())
        try await first.signIn()
        var second = first
        second.headers["x-api-key"] = "k2"
        // The first tenant's token with the second one's key, and the first one's secret with it.
        #expect(try await second.code("GET", "/accounts/a2") == "401 41")
        #expect(
            try await second.code("POST", "/auth", #"{"clientId": "local-client", "clientSecret": "local-secret"}"#) == "401 41")
        let token = try await second.send("POST", "/auth", #"{"clientId": "second", "clientSecret": "s2"}"#)
        second.headers["Authorization"] = "Bearer \(token.json["accessToken"]?.string ?? "")"
        #expect(try await second.send("GET", "/accounts/a2").status == 200)
        #expect(try await second.code("GET", "/accounts/a1") == "404 31")
        #expect(try await first.code("GET", "/accounts/a2") == "404 31")
        _ = try await second.send(
            "POST", "/_sim/deposits?clientId=second", #"{"rail": "CVU", "amount": "5.00", "currency": "ARS"}"#)
        #expect(try await second.send("GET", "/payments").json["pagination"]?["total"] == 1)
        #expect(try await first.send("GET", "/payments").json["pagination"]?["total"] == 0)
        await server.stop()
    }

    @Test("a port that is taken is an error, and a server that was stopped gives its port back")
    func ports() async throws {
        let simulator = try Simulator()
        let first = SimulatorServer(simulator: simulator)
        let port = try await first.start()
        await #expect(throws: SimulatorServer.StartedTwice.self) { try await first.start() }
        let second = SimulatorServer(simulator: simulator, port: port)
        await #expect(throws: (any Error).self) { try await second.start() }
        await first.stop()
        let third = SimulatorServer(simulator: simulator, port: port)
        #expect(try await third.start() == port)
        await third.stop()
    }
}
