import ConomyAPI
import ConomyClient
import Testing

@Suite("What is tried again, and what is not")
struct RetryTests {
    @Test("a read goes through 429, 5xx and a lost connection, and is answered in the end")
    func readIsPatient() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { request in
            switch request.number {
            case 1: .json(429, apiError(429, "32", "tooManyRequests"))
            case 2: .json(503, "<html>busy</html>")
            case 3: .reset()
            case 4: .close
            default: .json(200, payment())
            }
        } with: { server in
            let answer = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try getPayment()) }
            #expect(answer.status == 200)
            #expect(server.requests(to: "/payments/p1").count == 5)
        }
    }

    @Test("a read is tried six times at most, and its last 5xx is the answer")
    func sixTries() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(503, apiError(500, "01", "serverError"))
        } with: { server in
            let answer = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try getPayment()) }
            #expect(answer.status == 503)
            #expect(server.requests(to: "/payments/p1").count == 6)
            // Full jitter from this seed: each wait is at most its ceiling.
            let ceilings: [Duration] = [1, 2, 4, 8, 16].map { .seconds($0) }
            #expect(clock.jumped.count == 5)
            #expect(zip(clock.jumped, ceilings).allSatisfy { $0 <= $1 }, "seed \(testSeed): \(clock.jumped)")
        }
    }

    @Test(
        "a write that was answered 5xx, reset, closed or rubbish is in doubt after one try",
        arguments: [
            CannedServer.Reply.json(500, apiError(500, "01", "serverError")), .json(502, "<html>bad gateway</html>"),
            .json(503, apiError(500, "01", "serverError"), [("retry-after", "1")]), .json(408, ""),
            .reset(), .close, .reset(after: "HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"refundId\""),
            .raw("HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"refundId\"", close: true),
            .raw("rubbish\r\n\r\n", close: true),
        ])
    func writeInDoubt(reply: CannedServer.Reply) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            reply
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .inDoubt, "\(failure)")
            #expect(server.requests(to: "/payments/p1/refund").count == 1)
        }
    }

    @Test("a write that was refused before acting (429) is sent again")
    func writeAfter429() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { request in
            request.number < 3 ? .json(429, apiError(429, "32", "tooManyRequests")) : .json(201, refunded())
        } with: { server in
            let answer = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try refund()) }
            #expect(answer.status == 201)
            #expect(server.requests(to: "/payments/p1/refund").count == 3)
        }
    }

    @Test("a call that is put off six times was not performed")
    func putOff() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(429, apiError(429, "32", "tooManyRequests"))
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .unreachable)
            #expect(failure.code == "too_many_requests")
            #expect(server.requests(to: "/payments/p1/refund").count == 6)
        }
    }

    @Test(
        "a definite refusal is an answer, whoever asked",
        arguments: [
            (400, "11", "invalidParam"), (403, "43", "forbiddenOperation"), (404, "31", "notFound"), (409, "13", "alreadyExist"),
            (422, "21", "failedPrecondition"), (501, "42", "unimplemented"),
        ])
    func refusals(status: Int, code: String, type: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(status, apiError(status, code, type))
        } with: { server in
            try await withClient(server.url, patientOptions(clock)) { client in
                for call in [try refund(), try getPayment()] {
                    let answer = try await client.perform(call)
                    #expect(answer.status == status)
                    #expect(APIError(status: status, body: answer.body).code == code)
                }
            }
            #expect(server.requests.count { !$0.path.hasSuffix("/auth") } == 2)
        }
    }

    @Test("a write that could not be sent is tried again, and was not performed in the end")
    func nobodyThere() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(200, payment(), [("connection", "close")])
        } with: { server in
            try await withClient(server.url, patientOptions(clock)) { client in
                // The token is had while the server is there; then its connection is gone.
                _ = try await client.perform(try getPayment())
                try await server.stopListening()
                let failure = try await failing(try refund(), by: client)
                #expect(failure.kind == .unreachable)
                #expect(failure.code == "connection_failed")
                #expect(clock.jumped.count == 5)
            }
        }
    }

    @Test("a failure's words hide the secrets that a server gives back")
    func hiddenSecrets() async throws {
        let clock = TestClock(jumps: .seconds(900))
        let echo = #"{"detail":"key-0123456789abcdef and Bearer token-1-abcdef"}"#
        for status in [401, 429, 500] {
            try await CannedServer.run { _ in
                .json(status, echo)
            } with: { server in
                let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
                #expect(failure.description.contains("<secret> and Bearer <secret>"), "\(failure)")
                #expect(!failure.description.contains("0123456789") && !failure.description.contains("token-1"), "\(failure)")
            }
        }
    }

    @Test("waits are the same from the same seed, and others from another")
    func seeded() async throws {
        func waits(_ seed: UInt64) async throws -> [Duration] {
            let clock = TestClock(jumps: .seconds(900))
            var options = patientOptions(clock)
            options.seed = seed
            try await CannedServer.run { _ in
                .json(503, "")
            } with: { server in
                _ = try await withClient(server.url, options) { try await $0.perform(try getPayment()) }
            }
            return clock.jumped
        }
        let (first, again, other) = (try await waits(1), try await waits(1), try await waits(2))
        #expect(first.count == 5)
        // The clock stands still but for the waits, so these are exact.
        #expect(first == again)
        #expect(first != other)
    }
}
