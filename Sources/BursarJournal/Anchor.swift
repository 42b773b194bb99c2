import Crypto
import Foundation

/// `journal.head`: where the chains of the journal ended when it was last written. A journal that ends before its anchor was rolled
/// back, or lost its write-ahead log.
///
/// The file has two places that are written in turn, each with its own checksum: one of them is always whole. It is written after
/// each commit and not forced to the disk, so it may lag behind the journal and never runs ahead of it.
struct Anchor {
    private static let placeSize = 512

    enum Content: Equatable {
        case missing
        /// It has bytes, and neither place is whole.
        case unreadable
        case known(Heads, generation: UInt64)
    }

    private let descriptor: Int32
    let path: String
    private var generation: UInt64 = 0

    /// Opens the file, makes it where it is missing, and writes it. To be called only when what it says was read (`read(path:)`) and
    /// found true, or is no longer to count.
    init(path: String, heads: Heads) throws(JournalError) {
        self.path = path
        descriptor = try JournalFolder.open(path)
        let content = Anchor.read(descriptor)
        if case .known(_, let generation) = content { self.generation = generation }
        do {
            // Both places: neither says anything else from here on.
            try write(heads)
            try write(heads)
        } catch {
            close()
            throw error
        }
        guard content == .missing else { return }
        // Its places are written over and never moved again: after this no crash can leave the file without them.
        fsync(descriptor)
        JournalFolder.flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    func close() { _ = Foundation.close(descriptor) }

    /// Another process may have written it since.
    mutating func catchUp() {
        if case .known(_, let generation) = Anchor.read(descriptor) { self.generation = max(self.generation, generation) }
    }

    /// - Throws: `JournalError` of kind storage.
    mutating func write(_ heads: Heads) throws(JournalError) { try write(Anchor.text(heads)) }

    static func text(_ heads: Heads) -> String {
        ChainedTable.allCases.map { " \(heads[$0].count):\(heads[$0].hash.hex)" }.joined()
    }

    /// - Parameter heads: their text.
    mutating func write(_ heads: String) throws(JournalError) {
        generation += 1
        let line = "\(generation)\(heads)"
        let text = "\(line) \(Anchor.checksum(line))\n"
        let bytes = Array(text.utf8) + [UInt8](repeating: 0x20, count: max(0, Anchor.placeSize - text.utf8.count))
        let written = pwrite(descriptor, bytes, bytes.count, off_t(Int(generation % 2) * Anchor.placeSize))
        guard written == bytes.count else {
            throw JournalError(
                .storage, "\(path) cannot be written: \(String(cString: strerror(errno)))",
                hint: "nothing further was sent; make room, then run again")
        }
    }

    /// What a file says, without opening it for writing.
    static func read(path: String) -> Content {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .missing : .unreadable }
        defer { _ = Foundation.close(descriptor) }
        return read(descriptor)
    }

    private static func read(_ descriptor: Int32) -> Content {
        var content = Content.missing
        for place in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: placeSize)
            let count = pread(descriptor, &bytes, bytes.count, off_t(place * placeSize))
            guard count > 0 else { continue }
            if content == .missing { content = .unreadable }
            guard let found = parse(String(decoding: bytes.prefix(count), as: UTF8.self)) else { continue }
            if case .known(_, let generation) = content, generation >= found.generation { continue }
            content = .known(found.heads, generation: found.generation)
        }
        return content
    }

    private static func parse(_ text: String) -> (heads: Heads, generation: UInt64)? {
        let line = text.prefix { $0 != "\n" }
        let words = line.split(separator: " ")
        guard words.count == ChainedTable.allCases.count + 2, let generation = UInt64(words[0]),
            checksum(words.dropLast().joined(separator: " ")) == words[words.count - 1]
        else { return nil }
        var heads = Heads()
        for (table, word) in zip(ChainedTable.allCases, words.dropFirst()) {
            let parts = word.split(separator: ":")
            guard parts.count == 2, let count = Int64(parts[0]), let hash = ChainHash(hex: parts[1]) else { return nil }
            heads[table] = ChainHead(count: count, hash: hash)
        }
        return (heads, generation)
    }

    private static func checksum(_ line: String) -> String { hex(Array(SHA256.hash(data: Array(line.utf8)).prefix(8))) }
}

/// The anchor beside the journal, and a second one in the user's state folder: the first goes back with its folder when an old copy of
/// that is put in its place, the second does not. Where the second cannot be kept, there is only the first.
struct Anchors {
    private var first: Anchor
    private var second: Anchor?

    /// - Parameter secondPath: nil for none.
    init(path: String, secondPath: String?, heads: Heads) throws(JournalError) {
        first = try Anchor(path: path, heads: heads)
        guard let secondPath else { return }
        try? JournalFolder.make(URL(fileURLWithPath: secondPath).deletingLastPathComponent().path)
        second = try? Anchor(path: secondPath, heads: heads)
    }

    mutating func write(_ heads: Heads) throws(JournalError) {
        let text = Anchor.text(heads)
        try first.write(text)
        do { try second?.write(text) } catch { dropSecond() }
    }

    mutating func catchUp() {
        first.catchUp()
        second?.catchUp()
    }

    func close() {
        first.close()
        second?.close()
    }

    private mutating func dropSecond() {
        second?.close()
        second = nil
    }
}
