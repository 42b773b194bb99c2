import Foundation

/// One strand of a script: its main line, a row of a loop, or a function given to `parallel`. Keys, ids and random numbers are
/// counted per strand, so they do not depend on which answer comes first.
struct TaskContext {
    /// `refunds/p1` for a row, empty for the main line.
    let path: String
    /// The task of the row this strand belongs to; nil outside of rows. Functions a row gives to `parallel` belong to it.
    let row: UInt32?
    /// Where in the script's course it begins.
    let course: [Int]
    /// How long it has slept, with those that it came from: what `now()` adds to a start that is given.
    private(set) var slept: Duration
    private var places = 0
    private var counts: [String: Int] = [:]
    private var random: SplitMix64

    init(path: String, seed: UInt64, row: UInt32? = nil, course: [Int] = [], slept: Duration = .zero) {
        self.path = path
        self.row = row
        self.course = course
        self.slept = slept
        var hash = seed ^ 0x9E37_79B9_7F4A_7C15
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        random = SplitMix64(state: hash)
    }

    /// Ids and random numbers from here on come from another seed.
    mutating func reseed(_ seed: UInt64) { random = TaskContext(path: path, seed: seed).random }

    mutating func sleep(_ duration: Duration) { slept += duration }

    /// It waited for others that have slept so long by now.
    mutating func waited(_ others: Duration) { slept = max(slept, others) }

    /// The next place in this strand's course.
    mutating func nextPlace() -> [Int] {
        places += 1
        return course + [places]
    }

    /// The next key of an operation here: `refunds/p1/payments.refund#1`.
    mutating func key(for operation: String) -> String {
        counts[operation, default: 0] += 1
        let name = "\(operation)#\(counts[operation] ?? 1)"
        return path.isEmpty ? name : "\(path)/\(name)"
    }

    /// The name of the next loop here: the script's own, or the first, second, ... of this strand. A loop inside a row has the row's path.
    mutating func loopName(_ given: String?) -> String {
        let base = given ?? "loop"
        counts["for_each " + base, default: 0] += 1
        let count = counts["for_each " + base] ?? 1
        let name = given == nil || count > 1 ? "\(base)#\(count)" : base
        return path.isEmpty ? name : "\(path)/\(name)"
    }

    /// The next child strand's path: `parallel#2/1`.
    mutating func children(of kind: String, count: Int) -> [String] {
        counts[kind, default: 0] += 1
        let name = "\(kind)#\(counts[kind] ?? 1)"
        return (1...max(1, count)).prefix(count).map { path.isEmpty ? "\(name)/\($0)" : "\(path)/\(name)/\($0)" }
    }

    /// A version 4 UUID of the run's own making.
    mutating func uuid() -> String {
        var bytes = withUnsafeBytes(of: (random.next(), random.next())) { Array($0) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = bytes.map { String($0 | 0, radix: 16) }.map { $0.count == 1 ? "0" + $0 : $0 }.joined()
        let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map { hex.dropFirst($0.0).prefix($0.1 - $0.0) }
        return parts.joined(separator: "-")
    }

    /// A whole number in a range of at least one.
    mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// A number in [0, 1) with 53 random bits.
    mutating func fraction() -> Double { Double(random.next() >> 11) * 0x1p-53 }
}

/// A small, seeded generator; the same seed gives the same numbers in any process.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
