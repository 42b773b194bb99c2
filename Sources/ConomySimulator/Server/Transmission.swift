import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts a reply on the wire, broken off or held back as it says.
struct Transmission {
    /// The connection was cut on purpose; nobody is to hear of it.
    struct Cut: Error {}

    let channel: any Channel

    func response(_ reply: WireReply) async throws -> Response {
        if reply.wait > .zero { await Transmission.pause(reply.wait, channel) }
        switch reply.manner {
        case .cut(let reset):
            cut(reset: reset)
            throw Cut()
        case .outage:
            cut(reset: true)
            throw Cut()
        case .whole:
            return Response(status: .init(code: reply.status), headers: headers(reply), body: body(reply.body))
        case .truncated(let count):
            let bytes = reply.body ?? []
            return Response(
                status: .init(code: reply.status), headers: headers(reply),
                body: ResponseBody(contentLength: bytes.count) { writer in
                    try await writer.write(ByteBuffer(bytes: bytes.prefix(count)))
                    // In the order of the event loop, what was written leaves before this.
                    cut(reset: false)
                    throw Cut()
                })
        case .slow(let rate):
            let bytes = reply.body ?? []
            return Response(
                status: .init(code: reply.status), headers: headers(reply),
                body: ResponseBody(contentLength: bytes.count) { writer in
                    // Ten portions a second, or single bytes.
                    let portion = max(1, rate / 10)
                    var rest = bytes[...]
                    while !rest.isEmpty {
                        try await writer.write(ByteBuffer(bytes: rest.prefix(portion)))
                        rest = rest.dropFirst(portion)
                        if !rest.isEmpty { try await Task.sleep(for: .milliseconds(1000 * portion / rate)) }
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private func body(_ bytes: [UInt8]?) -> ResponseBody {
        bytes.map { ResponseBody(byteBuffer: ByteBuffer(bytes: $0)) } ?? .init()
    }

    private func headers(_ reply: WireReply) -> HTTPFields {
        var headers = HTTPFields()
        if reply.body != nil { headers[.contentType] = reply.contentType }
        if let after = reply.retryAfter { headers[.retryAfter] = after }
        return headers
    }

    private func cut(reset: Bool) {
        if reset, let options = channel as? any SocketOptionProvider {
            // Closing with a lingering time of zero throws away what was not sent and says RST.
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        } else {
            channel.close(promise: nil)
        }
    }

    /// Waits, but not longer than the other side does.
    static func pause(_ duration: Duration, _ channel: any Channel) async {
        let (waiting, end) = AsyncStream<Void>.makeStream()
        channel.closeFuture.whenComplete { _ in end.finish() }
        let alarm = Task {
            try? await Task.sleep(for: duration)
            end.finish()
        }
        for await _ in waiting {}
        alarm.cancel()
    }
}
