/// Draws everything that looks random from one seed.
struct Identifiers {
    private var state: UInt64
    /// Ids start with a counter, as ObjectIds do, so that ids of the same instant sort in the order they were given out.
    private var counter: UInt32

    init(seed: UInt64) {
        state = seed
        counter = 0
        counter = 0x6000_0000 | UInt32(truncatingIfNeeded: next()) & 0x0FFF_FFFF
    }

    /// How far the seed was used up, for `resume`.
    var drawn: String { hexadecimal(state, digits: 16) + hexadecimal(UInt64(counter), digits: 8) }

    /// - Returns: false, and nothing is done, for a text that `drawn` did not write.
    mutating func resume(_ drawn: String) -> Bool {
        guard drawn.utf8.count == 24, let state = UInt64(drawn.prefix(16), radix: 16),
            let counter = UInt32(drawn.suffix(8), radix: 16)
        else {
            return false
        }
        self.state = state
        self.counter = counter
        return true
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 24 hexadecimal digits.
    mutating func id() -> String {
        counter &+= 1
        return hexadecimal(UInt64(counter), digits: 8) + hexadecimal(next(), digits: 16)
    }

    mutating func uuid() -> String {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let a = hexadecimal(high, digits: 16)
        let b = hexadecimal(low, digits: 16)
        return "\(a.prefix(8))-\(a.dropFirst(8).prefix(4))-\(a.suffix(4))-\(b.prefix(4))-\(b.dropFirst(4))"
    }

    /// Decimal digits; the first is never zero.
    mutating func digits(_ count: Int) -> String {
        var text = String(1 + next() % 9)
        while text.utf8.count < count { text += String(next() % 10) }
        return text
    }

    /// Letters and digits as they appear in tokens.
    mutating func token(_ count: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        return String(decoding: (0..<count).map { _ in alphabet[Int(next() & 63)] }, as: UTF8.self)
    }
}

private func hexadecimal(_ value: UInt64, digits: Int) -> String {
    String(unsafeUninitializedCapacity: digits) { buffer in
        for position in 0..<digits {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - position))) & 15
            buffer[position] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
        return digits
    }
}
