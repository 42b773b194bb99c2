import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct LimitTests {
    private static let payer: JSON = ["firstName": "Ana", "email": "ana@example.com", "documentNumber": "30111222"]

    /// A top-up by card, which can name its payer.
    private func topup(_ amount: String) -> JSON {
        Desk.topup(
            amount,
            extra: [
                "origins": [
                    [
                        "type": "PCT", "currency": "ARS",
                        "pct": [
                            "successUrl": "https://a.example/", "failedUrl": "https://a.example/",
                            "customer": [
                                "email": "ana@example.com", "documentNumber": "30111222", "phoneNumber": "11",
                                "phoneNumberPrefix": "+54",
                            ],
                        ],
                    ]
                ]
            ])
    }

    @Test("a withdrawal and a top-up below the minimum of their rail are 422, and discovery shows the minimum")
    func minimums() throws {
        let desk = try Desk { $0.minimums = ["SEPA:EUR": "10.50", "CVU:ARS": "500.00"] }
        #expect(try desk.refusal("payments.create", body: Desk.withdrawal("10.49")) == "422 21")
        try desk.get("payments.create", body: Desk.withdrawal("10.50"))
        #expect(try desk.refusal("payments.create", body: Desk.topup("499.99")) == "422 21")
        let products = try desk.get(
            "payment_methods.destinations", query: ["accountNumber": Desk.account("EUR"), "type": "SEPA"])
        #expect(products.array?.first?["minAmount"] == "11")
    }

    @Test("a deposit below the minimum never becomes a payment")
    func deposits() throws {
        let desk = try Desk { $0.minimums = ["CVU:ARS": "500.00"] }
        #expect(desk.simulator.deposit(rail: "CVU", amount: Money(minorUnits: 499_99, Currency("ARS"))) == nil)
        #expect(try desk.get("payments.list")["pagination"]?["total"] == 0)
        #expect(desk.simulator.deposit(rail: "CVU", amount: Money(minorUnits: 500_00, Currency("ARS"))) != nil)
    }

    @Test("nothing moves for a customer who is INACTIVE, and everything again at another level")
    func inactive() throws {
        let desk = try Desk()
        let customer = try desk.id(desk.get("customers.create", body: LimitTests.payer))
        let open = try desk.id(desk.get("payments.create", body: topup("10.00")))
        let paid = try desk.id(desk.get("payments.create", body: topup("10.00")))
        try desk.get("payments.capture", paid, body: [:])
        try desk.get("payments.simulate_received", body: ["id": .string(paid)])
        try desk.get("customers.update", customer, body: ["operationLevel": "INACTIVE"])
        #expect(try desk.refusal("payments.create", body: topup("10.00")) == "422 21")
        #expect(try desk.refusal("payment_attempts.create", body: topup("10.00")) == "422 21")
        #expect(try desk.refusal("payments.authorize", open) == "422 21")
        #expect(try desk.refusal("payments.capture", open, body: [:]) == "422 21")
        #expect(try desk.refusal("payments.refund", paid, body: ["amount": "1.00"]) == "422 21")
        let person: JSON = ["documentNumber": "30111222"]
        let amount = Money(minorUnits: 100_00, Currency("ARS"))
        let deposit = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, originator: person))
        #expect(try desk.status(deposit) == "FAILED")
        #expect(
            try desk.get("refunds.list", query: ["parentPaymentId": deposit])["results"]?.array?.first?["totalAmount"] == "100.00"
        )
        try desk.get("customers.update", customer, body: ["operationLevel": "BASIC"])
        try desk.get("payments.capture", open, body: [:])
        try desk.get("payments.refund", paid, body: ["amount": "1.00"])
    }

    @Test("a level's limits hold for one payment and for rolling windows, and come back in the customer")
    func tiers() throws {
        let desk = try Desk {
            $0.tierLimits = [
                "BASIC": ["ARS": .init(single: "100.00", windows: [.init(hours: 24, amount: "250.00")])],
                "STANDARD": ["ARS": .init(windows: [.init(hours: 24, amount: "1000.00")])],
            ]
        }
        // Nobody is known by this document yet.
        try desk.get("payments.create", body: topup("5000.00"))
        let customer = try desk.id(desk.get("customers.create", body: LimitTests.payer))
        #expect(try desk.refusal("payments.create", body: topup("100.01")) == "422 21")
        for _ in 0..<2 { try desk.get("payments.create", body: topup("100.00")) }
        #expect(try desk.refusal("payments.create", body: topup("50.01")) == "422 21")
        let failing = try desk.id(desk.get("payments.create", body: topup("50.00")))
        #expect(
            try desk.get("customers.get", customer)["limits"] == [
                "ARS": ["single": "100.00", "windows": [["hours": 24, "amount": "250.00", "used": "250.00"]]]
            ])
        desk.simulator.fail(payment: failing)
        try desk.get("payments.create", body: topup("50.00"))
        #expect(try desk.refusal("payments.create", body: topup("0.01")) == "422 21")
        desk.simulator.advance(by: .seconds(24 * 3600 - 1))
        #expect(try desk.refusal("payments.create", body: topup("0.01")) == "422 21")
        desk.simulator.advance(by: .seconds(1))
        try desk.get("payments.create", body: topup("100.00"))
        try desk.get("customers.update", customer, body: ["operationLevel": "STANDARD"])
        try desk.get("payments.create", body: topup("900.00"))
        #expect(try desk.refusal("payments.create", body: topup("0.01")) == "422 21")
        try desk.get("customers.update", customer, body: ["operationLevel": "FULL"])
        #expect(try desk.get("customers.get", customer)["limits"] == nil)
        try desk.get("payments.create", body: topup("9000.00"))
    }
}
