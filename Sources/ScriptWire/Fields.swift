/// Writes the fields of messages.
public struct FieldWriter: Sendable {
    var bytes: [UInt8]

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt32) {
        for place in 0..<UInt32(4) { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }

    mutating func longNumber(_ value: UInt64) {
        for place in 0..<UInt64(8) { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }

    mutating func text(_ value: String) {
        let utf8 = value.utf8
        precondition(utf8.count <= Frame.longestText, "a name or location is longer than \(Frame.longestText) bytes")
        number(UInt32(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    mutating func payload(_ value: [UInt8]) {
        precondition(value.count <= Frame.largestPayload, "a payload is larger than \(Frame.largestPayload) bytes")
        number(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Reads the fields of messages. Never reads beyond the bytes it was given, whatever they say.
public struct FieldReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func byte() throws(FrameError) -> UInt8 {
        guard place < bytes.count else { throw .truncated }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() throws(FrameError) -> UInt32 {
        guard bytes.count - place >= 4 else { throw .truncated }
        defer { place += 4 }
        var value: UInt32 = 0
        for offset in 0..<4 { value |= UInt32(bytes[place + offset]) << (8 * UInt32(offset)) }
        return value
    }

    mutating func longNumber() throws(FrameError) -> UInt64 {
        let low = try number(), high = try number()
        return UInt64(high) << 32 | UInt64(low)
    }

    mutating func text() throws(FrameError) -> String {
        let raw = try run(most: Frame.longestText, what: "a name")
        guard let text = String(validating: raw, as: UTF8.self) else { throw .notText }
        return text
    }

    mutating func payload() throws(FrameError) -> [UInt8] {
        Array(try run(most: Frame.largestPayload, what: "a payload"))
    }

    private mutating func run(most: Int, what: String) throws(FrameError) -> ArraySlice<UInt8> {
        let count = Int(try number())
        guard count <= most else { throw .tooLarge(what: what, bytes: count, most: most) }
        guard bytes.count - place >= count else { throw .truncated }
        defer { place += count }
        return bytes[place..<place + count]
    }
}
