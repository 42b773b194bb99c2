public import ExactJSON

/// The API said no. Reads the three documented shapes of an error body, and copes with none.
public struct APIError: Error, Sendable, CustomStringConvertible {
    public let status: Int
    /// The documented two-digit code, `21`; nil when the body has none.
    public let code: String?
    /// The stable tag, `failedPrecondition`.
    public let type: String?
    /// The API's own sentence. For people: its wording may change.
    public let detail: String?
    /// Ties the failure to the vendor's logs.
    public let traceID: String?

    public init(status: Int, body: JSON?) {
        self.status = status
        // The newest shape is flat {status, code, type, detail, traceId}; older ones are {statusCode, error, message} and
        // {error: {type, info}, message}.
        code = body?["code"]?.string
        type = body?["type"]?.string ?? body?["error"]?.string ?? body?["error"]?["type"]?.string
        detail = body?["detail"]?.string ?? body?["message"]?.string
        traceID = body?["traceId"]?.string
    }

    /// The documented families, and the status where a code is new or absent.
    public enum Family: String, Sendable {
        case server, invalid, precondition, notFound = "not_found", tooManyRequests = "too_many_requests", unauthorized
        case forbidden, unimplemented, conflict, other
    }

    public var family: Family {
        switch code {
        case "13": return .conflict
        case "32": return .tooManyRequests
        case "31": return .notFound
        case "42": return .unimplemented
        case "43": return .forbidden
        case let code? where code.hasPrefix("0"): return .server
        case let code? where code.hasPrefix("1"): return .invalid
        case let code? where code.hasPrefix("2"): return .precondition
        case let code? where code.hasPrefix("4"): return .unauthorized
        default: break
        }
        switch status {
        case 400: return .invalid
        case 401: return .unauthorized
        case 403: return .forbidden
        case 404: return .notFound
        case 409: return .conflict
        case 422: return .precondition
        case 429: return .tooManyRequests
        case 501: return .unimplemented
        case 500...: return .server
        default: return .other
        }
    }

    public var description: String {
        var text = "the API answered \(status)"
        if let type { text += " \(type)" }
        if let code { text += " (code \(code))" }
        if let detail, !detail.isEmpty { text += ": \(detail)" }
        if let traceID { text += " [trace \(traceID)]" }
        return text
    }
}

/// The documented pairs of code, type and status, for whoever has to produce an error.
public enum APIErrorCode: String, Sendable, CaseIterable {
    case serverError = "01", unknown = "02", invalidParam = "11", missingParam = "12", alreadyExist = "13", parsingResource = "14"
    case failedPrecondition = "21", notFound = "31", tooManyRequests = "32", unauthorized = "41", unimplemented = "42"
    case forbiddenOperation = "43"

    /// The stable tag paired with the code, `failedPrecondition`.
    public var type: String { String(describing: self) }

    public var status: Int {
        switch self {
        case .serverError, .unknown: 500
        case .invalidParam, .missingParam, .parsingResource: 400
        case .alreadyExist: 409
        case .failedPrecondition: 422
        case .notFound: 404
        case .tooManyRequests: 429
        case .unauthorized: 401
        case .unimplemented: 501
        case .forbiddenOperation: 403
        }
    }
}
