import ConomyAPI
import ExactJSON
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore

/// A simulator behind HTTP. Paths work with and without the prefix `/sandbox`; `/_sim/` controls the simulator itself.
///
/// While it serves, it delivers the simulator's events.
public actor SimulatorServer {
    /// The server is started once.
    public struct StartedTwice: Error, CustomStringConvertible {
        public var description: String { "this server was started before" }
    }

    private let simulator: Simulator
    private let host: String
    /// As it was asked for, and once it is bound, which it is.
    private var port: Int
    private let logger: Logger
    private var service: Task<Void, Never>?
    private var connections: Connections?
    private var nap: Task<Void, Never>?
    private var isStopped = false

    /// - Parameters:
    ///   - port: 0 takes a free one; `start` says which.
    ///   - logger: hears of connections that break; the default says nothing.
    public init(simulator: Simulator, host: String = "127.0.0.1", port: Int = 0, logger: Logger? = nil) {
        self.simulator = simulator
        self.host = host
        self.port = port
        self.logger = logger ?? Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Binds the port and serves until `stop`, or until the process ends.
    /// - Returns: the port bound.
    /// - Throws: `StartedTwice`, or the system's error when the port cannot be bound.
    public func start() async throws -> Int {
        guard service == nil else { throw StartedTwice() }
        let (ports, announce) = AsyncThrowingStream<Int, any Error>.makeStream()
        service = Task { [simulator] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await WebhookDeliverer(simulator).run() }
                do {
                    // Once, and again after each outage that a fault orders.
                    while let outage = try await serve(announce) { await rest(outage) }
                    announce.finish()
                } catch {
                    announce.finish(throwing: error)
                }
                group.cancelAll()
            }
        }
        for try await port in ports { return port }
        throw CancellationError()
    }

    /// Serves until `stop`, or until a fault orders an outage.
    /// - Parameter announce: told the port each time it is bound.
    /// - Returns: how long the outage lasts; every connection is closed then, and the port. Nil once the server was stopped.
    private func serve(_ announce: AsyncThrowingStream<Int, any Error>.Continuation) async throws -> Duration? {
        guard !isStopped else { return nil }
        let (outages, outage) = AsyncStream<Duration>.makeStream()
        let connections = Connections()
        self.connections = connections
        let application = Application(
            responder: DoorResponder(door: Door(simulator), outage: outage),
            server: .http1(configuration: .init(additionalChannelHandlers: [ConnectionWatch(connections)])),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                connections.listen(channel)
                let port = channel.localAddress?.port ?? 0
                await self.bound(port)
                announce.yield(port)
            }, eventLoopGroupProvider: .shared(Connections.group), logger: logger)
        return try await withThrowingTaskGroup(of: Duration?.self) { group in
            group.addTask {
                for await duration in outages {
                    await connections.close()
                    return duration
                }
                return nil
            }
            do { try await application.run() } catch {
                // With its port closed by us it ends as one that was not to end.
                guard connections.isClosed else { throw error }
            }
            outage.finish()
            return try await group.next() ?? nil
        }
    }

    private func bound(_ port: Int) { self.port = port }

    /// Waits out an outage, or until the server is stopped.
    private func rest(_ duration: Duration) async {
        let nap = Task { _ = try? await Task.sleep(for: duration) }
        self.nap = nap
        if isStopped { nap.cancel() }
        await nap.value
    }

    /// Closes the port and every connection. The simulator lives on.
    public func stop() async {
        isStopped = true
        nap?.cancel()
        await connections?.close()
        await service?.value
    }
}

/// Carries requests to the door, and answers back.
private struct DoorResponder: HTTPResponder {
    let door: Door
    let outage: AsyncStream<Duration>.Continuation

    struct Context: InitializableFromSource, Sendable {
        let channel: any Channel
        let isLocal: Bool

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
            let address = source.channel.remoteAddress?.ipAddress ?? ""
            isLocal = address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
        }
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let headers = request.headers
        let body = try await collect(request)
        var reply = await door.answer(
            WireRequest(
                method: request.method.rawValue, target: request.head.path ?? "/", apiKey: headers[.apiKey],
                authorization: headers[.authorization], userAgent: headers[.userAgent], version: headers[.apiVersion], body: body,
                isLocal: context.isLocal)
        ) { await Transmission.pause($0, context.channel) }
        if case .outage(let duration) = reply.manner { outage.yield(duration) }
        // An answer to HEAD has no body, or the next answer on the connection would be read as one.
        if request.method == .head { reply.body = nil }
        return try await Transmission(channel: context.channel).response(reply)
    }

    /// Nil when there is more than the limit.
    private func collect(_ request: Request) async throws -> [UInt8]? {
        guard request.method != .get else { return [] }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
            if length > Door.bodyLimit { return nil }
            if length == 0 { return [] }
        }
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= Door.bodyLimit else { return nil }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }
}

extension HTTPField.Name {
    // Both are tokens of RFC 9110, known to be valid.
    fileprivate static let apiKey = HTTPField.Name("x-api-key")!
    fileprivate static let apiVersion = HTTPField.Name("conomyhq-api-version")!
}
