import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct LifecycleTests {
    @Test("a top-up makes its money available when it settles, and not before")
    func topup() throws {
        let desk = try Desk()
        let created = try desk.get("payments.create", body: Desk.topup("150.00"))
        let id = try desk.id(created)
        #expect(created["status"] == "CREATED")
        #expect(created["origins"]?.array?.first?["cvu"]?["code"]?.string != nil)
        try desk.get("payments.authorize", id)
        #expect(try desk.get("payments.capture", id)["status"] == "CAPTURED")
        #expect(try desk.funds("ARS").balance == "10000000.00")
        #expect(try desk.get("payments.simulate_received", body: ["transactionId": .string(id)])["status"] == "RECEIVED")
        #expect(try desk.status(id) == "SETTLED")
        #expect(try desk.funds("ARS") == ("10000150.00", "10000150.00"))
        #expect(
            desk.simulator.ledger.map { "\($0.from) \($0.to) \($0.amount)" } == ["external:CVU \(Desk.account("ARS")) 150.00 ARS"]
        )
    }

    @Test("a settlement delay keeps a payment RECEIVED until its time has come")
    func delay() throws {
        let desk = try Desk { $0.settlementDelay = .seconds(3600) }
        let id = try desk.settled()
        desk.simulator.advance(by: .seconds(3599))
        #expect(try desk.status(id) == "RECEIVED")
        desk.simulator.advance(by: .seconds(1000))
        let payment = try desk.get("payments.get", id)
        #expect(payment["status"] == "SETTLED")
        #expect(payment["settledAt"] == "2026-06-01T01:00:00Z")
    }

    @Test("a withdrawal holds its money when it is created, and takes it when it is captured")
    func withdrawal() throws {
        let desk = try Desk()
        let id = try desk.id(desk.get("payments.create", body: Desk.withdrawal("4000000.00")))
        #expect(try desk.funds("EUR") == ("10000000.00", "6000000.00"))
        #expect(try desk.refusal("payments.create", body: Desk.withdrawal("6000000.01")) == "422 21")
        try desk.get("payments.capture", id)
        #expect(try desk.funds("EUR") == ("6000000.00", "6000000.00"))
    }

    @Test("a payment that expires or fails gives back what it held")
    func release() throws {
        let desk = try Desk()
        var body = try #require(Desk.withdrawal("10.00").object)
        body["expiresAt"] = "2026-06-01T02:00:00Z"
        let expiring = try desk.id(desk.get("payments.create", body: .object(body)))
        let failing = try desk.id(desk.get("payments.create", body: Desk.withdrawal("20.00")))
        let captured = try desk.id(desk.get("payments.create", body: Desk.withdrawal("40.00")))
        try desk.get("payments.capture", captured)
        #expect(try desk.funds("EUR") == ("9999960.00", "9999930.00"))
        desk.simulator.advance(by: .seconds(7200))
        #expect(try desk.status(expiring) == "EXPIRED")
        #expect(desk.simulator.fail(payment: failing))
        #expect(desk.simulator.fail(payment: captured))
        #expect(!desk.simulator.fail(payment: captured))
        #expect(try desk.funds("EUR") == ("10000000.00", "10000000.00"))
    }

    @Test("money between two accounts of the bank moves at the capture, and the payment settles by itself")
    func internalPayment() throws {
        let desk = try Desk()
        let other = try desk.get(
            "accounts.create",
            body: [
                "identityId": .string(Desk.identity), "type": "SAVINGS", "custody": "BANK_ACCOUNT", "currency": "ARS",
                "name": "Savings",
            ])
        let number = try #require(other["accountNumber"]?.string)
        let body: JSON = [
            "type": "P2P", "product": "ARS:ARS", "purchaseAmount": "75.50", "origins": [Desk.accountNode("ARS")],
            "destinations": [Desk.accountNode("ARS", number: number)],
        ]
        let id = try desk.id(desk.get("payments.create", body: body))
        try desk.get("payments.capture", id)
        #expect(try desk.status(id) == "SETTLED")
        #expect(try desk.get("accounts.get", try desk.id(other))["availableFunds"] == "75.50")
        #expect(try desk.funds("ARS").balance == "9999924.50")
        #expect(try desk.get("payments.list", query: ["accountNumber": number])["pagination"]?["total"] == 1)
    }

    @Test(
        "every step from a wrong state is 422",
        arguments: [
            (
                "authorize",
                ["AUTHORIZED", "CAPTURED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED", "REQUIRES_REVIEW"]
            ),
            ("capture", ["CAPTURED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED", "REQUIRES_REVIEW"]),
            ("receive", ["CREATED", "AUTHORIZED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED", "REQUIRES_REVIEW"]),
            ("resolve", ["CREATED", "AUTHORIZED", "CAPTURED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED"]),
            ("unsettle", ["CREATED", "AUTHORIZED", "CAPTURED", "SETTLED", "EXPIRED", "FAILED", "REQUIRES_REVIEW"]),
            ("review", ["RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED"]),
            ("refund", ["CREATED", "AUTHORIZED", "CAPTURED", "RECEIVED", "EXPIRED", "FAILED", "UNSETTLED", "REQUIRES_REVIEW"]),
            (
                "assign",
                ["CREATED", "AUTHORIZED", "CAPTURED", "RECEIVED", "SETTLED", "EXPIRED", "FAILED", "UNSETTLED", "REQUIRES_REVIEW"]
            ),
        ])
    func wrongStates(step: String, states: [String]) throws {
        for state in states {
            let world = try World.paying([.init("p", state)])
            let desk = try Desk(world: world)
            let code =
                switch step {
                case "authorize": try desk.refusal("payments.authorize", "p")
                case "capture": try desk.refusal("payments.capture", "p", body: [:])
                case "receive": try desk.refusal("payments.simulate_received", body: ["id": "p"])
                case "resolve": try desk.refusal("payments.resolve_review", "p", body: ["decision": "APPROVED"])
                case "unsettle": try desk.refusal("payments.mark_unsettled", "p", body: ["reason": "lost"])
                case "review": try desk.refusal("payments.request_review", "p")
                case "assign": try desk.refusal("payments.assign", "p", body: ["accountNumber": .string(Desk.account("ARS"))])
                default: try desk.refusal("payments.refund", "p", body: ["amount": "1.00"])
                }
            #expect(code == "422 21", "\(step) from \(state)")
            #expect(try desk.status("p") == state)
        }
    }

    @Test("a payment nobody knows is 404 for every step")
    func unknown() throws {
        let desk = try Desk()
        #expect(try desk.refusal("payments.get", "nobody") == "404 31")
        #expect(try desk.refusal("payments.capture", "nobody") == "404 31")
        #expect(try desk.refusal("payments.refund", "nobody", body: ["amount": "1.00"]) == "404 31")
        #expect(try desk.refusal("payments.simulate_received", body: ["id": "nobody"]) == "404 31")
    }
}

/// What follows the clock.
@Suite struct DueTests {
    @Test("one look lets everything happen that is due, each at its own time")
    func oneLook() throws {
        let desk = try Desk()
        for seconds: Int64 in [10, 20, 30, 40] {
            let expiry = Desk.start.adding(milliseconds: seconds * 1000).description
            try desk.get("payments.create", body: Desk.topup(extra: ["expiresAt": .string(expiry)]))
        }
        desk.simulator.advance(by: .seconds(35))
        let payments = desk.simulator.snapshot().json["payments"]?.array ?? []
        #expect(payments.map { $0["status"]?.string } == ["EXPIRED", "EXPIRED", "EXPIRED", "CREATED"])
        let times = payments.prefix(3).map { $0["expiredAt"]?.string }
        #expect(times == ["2026-06-01T00:00:10Z", "2026-06-01T00:00:20Z", "2026-06-01T00:00:30Z"])
    }
}

extension World {
    struct Paid {
        let id: String
        let status: String
        init(_ id: String, _ status: String) { (self.id, self.status) = (id, status) }
    }

    /// The starter with top-ups of 100.00 ARS in given states.
    static func paying(_ payments: [Paid]) throws -> World {
        var parts = try #require(World.starter.json.object)
        parts["payments"] = .array(
            payments.enumerated().map { index, payment in
                [
                    "id": .string(payment.id), "type": "TOPUP_ACCOUNT", "status": .string(payment.status),
                    "totalAmount": "100.00",
                    "purchaseAmount": "100.00", "purchaseCurrency": "ARS", "currency": "ARS", "product": "ARS:ARS",
                    "identityId": .string(Desk.identity), "accountNumber": .string(Desk.account("ARS")),
                    "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("ARS")],
                    "createdAt": .string(Desk.start.adding(milliseconds: Int64(index) * 1000).description),
                ]
            })
        return try World(json: .object(parts))
    }
}
