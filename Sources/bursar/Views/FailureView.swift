import BursarEngine

/// Why a run, or a command, did not end well.
enum FailureView {
    static func text(_ failure: RunFailure) -> String {
        var lines = ["error: \(failure.location.map { "\($0): " } ?? "")\(failure.message)"]
        for frame in failure.traceback.prefix(12) { lines.append("    \(frame)") }
        if let hint = failure.hint { lines.append("  hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}
