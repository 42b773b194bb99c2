import ExactJSON
import Logging

/// A line of a run's log, which is kept as JSON, as people read it.
enum LogView {
    /// A line that is no log line stands as it is.
    static func text(_ line: String) -> String {
        guard let object = (try? JSON(parsing: line))?.object, let time = object["time"]?.string,
            let message = object["message"]?.string, let level = object["level"]?.string.flatMap(Logger.Level.init(rawValue:))
        else { return line }
        let fields = object.members.filter { !["time", "level", "message"].contains($0.key) }
        return LineLogHandler.text(
            time: time, level, message, fields.map { ($0.key, $0.value.string ?? $0.value.text()) }
        ).replacing("\n", with: "\\n")
    }
}
