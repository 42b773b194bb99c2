/// Random numbers that a seed repeats (SplitMix64), and random damage.
public struct FuzzRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    public mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in `times`.
    public mutating func once(in times: Int) -> Bool { number(1...times) == 1 }

    public mutating func one<Element>(of list: [Element]) -> Element { list[number(0...list.count - 1)] }

    public mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &self) }

    /// One to six changes: bytes changed, flipped by a bit, cut, doubled, moved or put in, `tokens` put in, or the end cut off.
    public mutating func damaged(_ bytes: [UInt8], tokens: [[UInt8]]) -> [UInt8] {
        var result = bytes
        for _ in 0..<number(1...6) {
            let place = number(0...result.count)
            let end = min(result.count, place + number(1...8))
            switch number(0...7) {
            case 0 where place < result.count: result[place] = byte()
            case 1 where place < result.count: result[place] ^= 1 << UInt8(number(0...7))
            case 2: result.removeSubrange(place..<end)
            case 3: result.insert(contentsOf: Array(result[place..<end]), at: place)
            case 4:
                let piece = Array(result[place..<end])
                result.removeSubrange(place..<end)
                result.insert(contentsOf: piece, at: number(0...result.count))
            case 5: result.insert(byte(), at: place)
            case 6 where once(in: 4): result.removeSubrange(place...)
            default: if !tokens.isEmpty { result.insert(contentsOf: one(of: tokens), at: place) }
            }
        }
        return result
    }
}
