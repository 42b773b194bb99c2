import Fuzzing
import Testing

@testable import BursarEngine

/// CSV at random: tables whose records and lines are known because they were written here, and damage.
@Suite("CSV at random")
struct CSVFuzzTests {
    /// What a file holds: each record's line and fields, or the line of what is wrong with it.
    private enum Entry: Equatable {
        case record(line: Int, fields: [String])
        case problem(line: Int?)
    }

    /// Reads all of it; nil when the header is refused.
    private func read(_ bytes: [UInt8], _ folder: TemporaryFolder) throws -> (header: [String], entries: [Entry])? {
        let path = try folder.write("in.csv", bytes)
        guard var reader = try? CSVReader(path: path) else { return nil }
        let first = entries(&reader, most: bytes.count + 1)
        try reader.rewind()
        #expect(entries(&reader, most: bytes.count + 1) == first, "rewound, it reads otherwise")
        return (reader.header, first)
    }

    private func entries(_ reader: inout CSVReader, most: Int) -> [Entry] {
        var entries: [Entry] = []
        while entries.count <= most {
            do throws(InputProblem) {
                guard let record = try reader.next() else { break }
                entries.append(.record(line: record.line, fields: record.fields))
            } catch { entries.append(.problem(line: error.line)) }
        }
        return entries
    }

    @Test("records and their lines are what was written, with any line ending, delimiter and quoting")
    func wellFormed() throws {
        let folder = try TemporaryFolder()
        let failure = try fuzz(rounds: 300) { random in
            let (bytes, header, expected) = table(&random)
            guard let found = try read(bytes, folder) else { return "refused: \(shown(bytes))" }
            guard found.header == header else { return "header \(found.header): \(shown(bytes))" }
            return found.entries == expected ? nil : "\(found.entries) instead of \(expected): \(shown(bytes))"
        }
        #expect(failure == nil)
    }

    @Test("a damaged file gives records and problems in the order of its lines, and ends")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let failure = try fuzz(rounds: 400) { random in
            let bytes = random.damaged(table(&random).bytes, tokens: Self.tokens)
            func check(_ bytes: [UInt8]) throws -> String? {
                guard let entries = try read(bytes, folder)?.entries else { return nil }
                guard entries.count <= bytes.count else { return "it does not end" }
                let last = 1 + bytes.count { $0 == 0x0A || $0 == 0x0D }
                var line = 0
                for entry in entries {
                    guard case .record(let at, let fields) = entry else { continue }
                    guard at > line, at <= last else { return "line \(at) follows line \(line) of \(last)" }
                    guard !fields.contains(where: { $0.utf8.contains(0) }) else { return "a NUL byte was let through" }
                    line = at
                }
                return nil
            }
            guard let found = try check(bytes) else { return nil }
            return "\(found); smallest: \(shown(try shrunk(bytes) { try check($0) != nil }))"
        }
        #expect(failure == nil)
    }

    @Test("what the writer writes is read back as it was")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let failure = try fuzz(rounds: 300) { random in
            let columns = random.number(2...5)
            let header = (1...columns).map { "c\($0)" }
            let rows = (0..<random.number(0...6)).map { _ in
                (0..<columns).map {
                    $0 == 0 ? "k" + cell(&random) : (random.once(in: 3) ? random.one(of: Self.formulas) : "") + cell(&random)
                }
            }
            let bytes = CSVWriter.line(header) + rows.flatMap { CSVWriter.line($0) }
            let back = try read(bytes, folder)?.entries.map { entry in
                if case .record(_, let fields) = entry { fields.map(CSVWriter.unguarded) } else { ["?"] }
            }
            return back.map { $0.map { $0.map { Array($0.utf8) } } } == rows.map { $0.map { Array($0.utf8) } }
                ? nil : "\(back ?? []) instead of \(rows)"
        }
        #expect(failure == nil)
    }

    @Test("a field beyond the bound is its record's problem, quoted or not, and lines are counted on")
    func longFields() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: CSVReader.longestField)
        let header = Array("a,b\n".utf8), tail = Array("\r\n3,4\n".utf8)
        let folder = try TemporaryFolder()
        let quote = [UInt8(ascii: "\"")]
        for (field, line) in [(long, 3), (long + [0x78], 3), (quote + long + quote, 3), (quote + [0x0A] + long + quote, 4)] {
            let fits = field == long || field == quote + long + quote
            let found = try #require(try read(header + Array("1,".utf8) + field + tail, folder))
            #expect(found.entries.last == .record(line: line, fields: ["3", "4"]))
            #expect(found.entries.count == 2)
            #expect((found.entries.first == .problem(line: 2)) != fits)
        }
    }

    @Test("the delimiter is told by the header's own line, after blank ones, whatever quotes stand within its names")
    func sniffing() throws {
        let folder = try TemporaryFolder()
        #expect(try read(Array("\r\n  \na;b,c;d\n1;2;3\n".utf8), folder)?.header == ["a", "b,c", "d"])
        #expect(try read(Array("5\" pipe;b\n1,1,1;2\n".utf8), folder)?.header == ["5\" pipe", "b"])
        #expect(
            try read(Array("a\r\"b\rc\"\rd".utf8), folder)?.entries == [
                .record(line: 2, fields: ["b\rc"]), .record(line: 4, fields: ["d"]),
            ])
    }

    /// A table as bytes, and what reading it must give.
    private func table(_ random: inout FuzzRandom) -> (bytes: [UInt8], header: [String], entries: [Entry]) {
        let delimiter = random.one(of: [",", ";", "\t"]), ending = random.one(of: ["\n", "\r\n", "\r"])
        let columns = random.number(2...6)
        var text = random.once(in: 4) ? "\u{FEFF}" : ""
        var line = 1
        func end(_ isLast: Bool) {
            text += ending
            line += 1
        }
        func blank() {
            while random.once(in: 8) {
                text += random.one(of: ["", "  "])
                end(false)
            }
        }
        blank()
        let header = (1...columns).map { random.once(in: 5) ? "na\($0)m é" : "c\($0)" }
        text += header.joined(separator: delimiter)
        end(false)
        var entries: [Entry] = []
        let rows = random.number(0...8)
        for row in 0..<rows {
            blank()
            // Another number of fields than the header's is for a later reader to judge. One empty field would be a blank line.
            let fields = (0..<(random.once(in: 6) ? random.number(1...8) : columns)).map { _ in cell(&random) }
            entries.append(.record(line: line, fields: fields.count == 1 ? ["k" + fields[0]] : fields))
            text += (fields.count == 1 ? ["k" + fields[0]] : fields)
                .map { random.once(in: 3) ? quoted($0) : spelt($0, delimiter) }.joined(separator: delimiter)
            line += fields.reduce(0) { $0 + breaks($1) }
            if row < rows - 1 || random.once(in: 2) { end(true) }
        }
        return (Array(text.utf8), header, entries)
    }

    private func cell(_ random: inout FuzzRandom) -> String {
        (0..<random.number(0...4)).map { _ in
            random.one(of: [
                "a", "1.50", " ", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", "é", "😀", "=1", "'", "\u{FEFF}", "x\u{1}",
            ])
        }.joined()
    }

    private func quoted(_ field: String) -> String { "\"" + field.replacing("\"", with: "\"\"") + "\"" }

    private func spelt(_ field: String, _ delimiter: String) -> String {
        let special = [0x0A, 0x0D, UInt8(ascii: "\""), delimiter.utf8.first ?? 0]
        return field.utf8.contains { special.contains($0) } ? quoted(field) : field
    }

    /// Line endings in a text, written as a walk over its scalars.
    private func breaks(_ field: String) -> Int {
        field.replacing("\r\n", with: "\n").unicodeScalars.count { $0 == "\n" || $0 == "\r" }
    }

    private static let formulas = ["=", "+", "-", "@", "'", "''=", "\t", "\r", "＝", "'＋"]

    private static let tokens: [[UInt8]] =
        ["\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", "\u{FEFF}", "\u{0}", "\"x", "x\"", "\n\n"].map { Array($0.utf8) }
        + [[0xFF], [0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB]]
}
