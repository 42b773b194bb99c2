/// Reads CSV as people export it: RFC 4180 with a byte order mark, any line ending, blank lines, quotes with delimiters and line
/// breaks inside, and comma, semicolon or tab between fields (told by the header).
///
/// Memory is bounded by the longest record.
struct CSVReader {
    struct Record {
        /// The line the record starts on, counted from 1.
        let line: Int
        var fields: [String]
    }

    /// The longest field and the most fields that are taken: beyond, the file is not a table.
    static let longestField = 1 << 20
    static let mostFields = 2000

    private let source: ByteSource
    private var line = 1
    private var delimiter = UInt8(ascii: ",")
    private(set) var header: [String] = []
    /// The SHA-256 of the file as it is read.
    var digest: String? { source.digest }

    /// Opens the file and reads its header.
    /// - Throws: `InputProblem` when the file cannot be read or has no usable header.
    init(path: String, isStopped: () -> Bool = { false }) throws(InputProblem) {
        source = try ByteSource(path: path, copied: true, isStopped: isStopped)
        try readHeader()
    }

    /// Starts again at the first record after the header.
    mutating func rewind() throws(InputProblem) {
        source.rewind()
        line = 1
        try readHeader()
    }

    private mutating func readHeader() throws(InputProblem) {
        try skipByteOrderMark()
        delimiter = try sniffDelimiter()
        guard let record = try next() else {
            throw InputProblem(file: source.path, "is empty: a header line with the columns' names is needed")
        }
        var header: [String] = []
        for name in record.fields.map(trimmed) {
            guard name.isEmpty || !header.contains(name) else {
                throw InputProblem(file: source.path, line: record.line, column: name, "stands twice in the header")
            }
            header.append(name)
        }
        self.header = header
    }

    private func skipByteOrderMark() throws(InputProblem) {
        guard let first = try source.peek() else { return }
        if first == 0xFE || first == 0xFF { throw InputProblem(file: source.path, "is UTF-16: save it as CSV UTF-8") }
        guard first == 0xEF else { return }
        for expected: UInt8 in [0xEF, 0xBB, 0xBF] {
            guard try source.next() == expected else { throw InputProblem(file: source.path, "does not start as UTF-8 text") }
        }
    }

    /// The delimiter that stands most often in the header outside quotes. Looks ahead and starts over.
    private func sniffDelimiter() throws(InputProblem) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var quoted = false, startsField = true, isBlank = true
        var seen = 0
        while let byte = try source.next(), seen < CSVReader.longestField {
            seen += 1
            // A quote means something where a field starts, and then up to its fellow.
            if byte == UInt8(ascii: "\""), quoted || startsField { quoted.toggle() }
            startsField = false
            if quoted { continue }
            if byte == 0x0A || byte == 0x0D {
                if !isBlank { break }
                startsField = true
                continue
            }
            if byte != 0x20, byte != 0x09 { isBlank = false }
            if [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].contains(byte) {
                counts[byte, default: 0] += 1
                startsField = true
            }
        }
        source.rewind()
        try skipByteOrderMark()
        return counts.max { $0.value < $1.value || ($0.value == $1.value && $0.key > $1.key) }?.key ?? UInt8(ascii: ",")
    }

    /// The next record that is not blank; nil at the end.
    ///
    /// - Throws: `InputProblem` with the record's line. After a problem inside one record the next call goes on with the next record;
    ///   an unclosed quote swallows the rest of the file, and the problem says where it opened.
    mutating func next() throws(InputProblem) -> Record? {
        while true {
            // A blank line is no record.
            while let byte = try source.peek(), byte == 0x0A || byte == 0x0D { try endLine() }
            guard try source.peek() != nil else { return nil }
            let start = line
            var fields: [String] = []
            var problem: InputProblem?
            var more = true
            while more {
                let bytes: [UInt8]
                do throws(InputProblem) { bytes = try field(startLine: start) } catch {
                    problem = problem ?? error
                    bytes = []
                }
                if fields.count >= CSVReader.mostFields {
                    problem =
                        problem ?? InputProblem(file: source.path, line: start, "has more than \(CSVReader.mostFields) fields")
                } else if bytes.contains(0) {
                    problem = problem ?? InputProblem(file: source.path, line: start, "field \(fields.count + 1) has a NUL byte")
                    fields.append("")
                } else if let text = String(validating: bytes, as: UTF8.self) {
                    fields.append(text)
                } else {
                    problem =
                        problem
                        ?? InputProblem(
                            file: source.path, line: start,
                            "field \(fields.count + 1) is not UTF-8 text: save the file as CSV UTF-8")
                    fields.append("")
                }
                if try source.peek() == delimiter { _ = try source.next() } else { more = false }
            }
            try endLine()
            if let problem { throw problem }
            // A line of spaces is as blank as an empty one.
            if fields.count == 1, trimmed(fields[0]).isEmpty { continue }
            return Record(line: start, fields: fields)
        }
    }

    /// One field, up to and without the delimiter or line ending behind it.
    private mutating func field(startLine: Int) throws(InputProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        let delimiter = delimiter
        guard try source.peek() == UInt8(ascii: "\"") else {
            _ = try source.take(into: &bytes, most: CSVReader.longestField) { $0 == delimiter || $0 == 0x0A || $0 == 0x0D }
            try bound(bytes, startLine)
            return bytes
        }
        _ = try source.next()
        while true {
            var previous: UInt8 = 0, breaks = 0
            let isClosed = try source.take(into: &bytes, most: CSVReader.longestField) { byte in
                // Any line ending is one, CRLF too.
                if byte == 0x0D || (byte == 0x0A && previous != 0x0D) { breaks += 1 }
                previous = byte
                return byte == UInt8(ascii: "\"")
            }
            line += breaks
            guard isClosed else {
                throw InputProblem(file: source.path, line: startLine, "opens a quote that is never closed", endsFile: true)
            }
            _ = try source.next()
            guard try source.peek() == UInt8(ascii: "\"") else { break }
            if bytes.count <= CSVReader.longestField { bytes.append(UInt8(ascii: "\"")) }
            _ = try source.next()
        }
        if let byte = try source.peek(), byte != delimiter, byte != 0x0A, byte != 0x0D {
            var rest: [UInt8] = []
            _ = try source.take(into: &rest, most: CSVReader.longestField) { $0 == delimiter || $0 == 0x0A || $0 == 0x0D }
            throw InputProblem(
                file: source.path, line: startLine, "has text after a closing quote; write a quote inside quotes twice")
        }
        try bound(bytes, startLine)
        return bytes
    }

    private func bound(_ bytes: [UInt8], _ line: Int) throws(InputProblem) {
        guard bytes.count <= CSVReader.longestField else {
            throw InputProblem(
                file: source.path, line: line, "has a field longer than \(CSVReader.longestField) bytes: is a quote missing?")
        }
    }

    private mutating func endLine() throws(InputProblem) {
        guard let byte = try source.next() else { return }
        line += 1
        if byte == 0x0D, try source.peek() == 0x0A { _ = try source.next() }
    }
}

/// Without spaces and tabs at both ends.
func trimmed(_ text: String) -> String {
    guard text.utf8.first == 0x20 || text.utf8.first == 0x09 || text.utf8.last == 0x20 || text.utf8.last == 0x09 else {
        return text
    }
    var view = text[...]
    while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
    while let last = view.last, last == " " || last == "\t" { view.removeLast() }
    return String(view)
}
