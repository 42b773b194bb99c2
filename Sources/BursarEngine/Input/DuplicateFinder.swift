import Foundation

/// Finds keys that stand twice among millions, in flat memory.
///
/// Each key leaves a 64-bit hash and its row's index. Full batches are sorted and written to an unnamed temporary file; at the end the sorted runs
/// are merged, and rows whose hashes are equal are candidates. Two keys may share a hash, so the caller compares the candidates' keys.
struct DuplicateFinder {
    private struct Entry: Comparable {
        let hash: UInt64
        let row: Int

        static func < (a: Entry, b: Entry) -> Bool { a.hash != b.hash ? a.hash < b.hash : a.row < b.row }
    }

    private let batch: Int
    private var entries: [Entry] = []
    private var spill: UnsafeMutablePointer<FILE>?
    private var runs: [Int] = []

    /// - Parameter batch: entries held in memory, 16 bytes each.
    init(batch: Int = 1 << 17) {
        self.batch = batch
        entries.reserveCapacity(min(batch, 4096))
    }

    /// - Throws: `InputProblem` when the temporary file cannot be written.
    mutating func add(_ key: String, row: Int) throws(InputProblem) {
        entries.append(Entry(hash: hash(key), row: row))
        if entries.count == batch { try flush() }
    }

    /// FNV-1a with a final mix: stable, and good enough to make equal hashes of different keys rare.
    private func hash(_ key: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 32
        return hash &* 0xD6E8_FEB8_6659_FD93
    }

    private mutating func flush() throws(InputProblem) {
        entries.sort()
        if spill == nil { spill = tmpfile() }
        guard let spill else { throw InputProblem(file: "temporary file", "cannot be made: \(String(cString: strerror(errno)))") }
        let written = entries.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, spill) }
        guard written == entries.count * MemoryLayout<Entry>.stride else {
            throw InputProblem(file: "temporary file", "cannot be written: \(String(cString: strerror(errno)))")
        }
        runs.append(entries.count)
        entries.removeAll(keepingCapacity: true)
    }

    /// The rows whose key's hash stands more than once, in groups. Ends the finder's use.
    mutating func candidates() throws(InputProblem) -> [[Int]] {
        guard spill != nil else {
            entries.sort()
            var iterator = entries.makeIterator()
            return try groups { () throws(InputProblem) in iterator.next() }
        }
        try flush()
        defer {
            if let spill { fclose(spill) }
            spill = nil
        }
        guard let spill else { return [] }
        fflush(spill)
        var start = 0
        var cursors: [RunCursor] = []
        for count in runs {
            cursors.append(RunCursor(descriptor: fileno(spill), offset: start, remaining: count))
            start += count * MemoryLayout<Entry>.stride
        }
        var merge = try Merge(cursors)
        return try groups { () throws(InputProblem) in try merge.next() }
    }

    private func groups(_ next: () throws(InputProblem) -> Entry?) throws(InputProblem) -> [[Int]] {
        var result: [[Int]] = []
        var group: [Int] = []
        var current: UInt64?
        while let entry = try next() {
            if entry.hash != current {
                if group.count > 1 { result.append(group) }
                group = []
                current = entry.hash
            }
            group.append(entry.row)
        }
        if group.count > 1 { result.append(group) }
        return result
    }

    /// Reads one sorted run in small pieces.
    private struct RunCursor {
        let descriptor: Int32
        var offset: Int
        var remaining: Int
        var piece: [Entry] = []
        var position = 0

        mutating func next() throws(InputProblem) -> Entry? {
            if position == piece.count {
                let count = min(remaining, 1024)
                guard count > 0 else { return nil }
                piece = [Entry](unsafeUninitializedCapacity: count) { buffer, initialized in
                    let read = pread(descriptor, buffer.baseAddress, count * MemoryLayout<Entry>.stride, off_t(offset))
                    initialized = max(0, read) / MemoryLayout<Entry>.stride
                }
                guard piece.count == count else { throw InputProblem(file: "temporary file", "cannot be read back") }
                offset += piece.count * MemoryLayout<Entry>.stride
                remaining -= piece.count
                position = 0
            }
            defer { position += 1 }
            return piece[position]
        }
    }

    /// Merges the runs. There are a few dozen even for millions of keys, so the smallest is found by a walk.
    private struct Merge {
        var cursors: [RunCursor]
        var heads: [Entry?]

        init(_ cursors: [RunCursor]) throws(InputProblem) {
            self.cursors = cursors
            heads = []
            for index in cursors.indices { heads.append(try self.cursors[index].next()) }
        }

        mutating func next() throws(InputProblem) -> Entry? {
            var smallest: Int?
            for index in heads.indices {
                guard let head = heads[index] else { continue }
                if let best = smallest, let other = heads[best], other < head { continue }
                smallest = index
            }
            guard let smallest else { return nil }
            let head = heads[smallest]
            heads[smallest] = try cursors[smallest].next()
            return head
        }
    }
}
