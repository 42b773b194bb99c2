import Crypto
import Foundation

/// `journal.head`: where the chains of the journal ended when it was last written. A journal that ends before its anchor was rolled
/// back, or lost its write-ahead log.
///
/// The file has two places that are written in turn, each with its own checksum: one of them is always whole. It is written after
/// each commit and not forced to the disk, so it may lag behind the journal and never runs ahead of it.
struct Anchor {
    private static let placeSize = 512
    private let descriptor: Int32
    private let path: String
    private var generation: UInt64 = 0

    /// The ends that the anchor knows; nil where the file is new.
    let known: [ChainedTable: ChainHead]?

    /// - Throws: `JournalError`: damaged when the file has content, and neither place can be read.
    init(path: String) throws(JournalError) {
        self.path = path
        descriptor = try JournalFolder.open(path)
        var newest: (generation: UInt64, heads: [ChainedTable: ChainHead])?
        var isEmpty = true
        for place in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: Anchor.placeSize)
            let count = pread(descriptor, &bytes, bytes.count, off_t(place * Anchor.placeSize))
            guard count > 0 else { continue }
            isEmpty = false
            guard let found = Anchor.read(String(decoding: bytes.prefix(count), as: UTF8.self)),
                found.generation > newest?.generation ?? 0
            else { continue }
            newest = found
        }
        guard isEmpty || newest != nil else { throw .damaged("\(path), which says where it ends, cannot be read") }
        generation = newest?.generation ?? 0
        known = newest?.heads
    }

    func close() { _ = Foundation.close(descriptor) }

    /// - Throws: `JournalError` of kind storage.
    mutating func write(_ heads: Heads) throws(JournalError) {
        generation += 1
        var line = "\(generation)"
        for table in ChainedTable.allCases { line += " \(heads[table].count):\(hex(heads[table].hash))" }
        let text = "\(line) \(Anchor.checksum(line))\n"
        let bytes = Array(text.utf8) + [UInt8](repeating: 0x20, count: max(0, Anchor.placeSize - text.utf8.count))
        let written = pwrite(descriptor, bytes, bytes.count, off_t(Int(generation % 2) * Anchor.placeSize))
        guard written == bytes.count else {
            throw JournalError(
                .storage, "\(path) cannot be written: \(String(cString: strerror(errno)))",
                hint: "nothing further was sent; make room, then run again")
        }
    }

    private static func read(_ text: String) -> (generation: UInt64, heads: [ChainedTable: ChainHead])? {
        let line = text.prefix { $0 != "\n" }
        let words = line.split(separator: " ")
        guard words.count == ChainedTable.allCases.count + 2, let generation = UInt64(words[0]),
            checksum(words.dropLast().joined(separator: " ")) == words[words.count - 1]
        else { return nil }
        var heads: [ChainedTable: ChainHead] = [:]
        for (table, word) in zip(ChainedTable.allCases, words.dropFirst()) {
            let parts = word.split(separator: ":")
            guard parts.count == 2, let count = Int64(parts[0]), let hash = unhex(parts[1]) else { return nil }
            heads[table] = ChainHead(count: count, hash: hash)
        }
        return (generation, heads)
    }

    private static func checksum(_ line: String) -> String { hex(Array(SHA256.hash(data: Array(line.utf8)).prefix(8))) }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

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
