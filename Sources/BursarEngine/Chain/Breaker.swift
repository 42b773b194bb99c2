import ConomyAPI

/// Whether calls go to the target, judged by what calls before them met. Events go in, decisions come out; no clock, no waiting, no
/// locks.
///
/// - Closed: calls go. After `mostMisses` calls in a row that met no working server it opens.
/// - Open: no call goes. One look at a time, a cheap read, is made until the API answers anything at all: then it closes.
/// - Over: the outage has outlasted the patience; or nobody was there from the start; or the API wants no calls for longer than one
///   waits. Every call fails, and the run ends.
struct Breaker {
    enum Admission: Sendable {
        case go
        case wait
        case fail(CallFailure)
    }

    struct Outage: Sendable {
        /// Tells it from others of the same run.
        let number: Int
        let since: Duration
        /// How many calls in a row it took to open.
        let calls: Int
        /// What the last of them met.
        let cause: String
        fileprivate(set) var looks = 0
        /// What was met last, by a call or a look.
        fileprivate(set) var last: String
    }

    enum State: Sendable {
        case closed
        case open(Outage)
        case over(CallFailure)
    }

    /// A change that somebody must act on.
    enum Event: Sendable {
        case opened(Outage)
        case closed(Outage)
        case over(CallFailure)
    }

    /// After so many calls in a row the target is taken to be down.
    static let mostMisses = 10
    /// The waits before looks, in milliseconds. The last one repeats: 30 s after the end of an outage calls go at full speed again.
    static let ceilings: [Int64] = [1000, 2000, 4000, 8000, 16_000, 25_000]
    /// The code of a call that was not sent because nobody is there.
    static let code = "circuit_open"

    private(set) var state = State.closed
    let patience: Duration
    private var missesInARow = 0
    /// True once anything that may be the API was met in this run. Before that, waiting is as good as never.
    private var hasMetSomebody = false
    private var outages = 0
    private var generator: SplitMix64

    init(patience: Duration, seed: UInt64) {
        self.patience = patience
        generator = SplitMix64(state: seed)
    }

    var admission: Admission {
        switch state {
        case .closed: .go
        case .open: .wait
        case .over(let failure): .fail(failure)
        }
    }

    /// A call that went has ended. One that went before an outage may end in it.
    mutating func ended(_ sighting: Sighting, at now: Duration) -> Event? {
        switch (state, sighting) {
        case (.over, _), (_, .nothing): return nil
        case (_, .sentAway(let failure)): return end(failure)
        case (.open(let outage), .answer): return close(outage)
        case (.open(var outage), .outOfOrder(let text)), (.open(var outage), .nobody(let text)):
            outage.last = text
            state = .open(outage)
            return nil
        case (.closed, .answer):
            missesInARow = 0
            hasMetSomebody = true
            return nil
        case (.closed, .outOfOrder(let text)):
            hasMetSomebody = true
            return missed(text, at: now)
        case (.closed, .nobody(let text)): return missed(text, at: now)
        }
    }

    /// When the next look of that outage is due; nil when the outage is over.
    mutating func nextLook(in number: Int, at now: Duration) -> Duration? {
        guard case .open(let outage) = state, outage.number == number else { return nil }
        let ceiling = Breaker.ceilings[min(outage.looks, Breaker.ceilings.count - 1)]
        // Half of it is chance, so that runs that met the same outage do not come back together.
        let wait = Duration.milliseconds(Int64.random(in: ceiling / 2...ceiling, using: &generator))
        return min(now + wait, outage.since + patience)
    }

    /// A look in that outage has ended.
    mutating func looked(_ sighting: Sighting, in number: Int, at now: Duration) -> Event? {
        guard case .open(var outage) = state, outage.number == number else { return nil }
        outage.looks += 1
        switch sighting {
        case .answer: return close(outage)
        case .sentAway(let failure): return end(failure)
        case .outOfOrder(let text), .nobody(let text): outage.last = text
        case .nothing: break
        }
        guard now - outage.since < patience else { return end(Breaker.outlasted(outage, patience)) }
        state = .open(outage)
        return nil
    }

    private mutating func missed(_ text: String, at now: Duration) -> Event? {
        missesInARow += 1
        guard missesInARow >= Breaker.mostMisses else { return nil }
        outages += 1
        let outage = Outage(number: outages, since: now, calls: missesInARow, cause: text, last: text)
        guard hasMetSomebody else { return end(Breaker.neverThere(outage)) }
        guard patience > .zero else { return end(Breaker.outlasted(outage, patience)) }
        state = .open(outage)
        return .opened(outage)
    }

    private mutating func close(_ outage: Outage) -> Event {
        state = .closed
        missesInARow = 0
        hasMetSomebody = true
        return .closed(outage)
    }

    private mutating func end(_ failure: CallFailure) -> Event {
        state = .over(failure)
        return .over(failure)
    }

    private static func outlasted(_ outage: Outage, _ patience: Duration) -> CallFailure {
        let span = patience > .zero ? "for \(Span.words(patience))" : "\(outage.calls) calls in a row"
        return CallFailure(
            .unreachable, code: code, "the API has not answered \(span); last: \(outage.last)",
            hint: "run again later, or wait longer with --patience")
    }

    private static func neverThere(_ outage: Outage) -> CallFailure {
        CallFailure(
            .unreachable, code: code, "the API has not answered any call of this run; last: \(outage.last)",
            hint: "check the network and the base URL, then run again")
    }
}
