public import ConomyAPI
public import NIOCore
import NIOHTTP1
import NIOPosix

/// Takes webhooks over HTTP: checks their signature over the received bytes, has them stored, and only then says that it has them.
///
/// Whoever attacks it costs little: heads, bodies, times and connections are bounded, and a connection that is slow is closed.
public final class EventReceiver: Sendable {
    /// What a receiver bears.
    public struct Limits: Sendable {
        /// Of a body, in bytes.
        public var body = 256 * 1024
        /// Of a head, in bytes.
        public var head = 16 * 1024
        /// Until a request has come whole, and until a connection without one is closed.
        public var time = TimeAmount.seconds(10)
        /// At once. For one more, the one that has sent no whole request for longest is closed.
        public var connections = 1000
        /// Of all bodies that are on their way together, in bytes.
        public var bodies = 64 << 20

        public init() {}
    }

    /// What is to become of a message.
    public typealias Store = @Sendable (_ message: WebhookMessage, _ body: [UInt8]) async throws -> Void

    private let secrets: [String]
    private let limits: Limits
    private let store: Store
    private let refused: @Sendable (String) -> Void
    private let listener: ListeningChannel
    private let connections: ConnectionCount

    /// - Parameters:
    ///   - secrets: a message signed with any of them is taken.
    ///   - refused: told why a message was not taken. Its sender is not told.
    ///   - store: returns once the message is durable; when it throws, the sender is asked to try again.
    public init(
        secrets: [String], limits: Limits = Limits(), refused: @escaping @Sendable (String) -> Void = { _ in },
        store: @escaping Store
    ) {
        self.secrets = secrets
        self.limits = limits
        self.refused = refused
        self.store = store
        listener = ListeningChannel()
        connections = ConnectionCount(most: limits.connections)
    }

    /// Binds the port and serves until `stop`.
    /// - Parameter port: 0 takes a free one.
    /// - Returns: the port bound.
    /// - Throws: the system's error when it cannot be bound.
    public func start(host: String, port: Int) async throws -> Int {
        let (limits, connections) = (limits, connections)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.enter(channel)
                    channel.closeFuture.whenComplete { _ in connections.leave(channel) }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HeadBound(limits.head))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(RequestHandler(limits: limits, connections) { [self] in await answer($0) })
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .bind(host: host, port: port).get()
        listener.put(channel)
        return channel.localAddress?.port ?? port
    }

    /// Takes no further connections, lets requests that are being stored get their answer, and closes what is idle.
    public func stop() async { try? await listener.take()?.close() }

    /// False while a message is being checked or stored.
    public var isIdle: Bool { connections.stored == 0 }

    struct Reply: Sendable {
        let status: HTTPResponseStatus
        let text: String
    }

    private func answer(_ request: RequestHandler.Whole) async -> Reply {
        connections.begin()
        defer { connections.end() }
        switch (request.head.method, request.path) {
        case (.GET, "/health"), (.HEAD, "/health"): return Reply(status: .ok, text: "ok")
        case (.POST, _): break
        default: return Reply(status: .methodNotAllowed, text: "events are posted")
        }
        let header = request.head.headers[canonicalForm: "x-webhook-signature"].map(String.init)
        let message: WebhookMessage
        do throws(WebhookMessage.Refusal) {
            message = try WebhookMessage(request.body, header: header, secrets: secrets)
        } catch {
            switch error {
            case .unsigned:
                refused("its signature is missing or wrong")
                return Reply(status: .unauthorized, text: "unauthorized")
            case .malformed(let problem):
                refused(problem)
                return Reply(status: .badRequest, text: problem)
            }
        }
        do { try await store(message, request.body) } catch {
            refused("it cannot be stored: \(error)")
            return Reply(status: .serviceUnavailable, text: "not stored; send it again")
        }
        return Reply(status: .ok, text: "stored")
    }
}
