import BursarJournal
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
    /// Gets every line as people read it.
    var tail: LogTail?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let now = Timestamp.now
        // One line an event: a message with line breaks is not several events.
        let single = line(event, fields, now, format).replacingOccurrences(of: "\n", with: "\\n")
        file?.write(Output.visible(Output.redacted(single)))
        if let tail { tail.write(format == .text ? single : line(event, fields, now, .text)) }
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
