import Foundation

/// How long random tests go on, and from where: a fixed number of rounds with a fixed seed, unless `BURSAR_FUZZ_SECONDS` and
/// `BURSAR_FUZZ_SEED` say otherwise (`scripts/fuzz` sets them).
enum TestBudget {
    static let seed = variable("BURSAR_FUZZ_SEED") ?? 1
    private static let seconds = variable("BURSAR_FUZZ_SECONDS")

    private static func variable(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) }

    /// Calls `body` with a generator of its own each round, until it says false (it recorded an issue, and named the seed).
    static func rounds(_ count: Int, _ body: (_ seed: UInt64, inout SeededGenerator) throws -> Bool) rethrows {
        let clock = ContinuousClock()
        let end = seconds.map { clock.now + .seconds(Int64(clamping: $0)) }
        var round: UInt64 = 0
        while end.map({ clock.now < $0 }) ?? (round < count) {
            var random = SeededGenerator(seed: seed &+ round)
            guard try body(seed &+ round, &random) else { return }
            round += 1
        }
    }
}
