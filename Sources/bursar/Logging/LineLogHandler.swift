import ConomyAPI
import ExactJSON
import Foundation
import Logging
import Synchronization

/// Log lines as text for people or as JSON for programs; to standard error, to a file, or both.
struct LineLogHandler: LogHandler {
    enum Format: String, CaseIterable { case text, json }

    let format: Format
    let file: LogFile?
    let isQuiet: Bool
    /// Gets every line as JSON.
    var runLog: RunLog?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let now = Timestamp(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
        // One line an event: a message with line breaks is not several events.
        let single = line(event, fields, now, format).replacingOccurrences(of: "\n", with: "\\n")
        file?.write(Output.visible(Output.redacted(single)))
        if let runLog {
            let json = format == .json ? single : line(event, fields, now, .json).replacingOccurrences(of: "\n", with: "\\n")
            runLog.write(Output.visible(Output.redacted(json)))
        }
        if !isQuiet || event.level >= .error { Output.error(single) }
    }

    private func line(
        _ event: LogEvent, _ fields: [(key: String, value: Logger.MetadataValue)], _ now: Timestamp, _ format: Format
    )
        -> String
    {
        switch format {
        case .text:
            LineLogHandler.text(
                time: now.description, event.level, "\(event.message)", fields.map { ($0.key, "\($0.value)") })
        case .json:
            JSON.object(
                JSONObject(
                    [
                        ("time", .string(now.description)), ("level", .string(event.level.rawValue)),
                        ("message", .string("\(event.message)")),
                    ]
                        + fields.map { ($0.key, .string("\($0.value)")) })
            ).text()
        }
    }

    /// A log line for people.
    static func text(time: String, _ level: Logger.Level, _ message: String, _ fields: [(name: String, value: String)]) -> String
    {
        "\(time) \(label(level)) \(message)" + fields.map { " \(quoted($0.name))=\(quoted($0.value))" }.joined()
    }

    private static func label(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info, .notice: "INFO "
        case .warning: "WARN "
        case .error, .critical: "ERROR"
        }
    }

    private static func quoted(_ text: String) -> String {
        text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" || $0.isNewline }) || text.isEmpty
            ? JSON.string(text).text() : text
    }
}

/// A log file that lines are appended to. Readable by its owner only.
final class LogFile: Sendable {
    private let path: String
    private let handle: Mutex<FileHandle>

    /// - Throws: a sentence, when the file cannot be opened.
    init(path: String) throws {
        self.path = path
        handle = Mutex(try LogFile.open(path))
        LogFile.all.withLock { $0.append(self) }
    }

    private static let all = Mutex<[LogFile]>([])

    /// Has all log files of the process go on in the files that have their names now.
    static func reopenAll() { for file in all.withLock({ $0 }) { file.reopen() } }

    /// Goes on in the file that has the name now: the old one was moved away.
    private func reopen() {
        // Where it cannot be opened, the old one takes the lines as before.
        guard let new = try? LogFile.open(path) else { return }
        handle.withLock { $0 = new }
    }

    private static func open(_ path: String) throws -> FileHandle {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UsageProblem("the log file \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ line: String) { handle.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) } }
}

/// Something about the command line that parsing alone does not see.
struct UsageProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
