/// A user's crontab, of which a marked block belongs to the schedules of one file. All other lines stay byte for byte as they are.
public struct Crontab: Sendable, Equatable {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }

    private static func begin(_ file: String) -> String { "# BEGIN bursar \(file)" }
    private static func end(_ file: String) -> String { "# END bursar \(file)" }

    /// With the line in the block of a file; a new block comes at the end.
    /// - Throws: `ScheduleError` when the block's marks do not fit together.
    public func holding(_ line: String, for file: String) throws(ScheduleError) -> Crontab {
        let block = [
            Crontab.begin(file), "# Written by bursar schedule install; changes between these marks are lost.", line,
            Crontab.end(file),
        ].map { Array($0.utf8) }
        var lines = lines
        if let range = try self.block(of: file) {
            lines.replaceSubrange(range, with: block)
        } else {
            // What follows the last line break is a line, too, mostly an empty one.
            if lines.last?.isEmpty == true { lines.removeLast() }
            lines += block + [[]]
        }
        return Crontab(lines)
    }

    /// - Throws: `ScheduleError` when the block's marks do not fit together.
    public func without(_ file: String) throws(ScheduleError) -> Crontab {
        guard let range = try block(of: file) else { return self }
        var lines = lines
        lines.removeSubrange(range)
        return Crontab(lines)
    }

    /// Whether there is a block of a file.
    /// - Throws: `ScheduleError` when the block's marks do not fit together.
    public func holds(_ file: String) throws(ScheduleError) -> Bool { try block(of: file) != nil }

    private var lines: [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }

    private init(_ lines: [[UInt8]]) { bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")])) }

    private func block(of file: String) throws(ScheduleError) -> Range<Int>? {
        func places(_ mark: String) -> [Int] { lines.indices.filter { lines[$0] == Array(mark.utf8) } }
        let lines = self.lines
        let begins = places(Crontab.begin(file))
        let ends = places(Crontab.end(file))
        if begins.isEmpty, ends.isEmpty { return nil }
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw ScheduleError(
                .crontab, "the crontab's block for \(file) is damaged: it has \(begins.count) first and \(ends.count) last marks",
                hint: "take its lines out with crontab -e, and install again")
        }
        return begins[0]..<ends[0] + 1
    }
}
