import Foundation

/// How long random tests go on, and from where: a fixed number of rounds with a fixed seed, unless `BURSAR_FUZZ_SECONDS` and
/// `BURSAR_FUZZ_SEED` say otherwise. `scripts/fuzz` sets them.
public enum FuzzBudget {
    /// The first round's seed; each round has the next.
    public static let seed = variable("BURSAR_FUZZ_SEED") ?? 1

    static let seconds = variable("BURSAR_FUZZ_SECONDS")

    private static func variable(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) }
}

/// Runs `round` again and again, each time with random numbers of its own, until it names a failure or the budget is spent.
///
/// - Parameter rounds: how many, where no time is set.
/// - Returns: the failure and how to see it again; nil when there was none.
public func fuzz(rounds: Int, _ round: (inout FuzzRandom) throws -> String?) rethrows -> String? {
    var budget = Rounds(rounds)
    while let seed = budget.next() {
        LastWords.set("with BURSAR_FUZZ_SEED=\(seed)")
        var random = FuzzRandom(seed: seed)
        if let failure = try round(&random) { return "with BURSAR_FUZZ_SEED=\(seed): \(failure)" }
    }
    return nil
}

/// The same for rounds that wait for others.
public func fuzz(rounds: Int, _ round: (inout FuzzRandom) async throws -> String?) async rethrows -> String? {
    var budget = Rounds(rounds)
    while let seed = budget.next() {
        LastWords.set("with BURSAR_FUZZ_SEED=\(seed)")
        var random = FuzzRandom(seed: seed)
        if let failure = try await round(&random) { return "with BURSAR_FUZZ_SEED=\(seed): \(failure)" }
    }
    return nil
}

/// Gives each round its seed, for as long as the budget lasts.
private struct Rounds {
    private let rounds: Int
    private let end: ContinuousClock.Instant?
    private var done = 0

    init(_ rounds: Int) {
        self.rounds = rounds
        end = FuzzBudget.seconds.map { .now + .seconds(Int64(clamping: $0)) }
    }

    mutating func next() -> UInt64? {
        guard end.map({ .now < $0 }) ?? (done < rounds) else {
            if end != nil { print("fuzz: \(done) rounds from seed \(FuzzBudget.seed)") }
            return nil
        }
        done += 1
        return FuzzBudget.seed &+ UInt64(done - 1)
    }
}

/// A shorter input that still fails: pieces are left out, large ones first, for as long as it does. Tries a few thousand at most.
public func shrunk(_ bytes: [UInt8], while fails: ([UInt8]) throws -> Bool) rethrows -> [UInt8] {
    var best = bytes
    var tries = 0
    var size = max(1, bytes.count / 2)
    while true {
        var start = 0
        while start < best.count, tries < 3000 {
            tries += 1
            var shorter = best
            shorter.removeSubrange(start..<min(start + size, shorter.count))
            if try fails(shorter) { best = shorter } else { start += size }
        }
        if size == 1 || tries >= 3000 { return best }
        size /= 2
    }
}

/// Bytes as one can paste them into a Swift test: text where it is printable ASCII, numbers otherwise.
public func shown(_ bytes: [UInt8]) -> String {
    let head = bytes.prefix(2000)
    let plain = head.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    let text = plain ? "#\"\(String(decoding: head, as: UTF8.self))\"#" : "\(Array(head))"
    return bytes.count > head.count ? text + " and \(bytes.count - head.count) bytes more" : text
}
