import ConomyAPI
import ExactJSON
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore

/// A simulator behind HTTP. Paths work with and without the prefix `/sandbox`; `/_sim/` controls the simulator itself.
public actor SimulatorServer {
    /// The server is started once.
    public struct StartedTwice: Error, CustomStringConvertible {
        public var description: String { "this server was started before" }
    }

    private let door: Door
    private let host: String
    private let requestedPort: Int
    private let logger: Logger
    private var service: Task<Void, any Error>?

    /// - Parameters:
    ///   - port: 0 takes a free one; `start` says which.
    ///   - logger: hears of connections that break; the default says nothing.
    public init(simulator: Simulator, host: String = "127.0.0.1", port: Int = 0, logger: Logger? = nil) {
        door = Door(simulator)
        self.host = host
        requestedPort = port
        self.logger = logger ?? Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Binds the port and serves until `stop`, or until the process ends.
    /// - Returns: the port bound.
    /// - Throws: `StartedTwice`, or the system's error when the port cannot be bound.
    public func start() async throws -> Int {
        guard service == nil else { throw StartedTwice() }
        let (ports, announce) = AsyncThrowingStream<Int, any Error>.makeStream()
        let application = Application(
            responder: DoorResponder(door: door),
            configuration: ApplicationConfiguration(address: .hostname(host, port: requestedPort)),
            onServerRunning: { channel in announce.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        service = Task {
            do {
                try await application.run()
                announce.finish()
            } catch {
                announce.finish(throwing: error)
                throw error
            }
        }
        for try await port in ports { return port }
        throw CancellationError()
    }

    /// Closes the port and every connection. The simulator lives on.
    public func stop() async {
        service?.cancel()
        // How it ended does not matter to whoever ended it.
        _ = await service?.result
    }

    /// Serves until the task is cancelled.
    /// - Parameter started: told the port once it is bound.
    /// - Throws: as `start`.
    public func run(started: @Sendable (Int) -> Void = { _ in }) async throws {
        started(try await start())
        let service = service
        try await withTaskCancellationHandler {
            try await service?.value
        } onCancel: {
            service?.cancel()
        }
    }
}

/// Carries requests to the door, and answers back.
private struct DoorResponder: HTTPResponder {
    let door: Door

    struct Context: InitializableFromSource, Sendable {
        let isLocal: Bool

        init(source: ApplicationRequestContextSource) {
            let address = source.channel.remoteAddress?.ipAddress ?? ""
            isLocal = address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
        }
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let headers = request.headers
        let body = try await collect(request)
        let answer = door.answer(
            WireRequest(
                method: request.method.rawValue, target: request.head.path ?? "/", apiKey: headers[.apiKey],
                authorization: headers[.authorization], userAgent: headers[.userAgent], version: headers[.apiVersion], body: body,
                isLocal: context.isLocal))
        // An answer to HEAD has no body, or the next answer on the connection would be read as one.
        guard let json = answer.body, request.method != .head else {
            return Response(status: HTTPResponse.Status(code: answer.status))
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes())))
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
