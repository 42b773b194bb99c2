import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends requests over AsyncHTTPClient. Threads and connections come into being with the first request.
///
/// Redirects are never followed: the library's default would carry `x-api-key` to another host. HTTP/1.1 only: one connection
/// carries one exchange, so a failed connection says plainly which request it concerns. Certificates are verified. Nothing is
/// decompressed, because nothing compressed was asked for.
final class Transport: Sendable {
    struct Limits: Sendable {
        var connect: Duration
        var answerBytes: Int
        var connections: Int
    }

    private enum State {
        case idle
        case running(HTTPClient, MultiThreadedEventLoopGroup)
        case closed
    }

    private let limits: Limits
    private let alarms: Alarms
    private let state = Mutex(State.idle)

    init(limits: Limits, alarms: Alarms) {
        self.limits = limits
        self.alarms = alarms
    }

    /// Sends once and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - deadline: when waiting ends.
    ///   - grace: how long the answer is still waited for after the task is cancelled; zero ends the exchange at once.
    func exchange(_ request: WireRequest, before deadline: Duration, grace: Duration) async -> Exchange {
        guard let client = running() else {
            return .failed(.init(reason: .closed, wasSent: false, text: "the client was shut down"))
        }
        let wait = Wait<Exchange>()
        let task: HTTPClient.Task<Void>
        do {
            let wire = try HTTPClient.Request(
                url: request.url, method: request.method, headers: request.headers, body: request.body.map { .bytes($0) })
            task = client.execute(
                request: wire, delegate: Receiver(wait: wait, maximumBytes: limits.answerBytes), eventLoop: .indifferent,
                deadline: nil,
                logger: nil)
        } catch {
            return .failed(.init(reason: .invalid, wasSent: false, text: "it cannot be written as an HTTP request (\(error))"))
        }
        let alarm = alarms.set(at: deadline) { task.fail(reason: Stop.timeout) }
        // The alarm of a cancellation may ring after the end; failing an ended task does nothing.
        let exchange = await withTaskCancellationHandler {
            await wait.value()
        } onCancel: {
            if grace > .zero {
                _ = alarms.set(at: alarms.clock.now + grace) { task.fail(reason: Stop.timeout) }
            } else {
                task.fail(reason: Stop.cancelled)
            }
        }
        alarms.cancel(alarm)
        return exchange
    }

    /// Ends all connections and threads. Exchanges under way fail; later ones are refused.
    func shutdown() async {
        let old = state.withLock { state in
            defer { state = .closed }
            return state
        }
        guard case .running(let client, let group) = old else { return }
        // Both only fail when they were shut down before, which `state` excludes.
        try? await client.shutdown()
        try? await group.shutdownGracefully()
    }

    private func running() -> HTTPClient? {
        state.withLock { state in
            switch state {
            case .running(let client, _): return client
            case .closed: return nil
            case .idle:
                let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
                var configuration = HTTPClient.Configuration(
                    redirectConfiguration: .disallow,
                    timeout: .init(connect: TimeAmount(limits.connect), read: nil),
                    connectionPool: .init(
                        idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: limits.connections),
                    ignoreUncleanSSLShutdown: false, decompression: .disabled)
                configuration.httpVersion = .http1Only
                // Trying again is decided in one place, and that is not here.
                configuration.connectionPool.retryConnectionEstablishment = false
                let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
                state = .running(client, group)
                return client
            }
        }
    }
}

/// Why we end an exchange ourselves.
private enum Stop: Error { case timeout, cancelled, tooLarge }

/// Collects one answer. The library calls it from one event loop only; the mutex is never contended.
private final class Receiver: HTTPClientResponseDelegate {
    private struct Received {
        var wasSent = false
        var head: HTTPResponseHead?
        var body = ByteBuffer()
    }
    private let wait: Wait<Exchange>
    private let maximumBytes: Int
    private let received = Mutex(Received())

    init(wait: Wait<Exchange>, maximumBytes: Int) {
        self.wait = wait
        self.maximumBytes = maximumBytes
    }

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) { received.withLock { $0.wasSent = true } }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        received.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = received.withLock { received in
            guard received.body.readableBytes + part.readableBytes <= maximumBytes else { return false }
            if received.body.readableBytes == 0 {
                received.body = part
            } else {
                received.body.writeImmutableBuffer(part)
            }
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(Stop.tooLarge)
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        let received = received.withLock { $0 }
        if let head = received.head {
            wait.settle(.answered(status: Int(head.status.code), headers: head.headers, body: received.body))
        } else {
            wait.settle(.failed(.init(reason: .lost, wasSent: true, text: "the exchange ended without an answer")))
        }
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        let wasSent = received.withLock { $0.wasSent || $0.head != nil }
        wait.settle(.failed(failure(of: error, wasSent: wasSent)))
    }

    private func failure(of error: any Error, wasSent: Bool) -> Exchange.Failure {
        switch error as? Stop {
        case .timeout:
            return .init(
                reason: .timeout, wasSent: wasSent, text: wasSent ? "no answer came in time" : "no connection came in time")
        case .cancelled: return .init(reason: .cancelled, wasSent: wasSent, text: "the run is being stopped")
        case .tooLarge: return .init(reason: .tooLarge, wasSent: true, text: "the answer is larger than \(maximumBytes) bytes")
        case nil: break
        }
        let known = error as? HTTPClientError
        if known == .alreadyShutdown { return .init(reason: .closed, wasSent: wasSent, text: "the client was shut down") }
        if wasSent {
            return .init(reason: .lost, wasSent: true, text: "the connection failed before the answer was complete (\(error))")
        }
        if let known, [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(known) {
            return .init(reason: .connection, wasSent: false, text: "no connection could be established in time")
        }
        // The TLS library is not ours to import; its errors carry its name.
        if String(reflecting: type(of: error)).contains("NIOSSL") {
            return .init(reason: .tls, wasSent: false, text: "no secure connection could be established (\(error))")
        }
        if let known, known != .remoteConnectionClosed {
            return .init(reason: .invalid, wasSent: false, text: "it cannot be sent (\(known.shortDescription))")
        }
        return .init(reason: .connection, wasSent: false, text: "no connection could be established (\(error))")
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
