import AsyncHTTPClient
import ConomyAPI
import NIOCore
import NIOHTTP1

/// Sends a simulator's events to their receivers, one after the other, in the order in which they are due on the simulator's clock.
///
/// A clock that stands still until it is moved makes whole days of retries happen at once when it is. The receiver's time to
/// answer is real time.
struct WebhookDeliverer: Sendable {
    private let simulator: Simulator

    init(_ simulator: Simulator) { self.simulator = simulator }

    /// Delivers until the task is cancelled. One deliverer a simulator.
    func run() async {
        let bell = simulator.bell.listen()
        var client: HTTPClient?
        var alarm: Task<Void, Never>?
        // What was due before anybody listened.
        simulator.bell.ring()
        for await _ in bell {
            alarm?.cancel()
            while !Task.isCancelled, let (tenant, delivery) = simulator.takeDelivery() {
                // Most simulators never send an event; those need no client.
                let sender = client ?? WebhookDeliverer.makeClient()
                client = sender
                let (status, error) = await WebhookDeliverer.send(delivery, sender)
                simulator.record(delivery.sequence, tenant: tenant, status: status, error: error)
            }
            alarm = simulator.timeToNextEvent.map { duration in
                Task { [simulator] in
                    guard (try? await Task.sleep(for: duration)) != nil else { return }
                    simulator.bell.ring()
                }
            }
        }
        alarm?.cancel()
        try? await client?.shutdown()
    }

    private static func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// - Returns: the status of the answer, or why there was none.
    private static func send(_ delivery: WebhookDelivery, _ client: HTTPClient) async -> (status: Int?, error: String?) {
        var request = HTTPClientRequest(url: delivery.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "ConomyHQ-Simulator")
        if let signature = delivery.signature { request.headers.add(name: signature.name, value: signature.value) }
        request.body = .bytes(ByteBuffer(string: delivery.body))
        do {
            let response = try await client.execute(
                request, deadline: .now() + .nanoseconds(delivery.timeout.milliseconds * 1_000_000))
            return (Int(response.status.code), nil)
        } catch {
            return (nil, "\(error)")
        }
    }
}

extension Simulator {
    /// The delivery that is due first, with its tenant. It is not given out again until it was recorded.
    func takeDelivery() -> (tenant: Int, delivery: WebhookDelivery)? {
        withPlatformQuietly { platform in
            platform.look()
            let now = platform.clock.now
            let tenants = platform.banks.indices.filter { platform.banks[$0].webhooks.nextTime.map { $0 <= now } ?? false }
            for tenant in tenants {
                if let delivery = platform.withBank(tenant, { $0.webhooks.take(at: now) }) { return (tenant, delivery) }
            }
            return nil
        }
    }

    func record(_ sequence: Int, tenant: Int, status: Int?, error: String?) {
        withPlatformQuietly { platform in
            platform.withBank(tenant) { $0.webhooks.record(sequence, status: status, error: error) }
        }
    }

    /// How long until something is due, on a clock that runs; nil where it stands still or nothing is planned.
    var timeToNextEvent: Duration? {
        withPlatformQuietly { platform in
            guard case .real = platform.clock, platform.hasReceiver else { return nil }
            let times = platform.banks.flatMap { [$0.due.nextTime, $0.webhooks.nextTime] }.compactMap(\.self)
            return times.min().map { .milliseconds(max(0, $0.millisecondsSince1970 - platform.clock.now.millisecondsSince1970)) }
        }
    }
}
