import ConomyAPI
import Synchronization
import Testing

@testable import ConomyClient

@Suite("Patience under load")
struct PacingTests {
    @Test(
        "no request is made inside a stated wait, by any caller",
        arguments: [
            "30", "30.0", "Fri, 17 Apr 2026 12:00:30 GMT", "Friday, 17-Apr-26 12:00:30 GMT", "Fri Apr 17 12:00:30 2026",
        ])
    func holdsEverybody(retryAfter: String) async throws {
        let clock = TestClock(jumps: .zero)
        try await CannedServer.run { request in
            request.path == "/payments/p0" && request.number == 1
                ? .json(429, apiError(429, "32", "tooManyRequests"), [("Retry-After", retryAfter)])
                : .json(200, payment(String(request.path.dropFirst("/payments/".count))))
        } with: { server in
            var options = ClientOptions(seed: testSeed, clock: clock)
            options.attemptTimeout = .seconds(600)
            try await withClient(server.url, options) { client in
                let held = Collected<Void>()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await client.perform(try getPayment("p0"))
                        held.append(())
                    }
                    await server.received(1, to: "/payments/p0")
                    // The hold stands once the client has read the 429: from then on the clock has a sleeper until its end.
                    while !clock.sleepsUntil(.seconds(1030)) { await Task.yield() }
                    for index in 1...8 { group.addTask { _ = try await client.perform(try getPayment("p\(index)")) } }
                    clock.advance(by: .milliseconds(29_999))
                    for _ in 0..<2000 { await Task.yield() }
                    #expect(server.requests.count == 2)
                    #expect(held.values.isEmpty)
                    clock.advance(by: .milliseconds(1))
                    try await group.waitForAll()
                }
                #expect(server.requests.count == 2 + 9)
            }
        }
    }

    @Test(
        "a wait longer than a call waits ends it with words, at once",
        arguments: ["601", "99999999999999999999", "Sat, 18 Apr 2026 12:00:00 GMT"])
    func absurdWait(retryAfter: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { _ in
            .json(429, "", [("retry-after", retryAfter)])
        } with: { server in
            let failure = try await withClient(server.url, patientOptions(clock)) { try await failing(try refund(), by: $0) }
            #expect(failure.kind == .unreachable)
            #expect(failure.code == "wait_too_long")
            #expect(server.requests(to: "/payments/p1/refund").count == 1)
            #expect(clock.jumped.isEmpty)
        }
    }

    @Test("a wait that says nothing leaves it to the backoff", arguments: ["-5", "soon", "", "0"])
    func rubbishWait(retryAfter: String) async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { request in
            request.number < 3 ? .json(429, "", [("retry-after", retryAfter)]) : .json(200, payment())
        } with: { server in
            let answer = try await withClient(server.url, patientOptions(clock)) { try await $0.perform(try getPayment()) }
            #expect(answer.status == 200)
            #expect(clock.jumped.count == 2)
            #expect(zip(clock.jumped, [.seconds(1), .seconds(2)] as [Duration]).allSatisfy { $0 <= $1 })
        }
    }

    @Test("no more calls are under way than the window lets through")
    func inFlight() async throws {
        let clock = TestClock(jumps: .zero)
        let counts = Mutex((now: 0, most: 0))
        let five = Gate()
        try await CannedServer.run { request in
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            // Nobody is answered before five are here; a sixth cannot come.
            if counts.withLock({ $0.now }) == 5 { five.open() }
            await five.passed()
            counts.withLock { $0.now -= 1 }
            return .json(200, payment(String(request.path.dropFirst("/payments/".count))))
        } with: { server in
            var options = ClientOptions(seed: testSeed, clock: clock)
            options.maximumInFlight = 5
            try await withClient(server.url, options) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<60 { group.addTask { _ = try await client.perform(try getPayment("p\(index)")) } }
                    try await group.waitForAll()
                }
            }
            #expect(counts.withLock { $0.most } == 5)
            #expect(server.connections <= 5)
        }
    }

    @Test("starts are spaced as the cap says")
    func rate() async throws {
        let clock = TestClock(jumps: .seconds(900))
        try await CannedServer.run { request in
            .json(200, payment(String(request.path.dropFirst("/payments/".count))))
        } with: { server in
            var options = patientOptions(clock)
            options.requestsPerSecond = 10
            let start = clock.now
            try await withClient(server.url, options) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<50 { group.addTask { _ = try await client.perform(try getPayment("p\(index)")) } }
                    try await group.waitForAll()
                }
            }
            // Fifty calls and the token: fifty spaces of a tenth of a second.
            #expect(clock.now - start >= .seconds(5))
            #expect(clock.now - start < .seconds(6))
        }
    }

    @Test("who waits for a turn past its deadline, or is cancelled, leaves without one; those behind go on")
    func leaving() async throws {
        let clock = TestClock(jumps: .zero)
        let pacer = Pacer(Pace(maximumInFlight: 1, requestsPerSecond: nil), alarms: Alarms(clock: clock))
        let first = try await pacer.admit(before: .seconds(5000))
        func waiting(_ count: Int, until due: Duration) async -> Task<String, Never> {
            let task = Task { () -> String in
                do throws(CallFailure) {
                    pacer.end(try await pacer.admit(before: due), .answered)
                    return "went"
                } catch { return error.code }
            }
            while pacer.waiting < count { await Task.yield() }
            return task
        }
        let late = await waiting(1, until: .seconds(1010))
        let cancelled = await waiting(2, until: .seconds(5000))
        let patient = await waiting(3, until: .seconds(5000))
        cancelled.cancel()
        #expect(await cancelled.value == "cancelled")
        clock.advance(by: .seconds(10))
        #expect(await late.value == "call_timeout")
        pacer.end(first, .answered)
        #expect(await patient.value == "went")
        pacer.hold(until: .seconds(2000))
        // Nobody waits for a turn that cannot come in time.
        #expect(await waiting(0, until: .seconds(1500)).value == "call_timeout")
    }
}
