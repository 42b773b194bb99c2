import Crypto
import Foundation

/// The first half of a SHA-256: what the journal's chains are made of.
struct ChainHash: Sendable, Hashable {
    static let size = 16
    private let words: SIMD2<UInt64>

    /// That of nothing.
    static let zero = ChainHash(words: .zero)

    private init(words: SIMD2<UInt64>) { self.words = words }

    /// Of these bytes.
    init(of bytes: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        words = hasher.finalize().withUnsafeBytes { $0.loadUnaligned(as: SIMD2<UInt64>.self) }
    }

    init(of text: String) {
        var text = text
        self = text.withUTF8 { ChainHash(of: UnsafeRawBufferPointer($0)) }
    }

    /// One that was stored; nil when there are not as many bytes as a hash has.
    init?(stored bytes: UnsafeRawBufferPointer) {
        guard bytes.count == ChainHash.size else { return nil }
        words = bytes.loadUnaligned(as: SIMD2<UInt64>.self)
    }

    init?(_ data: Data?) {
        guard let hash = data?.withUnsafeBytes({ ChainHash(stored: $0) }) else { return nil }
        self = hash
    }

    init?(hex text: Substring) {
        guard let bytes = unhex(text), let hash = bytes.withUnsafeBytes({ ChainHash(stored: $0) }) else { return nil }
        self = hash
    }

    var data: Data { withUnsafeBytes(of: words) { Data($0) } }

    var hex: String { withUnsafeBytes(of: words) { BursarJournal.hex(Array($0)) } }
}

func hex(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
        for (index, byte) in bytes.enumerated() {
            text[index * 2] = hexDigit(byte >> 4)
            text[index * 2 + 1] = hexDigit(byte & 15)
        }
        return bytes.count * 2
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }

func unhex(_ text: Substring) -> [UInt8]? {
    guard text.utf8.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    var rest = text
    while !rest.isEmpty {
        guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    return bytes
}
