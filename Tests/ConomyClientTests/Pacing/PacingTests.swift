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

    @Test("a wait longer than a call waits fails everybody who comes inside of it, and those who wait already, unsent")
    func absurdWaitForAll() async throws {
        let clock = TestClock(jumps: .zero)
        try await CannedServer.run { request in
            request.path == "/payments/p0"
                ? .json(429, "", [("retry-after", "3600")]) : .json(200, payment(String(request.path.dropFirst(10))))
        } with: { server in
            var options = ClientOptions(seed: testSeed, clock: clock)
            options.maximumInFlight = 1
            try await withClient(server.url, options) { client in
                let codes = Collected<String>()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { codes.append(try await failing(try getPayment("p0"), by: client).code) }
                    await server.received(1, to: "/payments/p0")
                    while client.pace.held == nil { await Task.yield() }
                    for index in 1...8 {
                        group.addTask { codes.append(try await failing(try refund("p\(index)"), by: client).code) }
                    }
                    try await group.waitForAll()
                }
                #expect(codes.values == Array(repeating: "wait_too_long", count: 9))
                #expect(client.pace.held == .seconds(3600))
            }
            // The token, and the one that was told to wait.
            #expect(server.requests.count == 2)
        }
        let pacer = Pacer(Pace(maximumInFlight: 1, requestsPerSecond: nil), alarms: Alarms(clock: clock))
        _ = try await pacer.admit(before: .seconds(5000))
        let waiting = Task { () -> String in
            do throws(CallFailure) {
                _ = try await pacer.admit(before: .seconds(5000))
                return "went"
            } catch { return error.code }
        }
        while pacer.waiting == 0 { await Task.yield() }
        pacer.hold(until: clock.now + .seconds(601))
        #expect(await waiting.value == "wait_too_long")
    }

    @Test(
        "R8: a storm of 429 over 60 s, 64 callers: no request inside a stated wait, six tries a call, all served after it",
        .serialized,
        arguments: [(15, "14.5"), (60, "Fri, 17 Apr 2026 12:01:00 GMT"), (7, "7"), (nil, "soon")], [64, 1])
    func storm(_ said: (wait: Int?, retryAfter: String), atOnce: Int) async throws {
        let (wait, retryAfter) = said
        let clock = TestClock(jumps: .zero)
        let storm = clock.now + .seconds(60)
        /// The waits that were stated, each with the moment it was. What is under way beside it in that very moment could not know;
        /// where one call is under way at once, nothing is.
        let stated = Collected<(from: Duration, to: Duration)>()
        let broken = Collected<String>()
        try await CannedServer.run { request in
            let now = clock.now
            if stated.values.contains(where: { (atOnce == 1 ? $0.from <= now : $0.from < now) && now < $0.to }) {
                broken.append("\(request.path) at \(now)")
            }
            guard now < storm else { return .json(200, payment(String(request.path.dropFirst(10)))) }
            if let wait { stated.append((now, now + .seconds(wait))) }
            return .json(429, apiError(429, "32", "tooManyRequests"), [("Retry-After", retryAfter)])
        } with: { server in
            let ends = Collected<String>()
            var options = patientOptions(clock)
            options.maximumInFlight = atOnce
            try await withClient(server.url, options) { client in
                // Time passes only while no request is under way, and from one wait's end to the next.
                let time = Task {
                    while !Task.isCancelled {
                        for _ in 0..<50 { await Task.yield() }
                        guard client.pace.inFlight == 0, let wait = clock.nextWait, wait <= .seconds(60) else { continue }
                        clock.advance(by: wait)
                    }
                }
                defer { time.cancel() }
                await withTaskGroup(of: Void.self) { group in
                    for caller in 0..<64 {
                        group.addTask {
                            do throws(CallFailure) {
                                guard let get = Catalogue.conomy["payments.get"] else { return }
                                let call = Call(get, pathParameters: ["id": "p\(caller)"])
                                ends.append("\(try await client.perform(call).status)")
                            } catch { ends.append(error.code) }
                        }
                    }
                }
                // It is over for whoever comes now.
                clock.advance(by: max(.zero, storm - clock.now))
                for index in 0..<64 {
                    let status = try await client.perform(try getPayment("after\(index)")).status
                    #expect(status == 200)
                }
                #expect(client.pace.held == nil)
            }
            #expect(broken.values.isEmpty, "\(broken.values)")
            let tries = Dictionary(grouping: server.requests.filter { !$0.path.hasSuffix("/auth") }, by: \.path).mapValues(
                \.count)
            #expect(tries.values.allSatisfy { $0 <= 6 })
            #expect((0..<64).allSatisfy { tries["/payments/after\($0)"] == 1 })
            #expect(ends.values.count == 64)
            // Waits that are stated in full bring every call through; where they are not, a call gives up after six tries.
            #expect(Set(ends.values).isSubset(of: (wait ?? 0) >= 15 ? ["200"] : ["200", "too_many_requests"]))
        }
    }

    @Test("a single try is one, whatever it meets")
    func once() async throws {
        let clock = TestClock(jumps: .seconds(900))
        for reply in [CannedServer.Reply.json(503, ""), .json(429, ""), .reset(), .close] {
            try await CannedServer.run { _ in
                reply
            } with: { server in
                _ = try await withClient(server.url, patientOptions(clock)) { client in
                    try? await client.performOnce(try getPayment(), timeout: .seconds(7200))
                }
                #expect(server.requests(to: "/payments/p1").count == 1)
            }
        }
        #expect(clock.jumped.isEmpty)
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
        pacer.hold(until: .seconds(1600))
        // Nobody waits for a turn that cannot come in time.
        #expect(await waiting(0, until: .seconds(1500)).value == "call_timeout")
    }
}
