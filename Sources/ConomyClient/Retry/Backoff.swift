/// Waiting times between tries: from 1 s, doubling to 32 s, each multiplied by chance ("full jitter") so that callers that failed
/// together do not come back together. The same seed gives the same times.
struct Backoff: Sendable {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    /// The wait after the try with this number, counted from 1.
    mutating func wait(after attempt: Int) -> Duration {
        .nanoseconds(Int64.random(in: 0...Backoff.ceiling(after: attempt), using: &generator))
    }

    /// The longest wait after that try, in nanoseconds.
    static func ceiling(after attempt: Int) -> Int64 { 1_000_000_000 << Int64(min(max(attempt - 1, 0), 5)) }
}

/// A small generator with one word of state, good enough to spread callers.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
