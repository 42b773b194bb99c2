import ConomyAPI
import ConomyClient
import ExactJSON
import Logging
import NIOHTTP1
import Testing

@Suite("What travels, and how exchanges end")
struct TransportTests {
    @Test("every call carries the key, the token, the user agent and the version, and its parts are encoded")
    func request() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(404, apiError(404, "31", "notFound"))
        } with: { server in
            try await withClient(server.url + "/sandbox", patientOptions(clock)) { client in
                for id in ["../auth", "a/b", "..", "%2e%2e", "a?b#c", "ä ö", "x\r\nHost: evil"] {
                    _ = try await client.perform(Call(try operation("payments.capture"), pathParameters: ["id": id]))
                }
                _ = try await client.perform(
                    Call(try operation("payments.list"), query: [("status", "A&B=C"), ("startDate", "01/02/2026")]))
                _ = try await client.perform(try refund())
                _ = try await client.perform(Call(try operation("payment_links.delete"), pathParameters: ["id": "l1"]))
            }
            let requests = server.requests.filter { $0.path != "/sandbox/auth" }
            #expect(
                requests.map(\.line) == [
                    "POST /sandbox/payments/..%2Fauth/captured", "POST /sandbox/payments/a%2Fb/captured",
                    "POST /sandbox/payments/%2E%2E/captured",
                    "POST /sandbox/payments/%252e%252e/captured", "POST /sandbox/payments/a%3Fb%23c/captured",
                    "POST /sandbox/payments/%C3%A4%20%C3%B6/captured",
                    "POST /sandbox/payments/x%0D%0AHost%3A%20evil/captured",
                    "GET /sandbox/payments?status=A%26B%3DC&startDate=01%2F02%2F2026",
                    "POST /sandbox/payments/p1/refund", "DELETE /sandbox/payment-links/l1",
                ])
            for request in requests {
                #expect(request.headers["x-api-key"] == ["key-0123456789abcdef"])
                #expect(request.headers["authorization"] == ["Bearer token-1-abcdef"])
                #expect(request.headers["user-agent"] == ["Bursar/1.0"])
                #expect(request.headers["conomyhq-api-version"] == ["24-04-2025"])
                #expect(request.headers["accept"] == ["application/json"])
                #expect(request.headers["host"] == ["127.0.0.1:\(server.port)"])
                #expect(request.headers["content-type"] == (request.method == "POST" ? ["application/json"] : []))
            }
            #expect(requests[0].body == "{}")
            #expect(requests[7].body.isEmpty)
            #expect(requests[8].body == #"{"amount":"10.00","reason":"test"}"#)
            #expect(requests[9].body.isEmpty)
        }
    }

    @Test(
        "R20: no redirect of any kind is followed, and the words name the host", arguments: [301, 302, 303, 307, 308, 300, 304])
    func redirects(status: Int) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(200, payment())
        } with: { elsewhere in
            try await CannedServer.run { _ in
                .json(status, "", [("location", "http://127.0.0.1:\(elsewhere.port)/payments/p1")])
            } with: { server in
                try await withClient(server.url, patientOptions(clock)) { client in
                    for (call, kind) in [(try getPayment(), CallFailure.Kind.unreachable), (try refund(), .inDoubt)] {
                        let failure = try await failing(call, by: client)
                        #expect(failure.kind == kind)
                        #expect(failure.code == "redirected")
                        #expect(failure.message.contains("127.0.0.1:\(elsewhere.port)"))
                        #expect(failure.message.contains("nothing was sent there"))
                    }
                }
                #expect(elsewhere.connections == 0)
                #expect(server.requests.count == 3)
            }
        }
    }

    /// What is no answer to anything.
    private static let rubbish = [
        "", "<html><body>Welcome</body></html>", "null", "[]", "\"p1\"", "{}", "{\"id\":", #"{"refundId":"r1"}"#,
        String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000),
        #"{"x":"# + String(repeating: "{\"a\":", count: 200) + "1" + String(repeating: "}", count: 201),
    ]

    @Test(
        "R19: a write's success in name that is none leaves the write in doubt, after one try",
        arguments: rubbish + [
            refunded("other"), refunded(amount: "10.01"), refunded(amount: "99"), refunded(amount: "ten"),
            refunded().replacing("\"r1\"", with: "7"),
            refunded().replacing("\"10.00\"", with: "10.00"), refunded().dropLast() + #","status":"SETTLED"}"#, refunded() + "}",
            refunded() + refunded(),
            String(refunded().dropLast()), refunded().replacing("ARS", with: "\u{1}"),
        ])
    func rubbishForWrites(body: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(201, body)
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .inDoubt)
            #expect(failure.code == "rubbish_answer")
            #expect(server.requests(to: "/payments/p1/refund").count == 1)
        }
    }

    @Test(
        "R19: a read's success in name that is none is an error",
        arguments: rubbish + [
            payment("other"), payment().replacing("\"p1\"", with: "1"), payment().dropLast() + #","status":"FAILED"}"#,
            payment() + payment(), String(payment().dropLast()),
            payment().dropLast() + #","totalAmount":10}"#,
        ])
    func rubbishForReads(body: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(200, body)
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try getPayment(), by: $0) }
            #expect(failure.kind == .unreachable)
            #expect(failure.code == "rubbish_answer")
        }
    }

    @Test(
        "an answer with a wrong length is not taken for one, nor what follows it for the next",
        arguments: [
            "HTTP/1.1 201 Created\r\ncontent-length: 20\r\n\r\n", "HTTP/1.1 201 Created\r\ncontent-length: 100000\r\n\r\n",
            "HTTP/1.1 201 Created\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 201 Created\r\ncontent-length: 5\r\ncontent-length: 500\r\n\r\n",
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            "HTTP/9.9 201 Created\r\n\r\n", "201 Created\r\n\r\n",
        ])
    func wrongLength(head: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        let forged = "HTTP/1.1 200 OK\r\ncontent-length: \(payment("p2").utf8.count)\r\nx-forged: yes\r\n\r\n\(payment("p2"))"
        try await CannedServer.run { request in
            request.method == "POST" ? .raw(head + refunded() + forged, close: true) : .json(404, apiError(404, "31", "notFound"))
        } with: { server in
            try await withClient(server.url, patientOptions(clock)) { client in
                let kind = try await failing(try refund(), by: client).kind
                #expect(kind == .inDoubt)
                // The bytes behind the answer belong to nobody.
                let next = try await client.perform(try getPayment("p2")).status
                #expect(next == 404)
            }
        }
    }

    @Test("an answer past the bound is cut off")
    func huge() async throws {
        let clock = TestClock(jumps: .seconds(900))
        var options = patientOptions(clock)
        options.maximumAnswerBytes = 10_000
        let body = #"{"id":"p1","status":"SETTLED","description":""# + String(repeating: "x", count: 20_000) + "\"}"
        try await CannedServer.run {
            $0.method == "GET" ? .json(200, body) : .json(201, body)
        } with: { server in
            try await withClient(server.url, options) { client in
                let code = try await failing(try getPayment(), by: client).code
                #expect(code == "answer_too_large")
                let kind = try await failing(try refund(), by: client).kind
                #expect(kind == .inDoubt)
            }
        }
    }

    @Test("a try that gets no answer in time ends: a write in doubt, a read after six")
    func timeouts() async throws {
        let clock = TestClock(jumps: .zero)
        try await CannedServer.run { _ in
            .stall
        } with: { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                let write = Task { try await failing(try refund(), by: client) }
                await server.received(1, to: "/payments/p1/refund")
                clock.advance(by: .seconds(31))
                let failure = try await write.value
                #expect(failure.kind == .inDoubt)
                #expect(failure.code == "timeout")

                let read = Task { try await failing(try getPayment(), by: client) }
                for attempt in 1...6 {
                    await server.received(attempt, to: "/payments/p1")
                    clock.advance(by: .seconds(31))
                    // Over the backoff, and never over the next try's own time.
                    while attempt < 6, server.requests(to: "/payments/p1").count <= attempt {
                        if let wait = clock.nextWait, wait <= .seconds(16) { clock.advance(by: wait) }
                        await Task.yield()
                    }
                }
                let readEnd = try await read.value.code
                #expect(readEnd == "timeout")
                #expect(server.requests(to: "/payments/p1").count == 6)
            }
        }
    }

    @Test("a write that was sent is awaited although its task is cancelled")
    func cancelledWrite() async throws {
        let clock = TestClock(jumps: .zero)
        let gate = Gate()
        try await CannedServer.run { _ in
            await gate.passed()
            return .json(201, refunded())
        } with: { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                let write = Task { try await client.perform(try refund()).status }
                await server.received(1, to: "/payments/p1/refund")
                write.cancel()
                // Its grace has begun once the clock has a sleeper until its end.
                while !clock.sleepsUntil(.seconds(1010)) { await Task.yield() }
                gate.open()
                let writeEnd = try await write.value
                #expect(writeEnd == 201)
            }
        }
    }

    @Test("a cancelled write without an answer is in doubt after its grace, and a cancelled read ends at once")
    func cancelledWithoutAnswer() async throws {
        let clock = TestClock(jumps: .zero)
        try await CannedServer.run { _ in
            .stall
        } with: { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                let write = Task { try await failing(try refund(), by: client) }
                await server.received(1, to: "/payments/p1/refund")
                write.cancel()
                // Its grace has begun once the clock has a sleeper until its end.
                while !clock.sleepsUntil(.seconds(1010)) { await Task.yield() }
                clock.advance(by: .seconds(11))
                let writeEnd = try await write.value.kind
                #expect(writeEnd == .inDoubt)

                let read = Task { try await failing(try getPayment(), by: client) }
                await server.received(1, to: "/payments/p1")
                read.cancel()
                let readEnd = try await read.value.kind
                #expect(readEnd == .cancelled)
            }
        }
    }

    @Test("a task that was cancelled before sends nothing")
    func cancelledBefore() async throws {
        let clock = TestClock(jumps: .zero)
        try await CannedServer.run { _ in
            .json(201, refunded())
        } with: { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                let gate = Gate()
                let write = Task {
                    await gate.passed()
                    return try await failing(try refund(), by: client)
                }
                write.cancel()
                gate.open()
                let writeEnd = try await write.value.kind
                #expect(writeEnd == .cancelled)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a client that was shut down sends nothing, and says so")
    func shutDown() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(201, refunded())
        } with: { server in
            let client = ConomyClient(
                environment: try environment(server.url), options: patientOptions(clock), logger: Logger(label: "test"))
            await client.shutdown()
            await client.shutdown()
            let failure = try await failing(try refund(), by: client)
            #expect(failure.kind == .unreachable)
            #expect(failure.code == "client_closed")
            #expect(server.connections == 0)
        }
    }

    @Test("the trace hears every try, without a secret or a token")
    func trace() async throws {
        let clock = TestClock(jumps: .seconds(900))
        let events = Collected<HTTPTraceEvent>()
        var options = patientOptions(clock)
        options.trace = { events.append($0) }
        var port = 0
        // A server that gives everything back.
        let echoed = #"{"status":503,"detail":"key-0123456789abcdef s3cr3t/+&=\"quoted\" väl client-4711 Bearer token-1-abcdef"}"#
        try await CannedServer.run { request in
            request.number == 1 ? .json(503, echoed, [("x-echo", "token-1-abcdef")]) : .json(200, payment())
        } with: { server in
            port = server.port
            _ = try await withClient(server.url, options) { try await $0.perform(try getPayment()) }
        }
        #expect(events.values.map(\.operation) == ["auth", "payments.get", "payments.get"])
        #expect(events.values.map(\.attempt) == [1, 1, 2])
        #expect(events.values.map(\.status) == [200, 503, 200])
        var all = ""
        dump(events.values, to: &all)
        // A port is a number of the system's choice, and may look like a secret's.
        all.replace(":\(port)", with: "")
        for secret in ["0123456789", "s3cr3t", "quoted", "4711", "token-1"] { #expect(!all.contains(secret), "\(all)") }
        #expect(events.values[2].responseBody == payment())
        #expect(
            events.values[1].requestHeaders.contains {
                $0.name == "authorization" && $0.value == "Bearer <secret>" || $0.value == "<secret>"
            })
    }
}
