import NIOCore
import NIOHTTP1

/// One request as it travels: everything but where to.
struct WireRequest: Sendable {
    let method: HTTPMethod
    /// Absolute.
    let url: String
    let headers: HTTPHeaders
    let body: [UInt8]?
}

/// What came of sending one request once.
enum Exchange: Sendable {
    case answered(status: Int, headers: HTTPHeaders, body: ByteBuffer)
    case failed(Failure)

    struct Failure: Sendable {
        enum Reason: String, Sendable {
            case timeout
            case connection = "connection_failed"
            case tls = "tls_failed"
            case lost = "connection_lost"
            case tooLarge = "answer_too_large"
            case cancelled
            case invalid = "not_a_request"
            case closed = "client_closed"
        }
        let reason: Reason
        /// True when the server may have seen the request: its head was handed to a connection.
        let wasSent: Bool
        /// What happened, to be read after "sent, but" or "not sent:".
        let text: String
    }
}
