import ConomyAPI
import ConomyClient
import NIOHTTP1
import Synchronization
import Testing

@Suite("One token for all")
struct TokenTests {
    private func perform(_ count: Int, _ client: ConomyClient) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<count { group.addTask { try await client.perform(try getPayment("p\(index)")).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func echo(_ request: CannedServer.Request) -> CannedServer.Reply {
        .json(200, payment(String(request.path.split(separator: "/").last ?? "")))
    }

    @Test("it is fetched once, on first need, with the credentials and the key, and without a bearer")
    func firstNeed() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run {
            echo($0)
        } with: { server in
            try await withClient(server.url, patientOptions(clock)) { client in
                #expect(server.connections == 0)
                let statuses = try await perform(16, client)
                #expect(statuses == Array(repeating: 200, count: 16))
            }
            let auth = server.requests(to: "/auth")
            #expect(auth.count == 1)
            #expect(auth.first?.headers.first(name: "x-api-key") == "key-0123456789abcdef")
            #expect(auth.first?.headers.contains(name: "authorization") == false)
            #expect(auth.first?.headers.first(name: "user-agent") == "Bursar/1.0")
            #expect(auth.first?.body == #"{"clientId":"client-4711","clientSecret":"s3cr3t/+&=\"quoted\" väl"}"#)
        }
    }

    @Test("R9: it expires with 16 calls in flight, and there is one renewal; reads are replayed")
    func expiryInFlight() async throws {
        let clock = TestClock(jumps: .seconds(900))
        let all = Gate()
        let count = Mutex(0)
        try await CannedServer.run { request in
            if request.headers.first(name: "authorization") == "Bearer token-1-abcdef" {
                // Nobody is told before all sixteen are in flight.
                if count.withLock({
                    $0 += 1; return $0
                }) == 16 {
                    all.open()
                }
                await all.passed()
                return .json(401, apiError(401, "41", "unauthorized"))
            }
            return echo(request)
        } with: { server in
            let statuses = try await withClient(server.url, patientOptions(clock)) { try await perform(16, $0) }
            #expect(statuses == Array(repeating: 200, count: 16))
            #expect(server.requests(to: "/auth").count == 2)
            #expect(server.requests.count == 2 + 32)
        }
    }

    @Test("a write that was turned away with 401 is sent once more with the new token")
    func writeReplayed() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { request in
            request.number == 1 ? .json(401, apiError(401, "41", "unauthorized")) : .json(201, refunded())
        } with: { server in
            let answer = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try refund()) }
            #expect(answer.status == 201)
            let sent = server.requests(to: "/payments/p1/refund").compactMap { $0.headers.first(name: "authorization") }
            #expect(sent == ["Bearer token-1-abcdef", "Bearer token-2-abcdef"])
        }
    }

    @Test("a new token that is not accepted either is a matter of credentials")
    func neverAccepted() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(401, apiError(401, "41", "unauthorized"))
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .credentials)
            #expect(server.requests(to: "/payments/p1/refund").count == 2)
            #expect(server.requests(to: "/auth").count == 2)
        }
    }

    @Test("refused credentials fail every caller after one request, and are not shown", arguments: [400, 401, 403])
    func refusedCredentials(status: Int) async throws {
        let clock = TestClock(jumps: .seconds(20))
        let said = #"{"status":401,"code":"41","type":"unauthorized","detail":"unknown client-4711 with key-0123456789abcdef"}"#
        try await CannedServer.run(auth: { _ in .json(status, said) }, script: { echo($0) }) { server in
            try await withClient(server.url, patientOptions(clock)) { client in
                for _ in 0..<3 {
                    let failure = try await failing(try refund(), by: client)
                    #expect(failure.kind == .credentials)
                    #expect(!failure.description.contains("4711") && !failure.description.contains("0123456789"))
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test("the request for a token is as patient as a read")
    func patientAuth() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run(
            auth: { request in
                switch request.number {
                case 1: .json(503, "")
                case 2: .reset()
                case 3: .json(429, "{}", [("retry-after", "30")])
                default: await CannedServer.token(request)
                }
            }, script: { echo($0) }
        ) { server in
            let status = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try getPayment("p1")) }
                .status
            #expect(status == 200)
            #expect(server.requests(to: "/auth").count == 4)
            #expect(clock.jumped.contains(.seconds(30)))
        }
    }

    @Test(
        "a token that cannot be had is no matter of credentials, and nothing was sent",
        arguments: [
            CannedServer.Reply.json(503, ""), .json(200, "<html>"), .json(200, #"{"accessToken":"a","tokenType":"Bearer"}"#),
            .json(200, #"{"accessToken":"a\r\nx-evil: 1","tokenType":"Bearer","expiresIn":3600}"#),
            .json(200, #"{"accessToken":"a","tokenType":"Basic","expiresIn":3600}"#),
            .json(200, #"{"accessToken":"a","tokenType":"Bearer","expiresIn":0}"#),
            .json(302, "", [("location", "https://evil.example/auth")]), .close,
        ])
    func noToken(reply: CannedServer.Reply) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run(auth: { _ in reply }, script: { echo($0) }) { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .unreachable, "\(failure)")
            #expect(server.requests.allSatisfy { $0.path == "/auth" })
            #expect((1...6).contains(server.requests.count))
        }
    }

    @Test("it is renewed ahead of expiry while calls go on with the old one")
    func ahead() async throws {
        let clock = TestClock(jumps: .zero)
        let renewal = Gate()
        try await CannedServer.run(
            auth: { request in
                if request.number == 2 { await renewal.passed() }
                return await CannedServer.token(request)
            }, script: { echo($0) }
        ) { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                _ = try await client.perform(try getPayment("p1"))
                clock.advance(by: .seconds(2881))
                // The renewal is under way and held up; nobody waits for it.
                _ = try await client.perform(try getPayment("p2"))
                await server.received(2, to: "/auth")
                _ = try await client.perform(try getPayment("p3"))
                renewal.open()
                var authorization = ""
                while authorization != "Bearer token-2-abcdef" {
                    _ = try await client.perform(try getPayment("p4"))
                    authorization = server.requests(to: "/payments/p4").last?.headers.first(name: "authorization") ?? ""
                }
                #expect(server.requests(to: "/auth").count == 2)
                #expect(
                    server.requests(to: "/payments/p3").first?.headers.first(name: "authorization") == "Bearer token-1-abcdef")
            }
        }
    }

    @Test("a caller that is cancelled while it waits for the token leaves, and the others get it")
    func cancelledWait() async throws {
        let clock = TestClock(jumps: .zero)
        let gate = Gate()
        try await CannedServer.run(
            auth: { request in
                await gate.passed()
                return await CannedServer.token(request)
            }, script: { echo($0) }
        ) { server in
            try await withClient(server.url, ClientOptions(seed: testSeed, clock: clock)) { client in
                let first = Task { () -> CallFailure? in
                    do throws(CallFailure) {
                        _ = try await client.perform(Call(Catalogue.conomy.operations[0])); return nil
                    } catch { return error }
                }
                await server.received(1, to: "/auth")
                async let second = client.perform(try getPayment("p2"))
                first.cancel()
                #expect(await first.value?.kind == .cancelled)
                gate.open()
                let status = try await second.status
                #expect(status == 200)
                #expect(server.requests.count == 2)
            }
        }
    }
}
