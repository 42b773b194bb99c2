import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server on a free loopback port that answers with exactly the bytes a test gives it.
final class CannedServer: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        let headers: HTTPHeaders
        let body: String
        /// Counted from 1, over all requests to the same path.
        let number: Int

        var path: String { String(target.prefix { $0 != "?" }) }
        var line: String { "\(method) \(target)" }
    }

    enum Reply: Sendable {
        case json(Int, String, [(String, String)] = [])
        /// What goes over the wire, and whether the connection is closed then.
        case raw(String, close: Bool)
        /// Closed in order, without an answer.
        case close
        /// Torn down (RST), without an answer or after these bytes.
        case reset(after: String = "")
        /// Nothing, ever.
        case stall
    }

    typealias Script = @Sendable (Request) async -> Reply

    fileprivate struct Log {
        var requests: [Request] = []
        var connections = 0
        /// A socket that has the port and does not listen.
        var holder: Int32?
        var waiting: [(count: Int, path: String?, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let port: Int
    private let log: LogBox
    private let channel: any Channel

    final class LogBox: Sendable {
        fileprivate let state = Mutex(Log())
    }

    private init(port: Int, log: LogBox, channel: any Channel) {
        self.port = port
        self.log = log
        self.channel = channel
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { log.state.withLock { $0.requests } }
    var connections: Int { log.state.withLock { $0.connections } }
    func requests(to path: String) -> [Request] { requests.filter { $0.path == path } }

    /// Takes no more connections from here on, and keeps its port from being somebody else's.
    func stopListening() async throws {
        try await channel.close()
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(holder, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(holder, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        log.state.withLock { $0.holder = isBound ? holder : nil }
        if !isBound { close(holder) }
    }

    /// Returns when that many requests (to `path`) have come.
    func received(_ count: Int, to path: String? = nil) async {
        await withCheckedContinuation { continuation in
            let isThere = log.state.withLock { log in
                if log.count(path) >= count { return true }
                log.waiting.append((count, path, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// A token for an hour, as the API gives it.
    static let token: Script = {
        .json(200, #"{"accessToken":"token-\#($0.number)-abcdef","tokenType":"Bearer","expiresIn":3600}"#)
    }

    /// Runs `body` with a server that answers as `script` says, and gives a token for an hour to whoever asks.
    static func run(_ script: @escaping Script, with body: (CannedServer) async throws -> Void) async throws {
        try await run(auth: token, script: script, with: body)
    }

    /// Runs `body` with a server that answers as `script` says, and to `/auth` as `auth` says.
    static func run(auth: @escaping Script, script: @escaping Script, with body: (CannedServer) async throws -> Void) async throws
    {
        let log = LogBox()
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    log.state.withLock { $0.connections += 1 }
                    try channel.pipeline.syncOperations.addHandlers(
                        [
                            ByteToMessageHandler(HTTPRequestDecoder()),
                            Connection(log: log) { request in
                                request.path.hasSuffix("/auth") ? await auth(request) : await script(request)
                            },
                        ] as [any ChannelHandler])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = CannedServer(port: channel.localAddress?.port ?? 0, log: log, channel: channel)
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            throw error
        }
        try? await channel.close()
        if let holder = log.state.withLock({ $0.holder }) { close(holder) }
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let log: LogBox
        private let script: Script
        private var head: HTTPRequestHead?
        private var body = ""

        init(log: LogBox, script: @escaping Script) {
            self.log = log
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let part): body += String(buffer: part)
            case .end:
                guard let head else { return }
                let (request, woken) = log.state.withLock { $0.record(head, body) }
                for continuation in woken { continuation.resume() }
                let channel = context.channel
                let script = script
                Task { Connection.send(await script(request), on: channel) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private static func send(_ reply: Reply, on channel: any Channel) {
            switch reply {
            case .json(let status, let body, let headers):
                let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
                channel.writeAndFlush(
                    ByteBuffer(
                        string:
                            "HTTP/1.1 \(status) X\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\(lines)\r\n\(body)"
                    ),
                    promise: nil)
            case .raw(let text, let close):
                channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in if close { channel.close(promise: nil) } }
            case .close: channel.close(promise: nil)
            case .reset(let text):
                channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in
                    guard let options = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
                    options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
                }
            case .stall: break
            }
        }
    }
}

extension CannedServer.Log {
    fileprivate func count(_ path: String?) -> Int { path.map { path in requests.count { $0.path == path } } ?? requests.count }

    fileprivate mutating func record(
        _ head: HTTPRequestHead, _ body: String
    ) -> (CannedServer.Request, [CheckedContinuation<Void, Never>]) {
        let path = String(head.uri.prefix { $0 != "?" })
        let request = CannedServer.Request(
            method: head.method.rawValue, target: head.uri, headers: head.headers, body: body, number: count(path) + 1)
        requests.append(request)
        let woken = waiting.filter { count($0.path) >= $0.count }
        waiting = waiting.filter { count($0.path) < $0.count }
        return (request, woken.map(\.continuation))
    }
}
