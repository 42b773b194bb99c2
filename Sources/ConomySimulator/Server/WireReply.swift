import ConomyAPI
import ExactJSON

/// What goes back over the wire, and how.
struct WireReply: Sendable {
    enum Manner: Sendable {
        case whole
        /// The connection is closed; `reset` with an RST.
        case cut(reset: Bool)
        /// So many bytes of the body, then the connection is closed.
        case truncated(Int)
        case slow(bytesPerSecond: Int)
        /// All connections are reset, and no new ones taken for a while.
        case outage(Duration)
    }

    var status = 200
    /// Nil is an answer without a body.
    var body: [UInt8]?
    var contentType = "application/json"
    var retryAfter: String?
    /// Before the first byte.
    var wait: Duration = .zero
    var manner = Manner.whole

    init(_ answer: Answer) {
        status = answer.status
        body = answer.body?.bytes()
    }

    init(_ manner: Manner, wait: Duration = .zero) {
        self.manner = manner
        self.wait = wait
    }

    /// The reply that a fault makes.
    /// - Parameters:
    ///   - act: lets the bank do what was asked.
    ///   - leave: writes down that the bank was not asked, and what was answered in its stead.
    ///   - traceID: makes one for such an answer.
    ///   - pause: lets time pass, but not longer than the caller waits.
    static func faulty(
        _ fault: Fault, act: () -> Answer, leave: (Int?) -> Void, traceID: () -> String, pause: (Duration) async -> Void,
        expireTokens: () -> Void
    ) async -> WireReply {
        /// What the bank said, where the fault lets it act first.
        func actFirst() -> Answer? {
            if fault.isAfter { return act() }
            leave(nil)
            return nil
        }
        switch fault.kind {
        case .close, .reset:
            _ = actFirst()
            return WireReply(.cut(reset: fault.kind == .reset))
        case .stall:
            _ = actFirst()
            return WireReply(.cut(reset: false), wait: fault.duration)
        case .delay:
            guard !fault.isAfter else {
                var reply = WireReply(act())
                reply.wait = fault.duration
                return reply
            }
            await pause(fault.duration)
            return WireReply(act())
        case .status:
            if fault.isAfter { _ = act() }
            let answer = fault.refusal(traceID: traceID())
            if !fault.isAfter { leave(answer.status) }
            var reply = WireReply(answer)
            reply.retryAfter = fault.retryAfter
            if let body = fault.body { reply.body = Array(body.utf8) }
            if let type = fault.contentType { reply.contentType = type }
            return reply
        case .rubbish:
            let answer = actFirst() ?? Answer(status: 200, body: nil)
            var reply = WireReply(answer)
            reply.status = fault.status ?? answer.status
            if let patch = fault.patch {
                reply.body = merged(answer.body, patch)?.bytes()
            } else {
                reply.body = Array((fault.body ?? "<html><body><h1>Something went wrong</h1></body></html>\n").utf8)
                reply.contentType = fault.contentType ?? (fault.body == nil ? "text/html" : "application/json")
            }
            return reply
        case .truncate:
            var reply = WireReply(act())
            let length = reply.body?.count ?? 0
            reply.manner = .truncated(min(fault.bytes ?? length / 2, length))
            return reply
        case .slow:
            var reply = WireReply(act())
            reply.manner = .slow(bytesPerSecond: fault.bytes ?? 100)
            return reply
        case .expireToken:
            expireTokens()
            return WireReply(act())
        case .refuse:
            leave(nil)
            return WireReply(.outage(fault.duration))
        // Those of events are never met here.
        case .duplicate, .postpone: return WireReply(act())
        }
    }
}
