import ExactJSON

/// The records of an input file, one after the other, whatever its format.
enum RecordReader {
    case csv(CSVReader)
    case jsonLines(JSONLinesReader)

    /// One record as it stands in the file.
    struct Record {
        let line: Int
        /// What the result file repeats.
        let raw: RawRecord
    }

    /// The columns, in the file's order; empty for JSON lines, which have none.
    var header: [String] {
        if case .csv(let reader) = self { reader.header } else { [] }
    }

    /// The SHA-256 of the file as it is read.
    var digest: String? {
        switch self {
        case .csv(let reader): reader.digest
        case .jsonLines(let reader): reader.digest
        }
    }

    mutating func rewind() throws(InputProblem) {
        switch self {
        case .csv(var reader):
            try reader.rewind()
            self = .csv(reader)
        case .jsonLines(var reader):
            reader.rewind()
            self = .jsonLines(reader)
        }
    }

    mutating func next() throws(InputProblem) -> Record? {
        switch self {
        case .csv(var reader):
            defer { self = .csv(reader) }
            // A result file of ours, fed back: what was put on for spreadsheets comes off.
            let isOurs = reader.header.contains(ResultFile.statusColumns[0])
            return try reader.next().map {
                Record(line: $0.line, raw: .fields(isOurs ? $0.fields.map(CSVWriter.unguarded) : $0.fields))
            }
        case .jsonLines(var reader):
            defer { self = .jsonLines(reader) }
            return try reader.next().map { Record(line: $0.line, raw: .object($0.object)) }
        }
    }
}

/// A record as the file had it: the fields of a CSV line, or the object of a JSON line.
enum RawRecord: Sendable {
    case fields([String])
    case object(JSONObject)
}

/// Reads JSON lines: one object a line, blank lines between them allowed.
struct JSONLinesReader {
    private let source: ByteSource
    private var line = 0
    var digest: String? { source.digest }

    init(path: String, isStopped: () -> Bool = { false }) throws(InputProblem) {
        source = try ByteSource(path: path, copied: true, isStopped: isStopped)
    }

    mutating func rewind() {
        source.rewind()
        line = 0
    }

    mutating func next() throws(InputProblem) -> (line: Int, object: JSONObject)? {
        while try source.peek() != nil {
            line += 1
            var bytes: [UInt8] = []
            if try source.take(into: &bytes, most: CSVReader.longestField, until: { $0 == 0x0A }) { _ = try source.next() }
            guard bytes.count <= CSVReader.longestField else {
                throw InputProblem(file: source.path, line: line, "is longer than \(CSVReader.longestField) bytes")
            }
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                guard case .object(let object) = try JSON(parsing: bytes) else {
                    throw InputProblem(file: source.path, line: line, "is not a JSON object")
                }
                return (line, object)
            } catch let error as JSONError {
                throw InputProblem(file: source.path, line: line, "is not JSON: \(error.message)")
            } catch let error as InputProblem {
                throw error
            } catch {
                throw InputProblem(file: source.path, line: line, "is not JSON")
            }
        }
        return nil
    }
}
