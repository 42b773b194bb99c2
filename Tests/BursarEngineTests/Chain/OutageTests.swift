import ConomyAPI
import ConomyClient
import ConomySimulator
import ExactJSON
import Logging
import Synchronization
import Testing

@testable import BursarEngine

/// Passes on, and knows how many calls have not ended.
private final class Counted: Performer {
    private let next: any Performer
    private let count = Mutex(0)

    init(next: any Performer) { self.next = next }

    var now: Int { count.withLock { $0 } }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        count.withLock { $0 += 1 }
        defer { count.withLock { $0 -= 1 } }
        return try await next.perform(call)
    }
}

/// Looks, as the breaker of a run does.
private struct LookOnce: Performer {
    let client: ConomyClient

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        try await client.performOnce(call, timeout: OutageTests.never)
    }
}

@Suite("An outage, with the real client")
struct OutageTests {
    fileprivate static let never = Duration.seconds(36_000)

    private struct Seen {
        /// Requests by their URL.
        var tries: [String: Int] = [:]
        /// When each was made.
        var times: [(url: String, at: Duration)] = []
    }

    private struct End {
        let at: Duration
        let isServed: Bool
    }

    @Test("R8: ten minutes of 503 from 64 callers: only looks are sent, six tries a call at most, all served within 30 s after")
    func tenMinutes() async throws {
        let simulator = try Simulator(options: SimulatorOptions(seed: 7))
        let server = SimulatorServer(simulator: simulator)
        let url = "http://127.0.0.1:\(try await server.start())"
        let known = SimulatorOptions.localCredentials
        let clock = VirtualClock()
        let seen = Mutex(Seen())
        var options = ClientOptions(seed: 7, clock: clock) { event in
            seen.withLock {
                $0.tries[event.url, default: 0] += 1
                $0.times.append((event.url, clock.now))
            }
        }
        // Further ahead than anything that is waited for.
        options.attemptTimeout = OutageTests.never
        options.callTimeout = OutageTests.never
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = ConomyClient(
            environment: try ClientEnvironment(
                name: "test", baseURL: url,
                credentials: .init(
                    clientID: Secret(known.clientID), clientSecret: Secret(known.clientSecret), apiKey: Secret(known.apiKey)),
                userAgent: "Bursar/1.0"),
            options: options, logger: logger)
        let looks = Counted(next: LookOnce(client: client))
        let keeper = BreakerKeeper(
            next: client, breaker: Breaker(patience: .seconds(900), seed: 7), clock: clock, logger: logger
        ) { () throws(CallFailure) in try await looks.perform(BreakerKeeper.lookCall) }
        // Time passes while nothing is on its way, and has not been for a while: whoever was answered is asleep again by then.
        let passing = Task {
            var quiet = 0
            while !Task.isCancelled {
                await Task.yield()
                quiet = client.pace.inFlight == 0 && looks.now == 0 ? quiet + 1 : 0
                guard quiet >= 200, let due = clock.nextDue, due - clock.now <= .seconds(900) else { continue }
                clock.advance(to: due)
                quiet = 0
            }
        }
        let read = try #require(Catalogue.conomy["payments.get"])
        let write = try #require(Catalogue.conomy["payments.capture"])
        // Nobody has such a payment: a 404 is an answer, and the last word.
        func perform(_ number: Int) async -> End {
            let call = Call(number % 3 == 0 ? write : read, pathParameters: ["id": "p\(number)"])
            let status = try? await keeper.perform(call).status
            return End(at: clock.now, isServed: status == 404)
        }
        #expect(await perform(0).isServed)

        let fault = try Fault(["operation": "*", "fault": "status", "status": 503])
        simulator.order([fault])
        let over = Duration.seconds(600)
        clock.at(over) { simulator.removeFaults() }
        var ends: [End] = []
        await withTaskGroup(of: [End].self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var ends: [End] = []
                    for round in 0..<5 { ends.append(await perform(1 + caller + 64 * round)) }
                    return ends
                }
            }
            for await some in group { ends += some }
        }
        passing.cancel()
        await client.shutdown()
        await server.stop()

        // What was under way when it opened met the outage; nothing that came after.
        let missed = ends.filter { !$0.isServed }
        #expect(missed.count >= 10)
        #expect(missed.count <= 10 + 63)
        let calm = try #require(missed.map(\.at).max())
        #expect(calm < over)
        let served = ends.filter(\.isServed)
        #expect(served.count == 320 - missed.count)
        #expect(served.allSatisfy { $0.at >= over && $0.at <= over + .seconds(30) })
        let seenNow = seen.withLock { $0 }
        let lookCount = seenNow.tries.filter { $0.key.hasSuffix("limit=1") }.values.reduce(0, +)
        #expect((20...60).contains(lookCount), "\(lookCount)")
        #expect(seenNow.tries.allSatisfy { $0.value <= 6 || $0.key.hasSuffix("limit=1") })
        // Once the reads that were under way have had their tries there are looks alone.
        let inBetween = seenNow.times.filter { $0.at > calm && $0.at < over }
        #expect(inBetween.count >= 20)
        #expect(inBetween.allSatisfy { $0.url.hasSuffix("limit=1") })
    }
}
