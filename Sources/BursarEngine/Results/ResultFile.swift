import ExactJSON
import Foundation

/// The result of a loop as a file: the input, plus what became of each row, in the order of the input.
///
/// Rows end in any order and their columns are known only when they have, so outcomes are spooled to `FILE.partial` as they
/// come in order, and laid out when the run ends. A run that is cut off leaves the partial file behind.
final class ResultFile {
    /// The columns Bursar adds. What a row returned stands behind them.
    static let statusColumns = ["bursar_status", "bursar_reason"]

    enum Format: Sendable { case csv, jsonl }

    let path: String
    private let partialPath: String
    private let format: Format
    private let header: [String]
    private let spool: FileHandle
    private var buffer: [UInt8] = []
    private var resultColumns: [String] = []
    /// Outcomes that wait for an earlier row.
    private var waiting: [Int: [UInt8]] = [:]
    private var nextIndex = 0

    /// - Parameter header: the input's columns; what an earlier result file added is taken out and made anew.
    /// - Throws: `ResultFileError` when a file of that name exists, or cannot be made.
    init(path: String, format: Format, header: [String]) throws(ResultFileError) {
        self.path = path
        self.format = format
        self.header = header
        partialPath = path + ".partial"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ResultFileError(path: path, problem: "exists already: name another file, or move it away")
        }
        let descriptor = open(partialPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ResultFileError(path: partialPath, problem: "cannot be made: \(String(cString: strerror(errno)))")
        }
        spool = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Notes what became of a row. Rows may come in any order, each index once.
    func add(index: Int, raw: RawRecord, outcome: RowOutcome) throws(ResultFileError) {
        let result = outcome.result?.object ?? outcome.result.map { ["result": $0] } ?? [:]
        for column in result.keys where !resultColumns.contains(column) { resultColumns.append(column) }
        let record: JSON =
            switch raw {
            case .fields(let fields): .array(fields.map(JSON.string))
            case .object(let object): .object(object)
            }
        waiting[index] =
            JSON.array([record, .string(outcome.status.rawValue), .string(outcome.reason ?? ""), .object(result)]).bytes() + [
                0x0A
            ]
        while let line = waiting.removeValue(forKey: nextIndex) {
            buffer += line
            nextIndex += 1
        }
        if buffer.count > 1 << 16 { try flush() }
    }

    private func flush() throws(ResultFileError) {
        do { try spool.write(contentsOf: buffer) } catch {
            throw ResultFileError(path: partialPath, problem: "cannot be written: \(error.localizedDescription)")
        }
        buffer = []
    }

    /// Lays the file out and removes the partial one.
    func finish() throws(ResultFileError) {
        // After a run that was stopped, rows behind one that never ended still count.
        for index in waiting.keys.sorted() { buffer += waiting.removeValue(forKey: index) ?? [] }
        try flush()
        do {
            try layOut()
            try FileManager.default.removeItem(atPath: partialPath)
        } catch let error as ResultFileError {
            throw error
        } catch {
            throw ResultFileError(path: path, problem: "cannot be written: \(error.localizedDescription)")
        }
    }

    private func layOut() throws {
        let added = ResultFile.statusColumns + resultColumns
        let kept = header.indices.filter { !added.contains(header[$0]) }
        var reader = try JSONLinesSpool(path: partialPath)
        let temporary = path + ".new"
        guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: temporary)
        else { throw ResultFileError(path: temporary, problem: "cannot be made") }
        var bytes: [UInt8] = []
        if format == .csv { bytes += CSVWriter.line(kept.map { header[$0] } + added) }
        while let (record, status, reason, result) = try reader.next() {
            switch format {
            case .csv:
                let fields = record.array?.map { $0.string ?? "" } ?? []
                let cells = kept.map { fields.indices.contains($0) ? fields[$0] : "" } + [status, reason]
                bytes += CSVWriter.line(cells + resultColumns.map { CSVWriter.cell(result[$0]) })
            case .jsonl:
                var object = record.object ?? [:]
                object["bursar_status"] = .string(status)
                object["bursar_reason"] = .string(reason)
                for (key, value) in result.members { object[key] = value.withPlainMoney }
                bytes += JSON.object(object).bytes() + [0x0A]
            }
            if bytes.count > 1 << 16 {
                try output.write(contentsOf: bytes)
                bytes = []
            }
        }
        try output.write(contentsOf: bytes)
        try output.synchronize()
        try output.close()
        try FileManager.default.moveItem(atPath: temporary, toPath: path)
    }
}

/// The result file cannot be made or written.
public struct ResultFileError: Error, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String
    public var description: String { "the result file \(path) \(problem)" }
}

/// Reads the spool back.
private struct JSONLinesSpool {
    private var source: ByteSource

    init(path: String) throws { source = try ByteSource(path: path) }

    mutating func next() throws -> (record: JSON, status: String, reason: String, result: JSONObject)? {
        var bytes: [UInt8] = []
        guard try source.take(into: &bytes, until: { $0 == 0x0A }) else { return nil }
        _ = try source.next()
        let parts = try JSON(parsing: bytes).array ?? []
        guard parts.count == 4 else { throw ResultFileError(path: source.path, problem: "is damaged") }
        return (parts[0], parts[1].string ?? "", parts[2].string ?? "", parts[3].object ?? [:])
    }
}
