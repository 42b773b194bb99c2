import ConomyAPI
import ExactJSON
import Testing

@testable import ConomySimulator

/// The deliveries of a simulator, sent by the test itself: how a receiver would answer is said, not waited for.
@Suite struct WebhookBookTests {
    private func desk() throws -> Desk {
        let desk = try Desk()
        desk.simulator.setWebhook(try WebhookEndpoint(url: "http://127.0.0.1:9/", secretKey: "s", schemes: [.current]))
        return desk
    }

    /// Sends what is due until nothing is; gives the events in the order they were sent.
    private func deliver(_ desk: Desk, _ answer: (WebhookDelivery) -> Int?) -> [String] {
        var sent: [String] = []
        while let (tenant, delivery) = desk.simulator.takeDelivery() {
            let status = answer(delivery)
            desk.simulator.record(delivery.sequence, tenant: tenant, status: status, error: status == nil ? "closed" : nil)
            sent.append(delivery.event)
        }
        return sent
    }

    @Test("what a receiver takes with a 2xx is done; all else comes again when it is due")
    func retries() throws {
        let desk = try desk()
        _ = try desk.settled()
        #expect(
            deliver(desk) { $0.event == "Transaction.Captured" ? 500 : 204 } == ["Transaction.Captured", "Transaction.Received"])
        #expect(deliver(desk) { _ in 200 } == [])
        desk.simulator.advance(by: .seconds(29))
        #expect(deliver(desk) { _ in 200 } == [])
        desk.simulator.advance(by: .seconds(1))
        #expect(deliver(desk) { _ in nil } == ["Transaction.Captured"])
        desk.simulator.advance(by: .seconds(60))
        #expect(deliver(desk) { _ in 302 } == ["Transaction.Captured"])
        desk.simulator.advance(by: .seconds(120))
        #expect(deliver(desk) { _ in 200 } == ["Transaction.Captured"])
        let first = try #require(desk.simulator.deliveries.first)
        #expect(first.state == .delivered)
        #expect(first.attempts.map(\.status) == [500, nil, 302, 200])
        #expect(
            first.attempts.map { ($0.time.millisecondsSince1970 - Desk.start.millisecondsSince1970) / 1000 } == [0, 30, 90, 210])
    }

    @Test("after a day of failures a delivery is given up, and a replay begins it anew")
    func givingUp() throws {
        let desk = try desk()
        _ = try desk.get("payments.capture", desk.id(desk.get("payments.create", body: Desk.topup())))
        // All of the day at once: each try is one of its own time.
        desk.simulator.advance(by: .seconds(3 * 86_400))
        let tries = deliver(desk) { _ in 503 }.count
        #expect(tries == 30)
        let dropped = try #require(desk.simulator.deliveries.first)
        #expect(dropped.state == .dropped)
        #expect(dropped.attempts.count == 30)
        #expect(dropped.attempts.last.map { $0.time <= Desk.start.adding(milliseconds: 86_400_000) } == true)
        #expect(desk.simulator.withBank { $0.webhooks.replay(1, at: $0.clock.now) })
        #expect(deliver(desk) { _ in 200 } == ["Transaction.Captured"])
        #expect(desk.simulator.deliveries.first?.state == .delivered)
        #expect(!desk.simulator.withBank { $0.webhooks.replay(2, at: $0.clock.now) })
    }

    @Test("what is taken is not given out twice, and what was not recorded stands after a snapshot")
    func snapshot() throws {
        let desk = try desk()
        _ = try desk.settled()
        let (_, taken) = try #require(desk.simulator.takeDelivery())
        #expect(taken.sequence == 1)
        #expect(desk.simulator.takeDelivery()?.delivery.sequence == 2)
        #expect(desk.simulator.takeDelivery() == nil)
        desk.simulator.record(1, tenant: 0, status: nil, error: "closed")
        let world = try World(parsing: desk.simulator.snapshot().json.bytes())
        let again = try Simulator(world: world)
        #expect(again.snapshot().json == desk.simulator.snapshot().json)
        #expect(again.deliveries == desk.simulator.deliveries)
        // The second was on its way when the snapshot was taken: nobody knows how that went, so it comes again.
        #expect(again.takeDelivery()?.delivery.sequence == 2)
        again.advance(by: .seconds(30))
        #expect(again.takeDelivery()?.delivery.sequence == 1)
    }
}
