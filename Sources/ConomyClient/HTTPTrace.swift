import ConomyAPI
import NIOCore
import NIOHTTP1

/// Hears each try of each call after it ended.
public typealias HTTPTrace = @Sendable (HTTPTraceEvent) -> Void

/// One request and what came back, without secrets.
public struct HTTPTraceEvent: Sendable {
    public typealias Header = (name: String, value: String)

    /// The operation, `payments.refund`.
    public let operation: String
    /// Counted from 1 within a call.
    public let attempt: Int
    public let method: String
    public let url: String
    public let requestHeaders: [Header]
    /// At most `bodyLimit` bytes; nil when there was none.
    public let requestBody: String?
    /// Nil when no answer came; then `failure` says why.
    public let status: Int?
    public let responseHeaders: [Header]
    public let responseBody: String?
    public let failure: String?
    public let duration: Duration

    /// Bytes of a body that are shown.
    public static let bodyLimit = 16 << 10

    init(operation: Operation, attempt: Int, request: WireRequest, exchange: Exchange, duration: Duration, redaction: Redaction) {
        func hidden(_ headers: HTTPHeaders) -> [Header] { headers.map { ($0.name, redaction.redact($0.value)) } }
        func shown(_ bytes: some Collection<UInt8>) -> String? {
            guard !bytes.isEmpty else { return nil }
            // Redacted before it is cut: half of a secret would not be recognised.
            let text = redaction.redact(String(decoding: bytes.prefix(HTTPTraceEvent.bodyLimit * 4), as: UTF8.self))
            guard text.utf8.count > HTTPTraceEvent.bodyLimit else { return text }
            return String(decoding: text.utf8.prefix(HTTPTraceEvent.bodyLimit), as: UTF8.self) + "... (\(bytes.count) bytes)"
        }
        self.operation = operation.name
        self.attempt = attempt
        method = request.method.rawValue
        url = redaction.redact(request.url)
        requestHeaders = hidden(request.headers)
        requestBody = request.body.flatMap { shown($0) }
        self.duration = duration
        switch exchange {
        case .answered(let code, let headers, let body):
            status = code
            responseHeaders = hidden(headers)
            // The token in it may not be known as a secret yet, or stand in a form that cannot be read.
            responseBody = operation.needsToken ? shown(body.readableBytesView) : Secret.placeholder
            failure = nil
        case .failed(let reason):
            status = nil
            responseHeaders = []
            responseBody = nil
            failure = redaction.redact(reason.text)
        }
    }
}
