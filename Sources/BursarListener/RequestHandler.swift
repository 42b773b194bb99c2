import NIOCore
import NIOHTTP1

/// Gathers a request, within its bounds, has it answered, and is done with the connection where anything is odd.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    struct Whole: Sendable {
        let head: HTTPRequestHead
        let body: [UInt8]

        var path: Substring { head.uri.prefix { $0 != "?" } }
    }

    private let limits: EventReceiver.Limits
    private let connections: ConnectionCount
    private let answer: @Sendable (Whole) async -> EventReceiver.Reply
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isAnswered = false
    private var alarm: Scheduled<Void>?

    init(
        limits: EventReceiver.Limits, _ connections: ConnectionCount,
        answer: @escaping @Sendable (Whole) async -> EventReceiver.Reply
    ) {
        self.limits = limits
        self.connections = connections
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        setAlarm(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        drop()
        context.fireChannelInactive()
    }

    /// A request has to come whole within the time, however its bytes drip.
    private func setAlarm(_ context: ChannelHandlerContext) {
        alarm?.cancel()
        let channel = context.channel
        alarm = context.eventLoop.scheduleTask(in: limits.time) { channel.close(promise: nil) }
    }

    private func drop() {
        connections.letGo(body.count)
        body = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            drop()
            isAnswered = false
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.body {
                refuseBody(context)
            } else if head.headers[canonicalForm: "expect"].contains("100-continue") {
                let proceed = HTTPResponseHead(version: head.version, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(proceed)), promise: nil)
            }
        case .body(let part):
            guard !isAnswered else { return }
            guard body.count + part.readableBytes <= limits.body else { return refuseBody(context) }
            guard connections.hold(part.readableBytes, most: limits.bodies) else { return refuseForNow(context) }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard !isAnswered, let head else { return }
            isAnswered = true
            // While it is stored, time is the disk's, not the sender's.
            alarm?.cancel()
            connections.answers(context.channel)
            let whole = Whole(head: head, body: body)
            let loop = context.eventLoop
            // It is held until its answer is there.
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: loop)
            Task { [answer] in
                let reply = await answer(whole)
                loop.execute { bound.value.handler.send(reply, keepsOpen: head.isKeepAlive, bound.value.context) }
            }
        }
    }

    private func refuseForNow(_ context: ChannelHandlerContext) {
        isAnswered = true
        drop()
        send(EventReceiver.Reply(status: .serviceUnavailable, text: "too much at once; send it again"), keepsOpen: false, context)
    }

    private func refuseBody(_ context: ChannelHandlerContext) {
        isAnswered = true
        drop()
        send(EventReceiver.Reply(status: .payloadTooLarge, text: "at most \(limits.body) bytes"), keepsOpen: false, context)
    }

    private func send(_ reply: EventReceiver.Reply, keepsOpen: Bool, _ context: ChannelHandlerContext) {
        drop()
        guard context.channel.isActive else { return }
        let text = ByteBuffer(string: reply.text + "\n")
        var headers = HTTPHeaders([("content-type", "text/plain; charset=utf-8"), ("content-length", "\(text.readableBytes)")])
        if !keepsOpen { headers.add(name: "connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers))), promise: nil)
        if head?.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(text))), promise: nil) }
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        if !keepsOpen { written.futureResult.whenComplete { _ in channel.close(promise: nil) } }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        connections.waits(channel)
        setAlarm(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
