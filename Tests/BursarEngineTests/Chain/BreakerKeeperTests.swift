import ConomyAPI
import ConomyClient
import ExactJSON
import Logging
import Synchronization
import Testing

@testable import BursarEngine

/// An API that is there or not, as the test says.
private final class Door: Performer {
    private struct State {
        var failure: CallFailure? = nil
        var calls = 0
        var looks = 0
    }
    private let state = Mutex(State())

    var calls: Int { state.withLock { $0.calls } }
    var looks: Int { state.withLock { $0.looks } }

    func meet(_ failure: CallFailure?) { state.withLock { $0.failure = failure } }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        if let failure = state.withLock({ state in
            state.calls += 1
            return state.failure
        }) {
            throw failure
        }
        return Answer(status: 200, body: [:])
    }

    func look() throws(CallFailure) -> Answer {
        if let failure = state.withLock({ state in
            state.looks += 1
            return state.failure
        }) {
            throw failure
        }
        return Answer(status: 200, body: [:])
    }
}

@Suite("Calls that wait for an API that does not answer")
struct BreakerKeeperTests {
    private let down = CallFailure(.inDoubt, code: "server_error", "the API answered 503")
    private let door = Door()
    private let clock = VirtualClock()
    private let keeper: BreakerKeeper

    init() {
        keeper = BreakerKeeper(
            next: door, breaker: Breaker(patience: .seconds(900), seed: 7), clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { [door] () throws(CallFailure) in try door.look() }
    }

    /// `answered`, or the failure's code.
    private func end(of id: String) async -> String {
        guard let refund = Catalogue.conomy["payments.refund"] else { return "no operation" }
        do throws(CallFailure) {
            _ = try await keeper.perform(Call(refund, pathParameters: ["id": id]))
            return "answered"
        } catch { return error.code }
    }

    private func open() async {
        #expect(await end(of: "first") == "answered")
        door.meet(down)
        for index in 0..<10 { #expect(await end(of: "p\(index)") == "server_error") }
    }

    private func waiting(_ count: Int) async -> [Task<String, Never>] {
        let tasks = (0..<count).map { index in Task { await end(of: "w\(index)") } }
        while keeper.status.waiting < count { await Task.yield() }
        return tasks
    }

    private func ends(_ tasks: [Task<String, Never>]) async -> Set<String> {
        var ends: Set<String> = []
        for task in tasks { ends.insert(await task.value) }
        return ends
    }

    /// Moves the clock to the next look, and lets it happen.
    private func lookOnce() async {
        let before = door.looks
        while clock.nextDue == nil { await Task.yield() }
        clock.advance(to: clock.nextDue ?? .zero)
        while door.looks == before { await Task.yield() }
    }

    @Test("none is passed on while it is down, and all go at once when a look is answered")
    func waitsAndGoes() async {
        await open()
        let tasks = await waiting(20)
        for _ in 0..<4 { await lookOnce() }
        #expect(door.calls == 11)
        #expect(keeper.status.waiting == 20)
        guard case .open(let outage) = keeper.status.position else {
            Issue.record("the circuit is not open")
            return
        }
        #expect(outage.calls == 10)
        #expect(outage.cause == "the API answered 503")
        #expect(outage.left == .seconds(900) - outage.lasted)
        door.meet(nil)
        await lookOnce()
        #expect(await ends(tasks) == ["answered"])
        #expect(door.calls == 31)
        #expect(await end(of: "last") == "answered")
        #expect(keeper.status.underWay == 0)
    }

    @Test("when the patience ends, those that wait and those that come later fail as unreachable")
    func outlasted() async {
        await open()
        let tasks = await waiting(3)
        while clock.now < .seconds(900) { await lookOnce() }
        #expect(await ends(tasks) == ["circuit_open"])
        #expect(await end(of: "late") == "circuit_open")
        #expect(door.calls == 11)
    }

    @Test("a stop ends the waiting at once, and nothing waits after it; so does the cancellation of one call")
    func stopped() async {
        await open()
        let tasks = await waiting(3)
        tasks[1].cancel()
        #expect(await tasks[1].value == "cancelled")
        #expect(keeper.status.waiting == 2)
        keeper.stop()
        #expect(await ends(tasks) == ["cancelled"])
        #expect(await end(of: "late") == "cancelled")
        #expect(door.calls == 11)
    }

    @Test("a run that meets nobody from the start ends after ten calls, without waiting")
    func neverThere() async {
        door.meet(CallFailure(.unreachable, code: "connection_failed", "no connection could be established"))
        for index in 0..<10 { #expect(await end(of: "p\(index)") == "connection_failed") }
        for index in 10..<15 { #expect(await end(of: "p\(index)") == "circuit_open") }
        #expect(door.calls == 10)
        #expect(door.looks == 0)
        #expect(clock.now == .zero)
    }

    @Test("what a look asks for is one row of a list")
    func look() {
        #expect(BreakerKeeper.lookCall.operation.name == "payments.list")
        #expect(BreakerKeeper.lookCall.target.hasSuffix("?limit=1"))
    }
}
