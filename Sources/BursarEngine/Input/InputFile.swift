import ConomyAPI
import ExactJSON

/// A CSV or JSON lines file with the types a script declares for its columns: checked whole first, then read row by row.
struct InputFile {
    enum Format: String, Sendable { case csv, jsonl }

    /// One row, ready for the script or with what is wrong with it.
    struct Row {
        /// Counted from 0 over all records, good and bad.
        let index: Int
        let line: Int
        let key: String
        let raw: RawRecord
        let value: Result<JSONObject, RowProblems>
    }

    struct RowProblems: Error {
        let problems: [InputProblem]
    }

    /// What the check found.
    struct Check: Sendable {
        var rows = 0
        var goodRows = 0
        var problemCount = 0
        /// The first problems, at most `InvalidInput.most`.
        var problems: [InputProblem] = []
    }

    let path: String
    private var reader: RecordReader
    private let types: [(column: String, type: ColumnType)]
    private let keyColumn: String?
    private var index = 0
    /// Rows whose key an earlier row has, with that row's line.
    private var repeated: [Int: Int] = [:]
    private static let mostRepeated = 100_000
    /// In bytes. `loops.lua` holds the keys that scripts make to the same.
    private static let longestKey = 1000
    /// About how much memory an open file takes, in bytes.
    static let memory = ByteSource.bufferSize

    /// The columns of a CSV file, in its order; empty for JSON lines.
    var header: [String] { reader.header }
    /// The SHA-256 of the file as it is read.
    var digest: String { reader.digest ?? "" }
    /// Money columns and where their currency stands, for the script's side: `{"amount": "currency"}`, `{"fee": {"code": "USD"}}`.
    var moneyColumns: JSONObject {
        var columns = JSONObject()
        for (column, type) in types {
            switch type.kind {
            case .money(let other): columns[column] = .string(other)
            case .moneyOf(let currency): columns[column] = ["code": .string(currency.code)]
            default: break
            }
        }
        return columns
    }

    /// Opens the file and checks the declaration against its header.
    /// - Parameter declaration: column to type, and `key` to the column whose field names the row.
    /// - Parameter isStopped: looked at while the file is copied; true gives up.
    /// - Throws: `InvalidInput` with everything wrong about the file as a whole.
    init(path: String, format: Format, declaration: JSONObject, isStopped: () -> Bool = { false }) throws(InvalidInput) {
        self.path = path
        func invalid(_ problems: [InputProblem]) -> InvalidInput {
            InvalidInput(file: path, problems: problems, count: problems.count, goodRows: 0)
        }
        do throws(InputProblem) {
            reader =
                switch format {
                case .csv: .csv(try CSVReader(path: path, isStopped: isStopped))
                case .jsonl: .jsonLines(try JSONLinesReader(path: path, isStopped: isStopped))
                }
        } catch { throw invalid([error]) }

        let header = reader.header
        var problems: [InputProblem] = []
        func checkColumn(_ column: String) {
            guard format == .csv, !header.contains(column) else { return }
            let suggestion = closest(to: column, among: header).map { "; did you mean \"\($0)\"?" } ?? ""
            problems.append(
                InputProblem(
                    file: path, column: "column \"\(column)\"",
                    "is missing; the header has \(header.joined(separator: ", "))\(suggestion)"))
        }
        var types: [(column: String, type: ColumnType)] = []
        keyColumn = declaration["key"]?.string
        if let keyColumn { checkColumn(keyColumn) }
        for (column, declared) in declaration.members where column != "key" {
            guard let text = declared.string else {
                problems.append(
                    InputProblem(file: path, column: column, "is declared as \(declared.kind) where a type's name belongs"))
                continue
            }
            checkColumn(column)
            let columns = format == .csv ? header : nil
            do throws(InputProblem) {
                types.append((column, try ColumnType(text, column: column, file: path, columns: columns)))
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw invalid(problems) }
        self.types = types
    }

    /// Reads the whole file once, and stands at its first row again. Memory stays flat however long it is.
    /// - Parameter isStopped: looked at as it goes; true gives up.
    /// - Throws: `InputProblem` when the file cannot be read to its end.
    mutating func check(isStopped: () -> Bool = { false }) throws(InputProblem) -> Check {
        var check = Check()
        var finder = DuplicateFinder()
        while let row = try next() {
            check.rows += 1
            if check.rows % 64 == 0, isStopped() { throw InputProblem.stopped(path) }
            switch row.value {
            case .success: check.goodRows += 1
            case .failure(let problems): note(problems.problems, in: &check)
            }
            if keyColumn != nil, !row.key.isEmpty { try finder.add(row.key, row: row.index) }
        }
        let candidates = try finder.candidates()
        try rewind()
        if !candidates.isEmpty {
            try findRepeated(Set(candidates.joined()), &check, isStopped)
            try rewind()
        }
        return check
    }

    private func note(_ problems: [InputProblem], in check: inout Check) {
        check.problemCount += problems.count
        check.problems += problems.prefix(max(0, InvalidInput.most - check.problems.count))
    }

    /// Second look at the rows whose hashes are equal: which of them really have a key that stood before.
    private mutating func findRepeated(_ candidates: Set<Int>, _ check: inout Check, _ isStopped: () -> Bool) throws(InputProblem)
    {
        var firstLine: [String: Int] = [:]
        var repeated: [Int: Int] = [:]
        while let row = try next() {
            if row.index % 64 == 0, isStopped() { throw InputProblem.stopped(path) }
            guard candidates.contains(row.index) else { continue }
            guard let earlier = firstLine[row.key] else {
                firstLine[row.key] = row.line
                continue
            }
            repeated[row.index] = earlier
            if case .success = row.value { check.goodRows -= 1 }
            note([repetition(of: row, earlier)], in: &check)
            guard repeated.count <= InputFile.mostRepeated else {
                throw InputProblem(
                    file: path, column: keyColumn,
                    "stands twice in more than \(InputFile.mostRepeated) rows: is it the right key?")
            }
        }
        check.problems.sort { ($0.line ?? 0) < ($1.line ?? 0) }
        self.repeated = repeated
    }

    private func repetition(of row: Row, _ earlier: Int) -> InputProblem {
        InputProblem(
            file: path, line: row.line, column: keyColumn,
            "\"\(row.key.prefix(64))\" stands already in line \(earlier): a key names one row")
    }

    private mutating func rewind() throws(InputProblem) {
        try reader.rewind()
        index = 0
    }

    /// The next row; nil at the end.
    /// - Throws: `InputProblem` when the file cannot be read on.
    mutating func next() throws(InputProblem) -> Row? {
        let record: RecordReader.Record
        do throws(InputProblem) {
            guard let found = try reader.next() else { return nil }
            record = found
        } catch {
            // A problem without a line is the file's; one with a line is its row's, and reading goes on behind it.
            guard let line = error.line, !error.endsFile else { throw error }
            defer { index += 1 }
            return Row(index: index, line: line, key: "", raw: .fields([]), value: .failure(RowProblems(problems: [error])))
        }
        defer { index += 1 }
        let key = keyColumn.flatMap { text(of: $0, in: record.raw) } ?? ""
        var row = Row(
            index: index, line: record.line, key: keyColumn == nil ? String(index + 1) : key, raw: record.raw,
            value: read(record, key: key))
        if let earlier = repeated[index], case .success = row.value {
            row = Row(
                index: index, line: row.line, key: row.key, raw: row.raw,
                value: .failure(RowProblems(problems: [repetition(of: row, earlier)])))
        }
        return row
    }

    private func text(of column: String, in raw: RawRecord) -> String? {
        switch raw {
        case .fields(let fields):
            guard let position = reader.header.firstIndex(of: column), fields.indices.contains(position) else { return nil }
            return fields[position]
        case .object(let object):
            switch object[column] {
            case .string(let text)?: return text
            case .integer(let number)?: return String(number)
            case .bool(let flag)?: return flag ? "true" : "false"
            case .decimal(let text)?: return text
            default: return nil
            }
        }
    }

    private func read(_ record: RecordReader.Record, key: String) -> Result<JSONObject, RowProblems> {
        var problems: [InputProblem] = []
        var values: JSONObject
        func wrong(_ column: String?, _ problem: String) {
            problems.append(InputProblem(file: path, line: record.line, column: column, problem))
        }
        switch record.raw {
        case .fields(let fields):
            guard fields.count == reader.header.count else {
                wrong(nil, "has \(fields.count) fields, and the header has \(reader.header.count)")
                return .failure(RowProblems(problems: problems))
            }
            values = JSONObject(unchecked: zip(reader.header, fields).filter { !$0.0.isEmpty }.map { ($0, .string($1)) })
        case .object(let object): values = object
        }
        if let keyColumn, key.isEmpty { wrong(keyColumn, "is empty, and it is the row's key") }
        if let keyColumn, key.utf8.count > InputFile.longestKey {
            wrong(keyColumn, "is \(key.utf8.count) bytes long, and a row's key has at most \(InputFile.longestKey)")
        }
        for (column, type) in types {
            if case .object(let object) = record.raw, case .decimal(let number)? = object[column], case .money = type.kind {
                wrong(column, "is the number \(number): write amounts as text, \"\(number)\"")
                continue
            }
            switch type.read(text(of: column, in: record.raw) ?? "", other: { text(of: $0, in: record.raw) }) {
            case .success(.null): values[column] = nil
            case .success(let value): values[column] = value
            case .failure(let problem): wrong(column, problem.text)
            }
        }
        return problems.isEmpty ? .success(values) : .failure(RowProblems(problems: problems))
    }
}
