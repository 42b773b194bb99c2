import ConomyAPI
import ExactJSON

/// The bank says no: a documented code and a sentence about what is wrong. A handler that throws one has changed nothing.
struct Refusal: Error {
    let code: APIErrorCode
    let detail: String

    init(_ code: APIErrorCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    static func notFound(_ kind: String, _ id: String) -> Refusal { Refusal(.notFound, "there is no \(kind) \(id)") }
    static func invalid(_ detail: String) -> Refusal { Refusal(.invalidParam, detail) }
    static func missing(_ detail: String) -> Refusal { Refusal(.missingParam, detail) }
    static func state(_ detail: String) -> Refusal { Refusal(.failedPrecondition, detail) }

    /// - Parameter status: another one than the code's, for faults.
    func answer(traceID: String, status: Int? = nil) -> Answer {
        let status = status ?? code.status
        return Answer(
            status: status,
            body: [
                "status": .integer(status), "code": .string(code.rawValue), "type": .string(code.type),
                "detail": .string(detail),
                "traceId": .string(traceID),
            ])
    }
}
