import ConomyAPI
import ExactJSON

/// An error as scripts see it: a table with `kind`, `message` and what else is known.
struct ScriptError: Error {
    var object: JSONObject

    /// - Parameter kind: one of DESIGN's: invalid, refused, declined, in_doubt, limit, failed.
    init(_ kind: String, code: String, _ message: String, hint: String? = nil, path: String? = nil, operation: String? = nil) {
        object = ["kind": .string(kind), "code": .string(code), "message": .string(ScriptError.bounded(message))]
        object["hint"] = hint.map(JSON.string)
        object["path"] = path.map(JSON.string)
        object["operation"] = operation.map(JSON.string)
    }

    /// A value of megabytes that is wrong is not told whole.
    private static func bounded(_ text: String) -> String {
        text.utf8.count <= 4096 ? text : String(decoding: text.utf8.prefix(4096), as: UTF8.self) + "..."
    }

    /// The same, with the script's line.
    func at(_ location: String) -> ScriptError {
        var placed = self
        if !location.isEmpty { placed.object["location"] = .string(location) }
        return placed
    }

    /// A call without an answer.
    init(_ failure: CallFailure, operation: String) {
        self.init(
            failure.kind.rawValue, code: failure.code, failure.message, hint: failure.hint, path: failure.path,
            operation: operation)
    }

    /// A call the API declined.
    init(_ error: APIError, operation: String) {
        self.init("declined", code: error.code ?? String(error.status), "\(operation): \(error)", operation: operation)
        object["status"] = .integer(error.status)
        object["type"] = error.type.map(JSON.string)
        object["detail"] = error.detail.map(JSON.string)
        object["trace_id"] = error.traceID.map(JSON.string)
    }
}
