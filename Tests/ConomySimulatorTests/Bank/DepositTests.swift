import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct DepositTests {
    private let amount = Money(minorUnits: 100_00, Currency("ARS"))

    private func code(_ payment: JSON) throws -> String {
        try #require(payment["origins"]?.array?.first?["cvu"]?["code"]?.string)
    }

    @Test("a deposit with the code of a waiting payment is that payment's")
    func matchesPayment() throws {
        let desk = try Desk()
        let payment = try desk.get("payments.create", body: Desk.topup("100.00"))
        #expect(try desk.simulator.deposit(rail: "CVU", amount: amount, code: code(payment)) == desk.id(payment))
        #expect(try desk.status(desk.id(payment)) == "SETTLED")
        #expect(try desk.funds("ARS").balance == "10000100.00")
    }

    @Test("a deposit with the code of an attempt makes the attempt a payment")
    func matchesAttempt() throws {
        let desk = try Desk()
        let attempt = try desk.get("payment_attempts.create", body: Desk.topup("100.00"))
        #expect(try desk.refusal("payments.get", desk.id(attempt)) == "404 31")
        #expect(try desk.simulator.deposit(rail: "CVU", amount: amount, code: code(attempt)) == desk.id(attempt))
        #expect(try desk.status(desk.id(attempt)) == "SETTLED")
        #expect(try desk.funds("ARS").balance == "10000100.00")
    }

    @Test("a deposit for an attempt whose account is gone waits to be assigned")
    func attemptWithoutAccount() throws {
        let desk = try Desk()
        let body: JSON = [
            "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS", "name": "x",
        ]
        let account = try desk.get("accounts.create", body: body)
        let node = Desk.accountNode("ARS", number: account["accountNumber"]?.string)
        let attempt = try desk.get(
            "payment_attempts.create", body: Desk.topup("100.00", extra: ["destinations": [node]]))
        try desk.get("accounts.delete", desk.id(account))
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, code: code(attempt)))
        #expect(try id != desk.id(attempt))
        #expect(try desk.status(id) == "CREATED")
    }

    @Test("a deposit of another amount, or without a code, waits to be assigned")
    func waits() throws {
        let desk = try Desk()
        let payment = try desk.get("payments.create", body: Desk.topup("99.00"))
        for code in [try code(payment), nil] {
            let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, code: code))
            #expect(try desk.status(id) == "CREATED")
            #expect(try desk.refusal("payments.capture", id) == "422 21")
        }
        #expect(try desk.get("payments.unassigned", query: ["clientId": "local-client"])["totalAmount"] == "200.00")
        #expect(try desk.get("payments.unassigned", query: ["clientId": "another"])["total"] == 0)
        #expect(try desk.funds("ARS").balance == "10000000.00")
    }

    @Test("a deposit assigned in full is PAID, and cannot be assigned again")
    func assigned() throws {
        let desk = try Desk()
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount))
        #expect(try desk.refusal("payments.assign", id, body: ["accountNumber": .string(Desk.account("CLP"))]) == "422 21")
        #expect(try desk.refusal("payments.assign", id, body: ["accountNumber": "nobody"]) == "404 31")
        let answer = try desk.get("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))])
        #expect(answer["reconciliationStatus"] == "PAID")
        #expect(answer["relatedPaymentId"] == nil)
        #expect(try desk.funds("ARS").balance == "10000100.00")
        #expect(try desk.refusal("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))]) == "422 21")
        try desk.get("payments.refund", id, body: ["amount": "100.00"])
        #expect(try desk.funds("ARS").balance == "10000000.00")
    }

    @Test("the companion of a deposit that was underpaid is no refund of it")
    func companion() throws {
        let desk = try Desk()
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount))
        let claim: JSON = ["accountNumber": .string(Desk.account("ARS")), "expectedAmount": "120.00"]
        #expect(try desk.get("payments.assign", id, body: claim)["reconciliationStatus"] == "UNDERPAID")
        #expect(try desk.get("refunds.list", query: ["parentPaymentId": id])["pagination"]?["total"] == 0)
        try desk.get("payments.refund", id, body: ["amount": "1.00"])
        #expect(try desk.get("refunds.list", query: ["parentPaymentId": id])["pagination"]?["total"] == 1)
    }

    @Test("what nobody claims goes back over the rail it came by")
    func unclaimed() throws {
        let desk = try Desk()
        _ = desk.simulator.deposit(rail: "CVU", amount: amount)
        desk.simulator.advance(by: .seconds(48 * 3600))
        #expect(desk.simulator.ledger.map { "\($0.from) \($0.to) \($0.amount)" } == ["external:CVU external:CVU 100.00 ARS"])
    }

    @Test("only push rails carry deposits, in their currency")
    func rails() throws {
        let desk = try Desk()
        #expect(desk.simulator.deposit(rail: "SEPA", amount: amount) == nil)
        #expect(desk.simulator.deposit(rail: "PIX", amount: amount) == nil)
        #expect(desk.simulator.deposit(rail: "CVU", amount: .zero(Currency("ARS"))) == nil)
    }
}
