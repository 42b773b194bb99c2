import ConomyAPI
import Testing

@testable import BursarEngine

@Suite("When calls wait for an API that does not answer")
struct BreakerTests {
    private let minute = Duration.seconds(60)

    private func breaker(patience: Duration = .seconds(900)) -> Breaker { Breaker(patience: patience, seed: 7) }

    private func position(_ breaker: Breaker) -> String {
        switch breaker.state {
        case .closed: "closed"
        case .open: "open"
        case .over(let failure): "over: \(failure.message)"
        }
    }

    /// One that was answered, and then met 503 ten times.
    private func opened(patience: Duration = .seconds(900)) -> Breaker {
        var breaker = breaker(patience: patience)
        _ = breaker.ended(.answer, at: .zero)
        for _ in 0..<10 { _ = breaker.ended(.outOfOrder("503"), at: .zero) }
        return breaker
    }

    @Test("ten calls in a row that met no working server open it, and one answer among them does not")
    func opens() {
        var breaker = breaker()
        for round in 0..<5 {
            for _ in 0..<9 { #expect(breaker.ended(.outOfOrder("503"), at: .zero) == nil) }
            #expect(breaker.ended(round % 2 == 0 ? .answer : .nothing, at: .zero) == nil)
            if round % 2 == 1 { _ = breaker.ended(.answer, at: .zero) }
        }
        #expect(position(breaker) == "closed")
        for _ in 0..<9 { _ = breaker.ended(.nobody("reset"), at: .zero) }
        guard case .opened(let outage)? = breaker.ended(.outOfOrder("502"), at: minute) else {
            Issue.record("it did not open")
            return
        }
        #expect(outage.calls == 10)
        #expect(outage.cause == "502")
        #expect(outage.since == minute)
        guard case .wait = breaker.admission else {
            Issue.record("a call may go")
            return
        }
    }

    @Test("looks come after 1 s, then ever later, and every 25 s at most; half of each wait is chance, the same from one seed")
    func looks() {
        func waits(_ seed: UInt64) -> [Duration] {
            var breaker = Breaker(patience: .seconds(900), seed: seed)
            for _ in 0..<10 { _ = breaker.ended(.outOfOrder("503"), at: .zero) }
            var waits: [Duration] = []
            var now = Duration.zero
            while let due = breaker.nextLook(in: 1, at: now), waits.count < 8 {
                waits.append(due - now)
                now = due
                _ = breaker.looked(.outOfOrder("503"), in: 1, at: now)
            }
            return waits
        }
        let ceilings: [Duration] = [1, 2, 4, 8, 16, 25, 25, 25].map { .seconds($0) }
        #expect(zip(waits(1), ceilings).allSatisfy { $0 >= $1 / 2 && $0 <= $1 }, "\(waits(1))")
        #expect(waits(1).count == 8)
        #expect(waits(1) == waits(1))
        #expect(waits(1) != waits(2))
    }

    @Test("it closes at the first answer of any call, be it a look's or a late one's, and counts from the beginning")
    func closes() {
        var breaker = opened()
        guard case .closed? = breaker.looked(.answer, in: 1, at: minute) else {
            Issue.record("a look that was answered left it open")
            return
        }
        for _ in 0..<9 { #expect(breaker.ended(.outOfOrder("503"), at: minute) == nil) }
        guard case .opened(let second)? = breaker.ended(.outOfOrder("503"), at: minute) else {
            Issue.record("it did not open again")
            return
        }
        #expect(second.number == 2)
        // A look of the outage before says nothing about this one.
        #expect(breaker.looked(.answer, in: 1, at: minute) == nil)
        #expect(breaker.nextLook(in: 1, at: minute) == nil)
        #expect(position(breaker) == "open")
        guard case .closed? = breaker.ended(.answer, at: minute) else {
            Issue.record("a late answer left it open")
            return
        }
        #expect(breaker.nextLook(in: 2, at: minute) == nil)
    }

    @Test("it ends when the patience does, at its last look, with the last thing that was met")
    func outlasted() {
        var breaker = opened()
        var now = Duration.zero
        while let due = breaker.nextLook(in: 1, at: now) {
            #expect(due <= .seconds(900))
            now = due
            _ = breaker.looked(now < minute ? .nothing : .nobody("refused"), in: 1, at: now)
        }
        #expect(now == .seconds(900))
        #expect(position(breaker) == "over: the API has not answered for 15 min; last: refused")
        guard case .fail(let failure) = breaker.admission else {
            Issue.record("calls are not failed")
            return
        }
        #expect(failure.kind == .unreachable)
        #expect(failure.code == "circuit_open")
        // It is over for good.
        #expect(breaker.ended(.answer, at: now) == nil)
        #expect(position(breaker).hasPrefix("over"))
    }

    @Test("without patience the tenth call ends it")
    func impatient() {
        #expect(position(opened(patience: .zero)) == "over: the API has not answered 10 calls in a row; last: 503")
    }

    @Test("where nobody was ever there, waiting is as good as never: the tenth call ends it")
    func neverThere() {
        var breaker = breaker()
        for _ in 0..<10 { _ = breaker.ended(.nobody("connection refused"), at: .zero) }
        #expect(position(breaker) == "over: the API has not answered any call of this run; last: connection refused")
        // A server that says it does not work is one.
        var other = self.breaker()
        _ = other.ended(.outOfOrder("503"), at: .zero)
        for _ in 0..<9 { _ = other.ended(.nobody("reset"), at: .zero) }
        #expect(position(other) == "open")
    }

    @Test("an API that wants no calls for longer than one waits gets none, from the first time it says so")
    func sentAway() {
        let failure = CallFailure(.unreachable, code: "wait_too_long", "wait 3600 s")
        var breaker = breaker()
        guard case .over? = breaker.ended(.sentAway(failure), at: .zero) else {
            Issue.record("calls go on")
            return
        }
        #expect(position(breaker) == "over: wait 3600 s")
        var open = opened()
        _ = open.looked(.sentAway(failure), in: 1, at: minute)
        #expect(position(open) == "over: wait 3600 s")
    }
}
