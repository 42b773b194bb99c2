import ConomyAPI
import Testing

@testable import ConomyClient

@Suite("How many calls may start, and when")
struct PaceTests {
    @Test("the window halves once for all calls that were under way, and grows by one for each window of answers")
    func window() {
        var pace = Pace(maximumInFlight: 16, requestsPerSecond: nil)
        let tickets = (0..<16).compactMap { pace.ask($0, at: .zero) }
        #expect(tickets.count == 16)
        #expect(pace.ask(16, at: .zero) == nil)
        for ticket in tickets { pace.end(ticket, .refused) }
        #expect(pace.window == 8)
        #expect(pace.admitted(at: .zero).map(\.caller) == [16])

        var expected = 8
        for window in 8..<16 {
            // The one that waits is part of the first window.
            for _ in 0..<window {
                guard let ticket = pace.ask(99, at: .zero) else {
                    Issue.record("the window of \(window) let fewer through")
                    return
                }
                pace.end(ticket, .answered)
            }
            expected += 1
            #expect(pace.window == expected)
        }
        if let ticket = pace.ask(1, at: .zero) { pace.end(ticket, .answered) }
        #expect(pace.window == 16)
    }

    @Test("however many are refused, one may always go")
    func least() {
        var pace = Pace(maximumInFlight: 4, requestsPerSecond: nil)
        for _ in 0..<10 { if let ticket = pace.ask(1, at: .zero) { pace.end(ticket, .refused) } }
        #expect(pace.window == 1)
        #expect(pace.ask(1, at: .zero) != nil)
        #expect(pace.ask(2, at: .zero) == nil)
    }

    @Test("nobody starts inside a hold, and a shorter hold does not undo a longer one")
    func hold() {
        var pace = Pace(maximumInFlight: 4, requestsPerSecond: nil)
        pace.hold(until: .seconds(10))
        pace.hold(until: .seconds(3))
        #expect(pace.ask(1, at: .seconds(9)) == nil)
        #expect(pace.admitted(at: .milliseconds(9999)).isEmpty)
        #expect(pace.wakeTime == .seconds(10))
        #expect(pace.admitted(at: .seconds(10)).map(\.caller) == [1])
        #expect(pace.wakeTime == nil)
    }

    @Test("callers go in the order they came, without those who left")
    func order() {
        var pace = Pace(maximumInFlight: 1, requestsPerSecond: nil)
        let first = pace.ask(0, at: .zero)
        for caller in 1...200 { #expect(pace.ask(caller, at: .zero) == nil) }
        for caller in stride(from: 2, through: 200, by: 2) { pace.leave(caller) }
        var went: [Int] = []
        var ticket = first
        while let current = ticket {
            pace.end(current, .lost)
            let next = pace.admitted(at: .zero)
            went += next.map(\.caller)
            ticket = next.first?.ticket
        }
        #expect(went == Array(stride(from: 1, through: 199, by: 2)))
    }

    @Test("no second sees more starts than the cap and its slack, however callers come", arguments: [0.5, 1, 3, 10, 100, 1000])
    func rate(perSecond: Double) {
        var generator = TestGenerator(state: testSeed)
        var pace = Pace(maximumInFlight: 1_000_000, requestsPerSecond: perSecond)
        var starts: [Duration] = []
        var now = Duration.zero
        var caller = 0
        while now < .seconds(20) {
            caller += 1
            if let ticket = pace.ask(caller, at: now) {
                starts.append(now)
                // What was not sent does not count.
                if caller % 5 == 0 {
                    pace.end(ticket, .unused)
                    starts.removeLast()
                }
            }
            for _ in pace.admitted(at: now) { starts.append(now) }
            now += .microseconds(Int.random(in: 0...Int(2_000_000 / perSecond / 3), using: &generator))
        }
        let most = Int(perSecond.rounded(.up)) + max(1, Int(perSecond / 20))
        for (index, start) in starts.enumerated() where index + most < starts.count {
            #expect(starts[index + most] - start >= .seconds(1), "seed \(testSeed), start \(index)")
        }
        // And it is used, as far as callers come in time: they come up to two thirds of a space late.
        #expect(Double(starts.count) >= perSecond * 20 * 0.7)
    }

    @Test("R8: 64 callers are at full speed again within 30 s of the end of a storm, where an answer takes 0.3 s")
    func fullSpeed() {
        var pace = Pace(maximumInFlight: 64, requestsPerSecond: nil)
        let storm = Duration.seconds(60)
        var now = Duration.zero
        var underWay: [(due: Duration, caller: Int, ticket: Pace.Ticket)] = []
        func start(_ admitted: [(caller: Int, ticket: Pace.Ticket)]) {
            for (caller, ticket) in admitted { underWay.append((now + .milliseconds(300), caller, ticket)) }
        }
        for caller in 0..<64 { if let ticket = pace.ask(caller, at: now) { start([(caller, ticket)]) } }
        while now < storm + .seconds(30) {
            now += .milliseconds(100)
            let ended = underWay.filter { $0.due <= now }
            underWay.removeAll { $0.due <= now }
            for (_, caller, ticket) in ended {
                if now < storm { pace.hold(until: now + .seconds(5)) }
                pace.end(ticket, now < storm ? .refused : .answered)
                if let ticket = pace.ask(caller, at: now) { start([(caller, ticket)]) }
            }
            start(pace.admitted(at: now))
            if now == storm { #expect(pace.window == 1) }
        }
        #expect(pace.window == 64)
        #expect(underWay.count == 64)
    }

    @Test("after a storm of refusals the window is full again within a few hundred answers")
    func recovery() {
        var pace = Pace(maximumInFlight: 64, requestsPerSecond: nil)
        for _ in 0..<20 { if let ticket = pace.ask(0, at: .zero) { pace.end(ticket, .refused) } }
        #expect(pace.window == 1)
        var answers = 0
        while pace.window < 64, answers < 100_000 {
            if let ticket = pace.ask(0, at: .zero) { pace.end(ticket, .answered) }
            answers += 1
        }
        // The sum of 1 to 63.
        #expect(answers == 2016)
    }
}
