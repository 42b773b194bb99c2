import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite("What the bank tells its tenant")
struct EventTests {
    static let secret = "a secret of the tests"

    private func listen(_ desk: Desk, _ schemes: Set<WebhookEndpoint.Scheme> = [.current, .older]) throws {
        desk.simulator.setWebhook(try WebhookEndpoint(url: "http://127.0.0.1:9/", secretKey: EventTests.secret, schemes: schemes))
    }

    /// The events since the last call, after each of which they are checked against the contract and their signatures.
    private func events(_ desk: Desk, after: Int = 0) throws -> [String] {
        let deliveries = desk.simulator.deliveries.dropFirst(after)
        for delivery in deliveries {
            let body = try JSON(parsing: delivery.body.utf8)
            let schema =
                body["event"] != nil
                ? "TransactionStatusEvent"
                : body["customer"] != nil ? "CustomerLevelChangedEvent" : "LifecycleEvent"
            #expect(SchemaChecker(.ownAnswer).check(body, try #require(Schema.named(schema))) == [], "\(delivery.body)")
            if let event = body["event"], let data = body["data"] {
                #expect(body["signature"]?.string == WebhookSignature.member(event: event, data: data, secret: EventTests.secret))
                #expect(delivery.signature == nil)
            } else {
                #expect(delivery.signature?.name == "X-Webhook-Signature")
                #expect(
                    delivery.signature?.value == WebhookSignature.header(Array(delivery.body.utf8), secret: EventTests.secret))
            }
        }
        return deliveries.map(\.event)
    }

    @Test("the life of a payment is told in both schemes, each state when it is reached")
    func payment() throws {
        let desk = try Desk()
        try listen(desk)
        let id = try desk.settled()
        _ = try desk.status(id)
        #expect(
            try events(desk) == [
                "transaction.status_changed",
                "transaction.status_changed", "Transaction.Captured",
                "transaction.status_changed", "Transaction.Received",
                "transaction.status_changed", "payment.settled",
            ])
        let states = try desk.simulator.deliveries.map { try JSON(parsing: $0.body.utf8)["transaction"]?["status"]?.string }
        #expect(states == ["CREATED", "CAPTURED", nil, "RECEIVED", nil, "SETTLED", "SETTLED"])
    }

    @Test("a receiver of one scheme hears of nothing else")
    func schemes() throws {
        let desk = try Desk()
        try listen(desk, [.current])
        _ = try desk.status(try desk.settled())
        #expect(try events(desk) == ["Transaction.Captured", "Transaction.Received"])
        let other = try Desk()
        try listen(other, [.older])
        _ = try other.status(try other.settled())
        #expect(try events(other) == Array(repeating: "transaction.status_changed", count: 4) + ["payment.settled"])
    }

    @Test("refunds have events of their own")
    func refund() throws {
        let desk = try Desk { $0.refundSettlementDelay = .seconds(60) }
        let parent = try desk.settled()
        _ = try desk.status(parent)
        try listen(desk, [.older])
        let first = try desk.get("payments.refund", parent, body: ["amount": "1.00"])
        desk.simulator.advance(by: .seconds(60))
        #expect(
            try events(desk) == [
                "transaction.status_changed", "payment.refund.created", "transaction.status_changed", "payment.refund.settled",
            ])
        let body = try JSON(parsing: try #require(desk.simulator.deliveries.first?.body).utf8)
        #expect(body["transaction"]?["id"] == first["refundId"])
        #expect(body["transaction"]?["parentPaymentId"]?.string == parent)
        #expect(body["transaction"]?["status"] == "RECEIVED")

        let second = try desk.get("payments.refund", parent, body: ["amount": "2.00"])
        desk.simulator.fail(payment: try #require(second["refundId"]?.string))
        #expect(try events(desk, after: 6) == ["transaction.status_changed", "payment.refund.failed"])
    }

    @Test("review, expiry, unsettlement and failure are told")
    func ends() throws {
        let desk = try Desk { $0.settlementDelay = .seconds(60) }
        try listen(desk, [.older])
        var seen = 0
        func told() throws -> Set<String> {
            let new = try events(desk, after: seen)
            seen += new.count
            return Set(new).subtracting(["transaction.status_changed"])
        }
        let approved = try desk.id(desk.get("payments.create", body: Desk.topup()))
        try desk.get("payments.request_review", approved)
        #expect(try told() == ["payment.requiresReview"])
        try desk.get("payments.resolve_review", approved, body: ["decision": "APPROVED"])
        #expect(try told() == ["payment.reviewApproved", "payment.reviewResolved"])
        try desk.get("payments.simulate_received", body: ["id": .string(approved)])
        try desk.get("payments.mark_unsettled", approved, body: ["reason": "no match"])
        #expect(try told() == ["payment.unsettled"])

        let rejected = try desk.id(desk.get("payments.create", body: Desk.topup()))
        try desk.get("payments.request_review", rejected)
        try desk.get("payments.resolve_review", rejected, body: ["decision": "REJECTED"])
        #expect(try told() == ["payment.requiresReview", "payment.reviewRejected", "payment.reviewResolved"])

        let expiry = desk.simulator.now.adding(milliseconds: 5_000)
        try desk.get("payments.create", body: Desk.topup(extra: ["expiresAt": .string(expiry.description)]))
        desk.simulator.advance(by: .seconds(5))
        #expect(try told() == ["payment.expired"])
    }

    @Test("deposits wait to be assigned, and say when they are too small or too large")
    func deposits() throws {
        let desk = try Desk()
        try listen(desk, [.older])
        let amount = try Money("10.00", Currency("ARS"))
        let ids = (0..<2).compactMap { _ in desk.simulator.deposit(rail: "CVU", amount: amount) }
        for (id, expected) in zip(ids, ["15.00", "8.00"]) {
            try desk.get(
                "payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS")), "expectedAmount": .string(expected)])
        }
        let told = try events(desk)
        #expect(told.count { $0 == "purchase.pendingAssignment" } == 2)
        #expect(told.contains("purchase.underpaid"))
        #expect(told.contains("purchase.overpaid"))
        try desk.get("payment_attempts.create", body: Desk.topup())
        #expect(try events(desk, after: told.count) == ["purchase.attempted"])
    }

    @Test("a customer's new level is told, other changes of a customer are not")
    func level() throws {
        let desk = try Desk()
        try listen(desk)
        let id = try desk.id(desk.get("customers.create", body: ["firstName": "Ana", "documentNumber": "30111222"]))
        try desk.get("customers.update", id, body: ["email": "ana@example.com"])
        #expect(try events(desk) == [])
        try desk.get("customers.update", id, body: ["operationLevel": "FULL"])
        #expect(try events(desk) == ["customer.levelChanged"])
        let body = try JSON(parsing: try #require(desk.simulator.deliveries.first?.body).utf8)
        #expect(body["customer"]?["operationLevel"] == "FULL")
    }

    @Test("a fault delivers an event twice, or later than it happened")
    func faults() throws {
        let desk = try Desk()
        try listen(desk, [.current])
        desk.simulator.order(
            try Fault.list([
                ["event": "Transaction.Received", "fault": "duplicate"],
                ["event": "Transaction.*", "fault": "postpone", "seconds": 90, "calls": "1"],
            ]))
        _ = try desk.settled()
        #expect(try events(desk) == ["Transaction.Captured", "Transaction.Received", "Transaction.Received"])
        let delays = desk.simulator.deliveries.map { delivery in
            delivery.dueAt.map { $0.millisecondsSince1970 - delivery.createdAt.millisecondsSince1970 }
        }
        #expect(delays == [90_000, 0, 0])
    }

    @Test("without a receiver nothing is kept, and an event without secret is not signed")
    func quiet() throws {
        let desk = try Desk()
        _ = try desk.settled()
        #expect(desk.simulator.deliveries.isEmpty)
        desk.simulator.setWebhook(try WebhookEndpoint(url: "http://127.0.0.1:9/", secretKey: nil))
        _ = try desk.settled()
        for delivery in desk.simulator.deliveries {
            #expect(delivery.signature == nil)
            #expect(try JSON(parsing: delivery.body.utf8)["signature"] == nil)
        }
        #expect(!desk.simulator.deliveries.isEmpty)
    }

    @Test(
        "an address that is none is refused",
        arguments: ["", "127.0.0.1:9", "ftp://127.0.0.1/", "http://", "http://user:word@127.0.0.1/", "http://127.0.0.1/ x"])
    func addresses(url: String) {
        #expect(throws: OrderError.self) { try WebhookEndpoint(url: url, secretKey: nil) }
    }
}
