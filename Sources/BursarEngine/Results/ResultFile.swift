import BursarJournal
import ExactJSON
import Foundation

/// The result of a loop as a file: the input, plus what became of each row, in the order of the input.
///
/// Rows end in any order and their columns are known only when they have. So each outcome is written to `FILE.partial` as soon as it is
/// known, and the file is laid out when the run ends. A run that is cut off leaves the partial file behind, with every row that had ended.
final class ResultFile {
    /// The columns Bursar adds. What a row returned stands behind them.
    static let statusColumns = ["bursar_status", "bursar_reason"]

    enum Format: Sendable { case csv, jsonl }

    let path: String
    private let partialPath: String
    private let format: Format
    private let header: [String]
    private let redact: @Sendable (String) -> String
    private let spool: FileHandle
    private var resultColumns: [String] = []
    /// Why nothing is written any more: behind a line that was cut off no other could be read.
    private var failure: ResultFileError?

    /// - Parameters:
    ///   - header: the input's columns; what an earlier result file added is taken out and made anew.
    ///   - redact: takes secrets out of what servers and scripts say.
    /// - Throws: `ResultFileError` when the file, or the partial one of another run, exists, or cannot be made.
    init(path: String, format: Format, header: [String], redact: @escaping @Sendable (String) -> String = { $0 })
        throws(ResultFileError)
    {
        self.path = path
        self.format = format
        // Everything from the status column on is what an earlier run added.
        self.header = header.firstIndex(of: ResultFile.statusColumns[0]).map { Array(header[..<$0]) } ?? header
        self.redact = redact
        partialPath = path + ".partial"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ResultFileError(path: path, problem: "exists already: name another file, or move it away")
        }
        let descriptor = open(partialPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let isOthers = errno == EEXIST
            throw ResultFileError(
                path: partialPath,
                problem: isOthers
                    ? "exists: another run is writing it, or one that was cut off left it; look at it, then move it away"
                    : "cannot be made: \(String(cString: strerror(errno)))")
        }
        spool = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether a result file could be made there. Asked before a run begins, for afterwards is too late.
    /// - Throws: `RunFailure` when the file exists or its folder does not.
    static func checkPlace(_ path: String) throws(RunFailure) {
        let folder = folder(ofFile: path)
        var isFolder: ObjCBool = false
        guard (FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue)
        else {
            throw RunFailure(.invalid, "the result file \(path) cannot be made: there is no folder \(folder)")
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw RunFailure(.invalid, "the result file \(path) exists already", hint: "name another file, or move it away")
        }
    }

    /// Writes down what became of a row. Rows may come in any order, each index once.
    /// - Throws: `ResultFileError` when it cannot be written.
    func add(index: Int, raw: RawRecord, outcome: RowOutcome) throws(ResultFileError) {
        if let failure { throw failure }
        let result = outcome.result?.object ?? outcome.result.map { ["result": $0] } ?? [:]
        for column in result.keys where !resultColumns.contains(column) { resultColumns.append(column) }
        let record: JSON =
            switch raw {
            case .fields(let fields): .array(fields.map(JSON.string))
            case .object(let object): .object(object)
            }
        let line: JSON = [
            .integer(index), record, .string(outcome.status.rawValue), .string(redact(outcome.reason ?? "")), .object(result),
        ]
        do { try spool.write(contentsOf: line.bytes() + [0x0A]) } catch {
            let failure = ResultFileError(path: partialPath, problem: "cannot be written: \(error.systemReason)")
            self.failure = failure
            throw failure
        }
    }

    /// Lays the file out and removes the partial one.
    /// - Throws: `ResultFileError`; the partial file is kept.
    func finish() throws(ResultFileError) {
        do {
            try layOut()
            try FileManager.default.removeItem(atPath: partialPath)
        } catch let error as ResultFileError {
            throw error
        } catch {
            throw ResultFileError(
                path: path, problem: "cannot be written: \(error.systemReason); what became of each row is in \(partialPath)")
        }
    }

    private func layOut() throws {
        // A returned value never takes the place of an input column.
        let names = resultColumns.map { header.contains($0) || ResultFile.statusColumns.contains($0) ? "result_" + $0 : $0 }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ResultFileError(path: temporary, problem: "cannot be made; what became of each row is in \(partialPath)")
        }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var bytes: [UInt8] = []
        if format == .csv { bytes += CSVWriter.line(header + ResultFile.statusColumns + names) }
        var spool = try ResultSpool(path: partialPath)
        while let row = try spool.next() {
            switch format {
            case .csv:
                let fields = row.record.array?.map { $0.string ?? "" } ?? []
                let cells = header.indices.map { fields.indices.contains($0) ? fields[$0] : "" } + [row.status, row.reason]
                bytes += CSVWriter.line(cells + resultColumns.map { redact(CSVWriter.cell(row.result[$0])) })
            case .jsonl:
                var object = row.record.object ?? [:]
                object["bursar_status"] = .string(row.status)
                object["bursar_reason"] = .string(row.reason)
                for (key, value) in row.result.members {
                    object[object[key] == nil ? key : "result_" + key] = value.withPlainMoney
                }
                bytes += Array(redact(JSON.object(object).text()).utf8) + [0x0A]
            }
            if bytes.count > 1 << 16 {
                try output.write(contentsOf: bytes)
                bytes = []
            }
        }
        try output.write(contentsOf: bytes)
        try output.synchronize()
        try output.close()
        // A hard link fails where a file has appeared meanwhile; a rename would take its place.
        try FileManager.default.linkItem(atPath: temporary, toPath: path)
        try FileManager.default.removeItem(atPath: temporary)
    }
}

/// The result file cannot be made or written.
public struct ResultFileError: Error, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String
    public var description: String { "the result file \(path) \(problem)" }
}
