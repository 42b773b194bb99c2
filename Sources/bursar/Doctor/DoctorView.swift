import BursarEngine
import ExactJSON

/// What the doctor found, for people and for programs.
enum DoctorView {
    private static let margin = String(repeating: " ", count: 9)

    static func text(_ result: CheckResult, width: Int) -> String {
        let parts = ["\(result.check): \(result.text)"] + (result.hint.map { ["hint: \($0)"] } ?? [])
        let lines = parts.flatMap { ReportView.wrapped(FieldLines.single($0), width - margin.count, indent: 2) }
        let state = result.state.rawValue + margin.dropFirst(result.state.rawValue.count)
        return lines.enumerated().map { ($0 == 0 ? state : margin) + $1 }.joined(separator: "\n")
    }

    static func summary(_ results: [CheckResult]) -> String {
        CheckResult.State.allCases.reversed().compactMap { state in
            let count = results.count { $0.state == state }
            return count == 0 ? nil : "\(count) \(count > 1 && state == .warning ? "warnings" : state.rawValue)"
        }.joined(separator: ", ")
    }

    static func json(_ results: [CheckResult]) -> JSON {
        [
            "ok": .bool(!results.contains { $0.state == .failed }),
            "checks": .array(
                results.map { result in
                    var object: JSONObject = [
                        "check": .string(result.check), "state": .string(result.state.rawValue), "text": .string(result.text),
                    ]
                    object["hint"] = result.hint.map(JSON.string)
                    object["kind"] = result.kind.map { .string($0.rawValue) }
                    return .object(object)
                }),
        ]
    }
}
