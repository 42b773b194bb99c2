import BursarEngine
import BursarJournal
import ExactJSON

/// Why a run, or a command, did not end well.
enum FailureView {
    static func text(_ failure: RunFailure) -> String {
        var lines = ["error: \(failure.location.map { "\($0): " } ?? "")\(failure.message)"]
        for frame in failure.traceback.prefix(12) { lines.append("    \(frame)") }
        if let hint = failure.hint { lines.append("  hint: \(hint)") }
        // Each is one line, whatever a script or a server wrote into it: nobody else makes lines that look like ours.
        return lines.map { $0.replacing("\n", with: "\\n") }.joined(separator: "\n")
    }

    static func text(_ error: JournalError) -> String {
        ["error: \(error.message)", "  hint: \(error.hint)"].map { $0.replacing("\n", with: "\\n") }.joined(separator: "\n")
    }

    /// For `--json`: there is a document also where a command could not do what it was asked.
    static func document(kind: String, message: String, hint: String?) -> JSON {
        var failure: JSONObject = ["kind": .string(kind), "message": .string(message)]
        failure["hint"] = hint.map(JSON.string)
        return ["ok": false, "failure": .object(failure)]
    }
}
