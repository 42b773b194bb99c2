import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct ReviewTests {
    private let amount = Money(minorUnits: 100_00, Currency("ARS"))
    private let person: JSON = ["firstName": "Eva", "documentNumber": "4"]

    @Test("the gate stops every type from the threshold on, and only in its currency")
    func threshold() throws {
        let desk = try Desk { $0.reviewThresholds = ["EUR": "10.00"] }
        #expect(try desk.get("payments.create", body: Desk.withdrawal("9.99"))["status"] == "CREATED")
        let gated = try desk.get("payments.create", body: Desk.withdrawal("10.00"))
        #expect(gated["status"] == "REQUIRES_REVIEW")
        #expect(gated["documentationStatus"] == "PENDING_UPLOAD")
        #expect(try desk.funds("EUR").available == "9999980.01")
        #expect(try desk.get("payments.create", body: Desk.topup("5000.00"))["status"] == "CREATED")
    }

    @Test("the gate stops what a rule of the settings matches, whatever the amount")
    func byRule() throws {
        let desk = try Desk {
            $0.reviewRules = [
                RuleFilter([.init(name: "paymentMethod", value: "SWIFT"), .init(name: "paymentMethod", value: "SEPA")])
            ]
        }
        #expect(try desk.get("payments.create", body: Desk.withdrawal("0.01"))["status"] == "REQUIRES_REVIEW")
        #expect(try desk.get("payments.create", body: Desk.topup("5000.00"))["status"] == "CREATED")
    }

    @Test("documents are uploaded, approved with the payment, and document the customer: the next payment passes")
    func documents() throws {
        let desk = try Desk { $0.reviewThresholds = ["EUR": "10.00"] }
        let customer = try desk.id(
            desk.get("customers.create", body: ["firstName": "Ana", "documentNumber": "30111222"]))
        let id = try desk.id(desk.get("payments.create", body: Desk.withdrawal("10.00")))
        #expect(try desk.get("payments.customer", id)["customer"]?["id"]?.string == customer)
        #expect(
            try desk.get("payments.attach_document", id, body: ["type": "invoice"])["documentationStatus"] == "PENDING_UPLOAD")
        let upload: JSON = ["type": "invoice", "url": "https://files.example/1"]
        #expect(try desk.get("payments.attach_document", id, body: upload)["documentationStatus"] == "UPLOADED")
        #expect(try desk.get("payments.attach_document", id, body: ["type": "other"])["documentationStatus"] == "UPLOADED")
        #expect(try desk.get("customers.get", customer)["isDocumented"] == false)
        try desk.get("payments.resolve_review", id, body: ["decision": "APPROVED"])
        #expect(try desk.get("customers.get", customer)["isDocumented"] == true)
        #expect(try desk.get("payments.create", body: Desk.withdrawal("10.00"))["status"] == "CREATED")
        let next = try desk.id(desk.get("payments.create", body: Desk.withdrawal("20.00")))
        #expect(try desk.get("payments.request_review", next)["bypassed"] == true)
        #expect(try desk.get("payments.request_review", next, body: ["force": true])["bypassed"] == false)
        #expect(try desk.status(next) == "REQUIRES_REVIEW")
    }

    @Test("a customer's own document counts once the vendor approved it; FULL alone does not")
    func customerDocuments() throws {
        let desk = try Desk { $0.reviewThresholds = ["EUR": "10.00"] }
        let customer = try desk.id(
            desk.get("customers.create", body: ["firstName": "Ana", "documentNumber": "30111222", "operationLevel": "FULL"]))
        try desk.get("customers.attach_document", customer, body: ["type": "kyc", "url": "https://files.example/1"])
        #expect(try desk.get("payments.create", body: Desk.withdrawal("10.00"))["status"] == "REQUIRES_REVIEW")
        #expect(!desk.simulator.resolveDocument(ofCustomer: customer, number: 2, approved: true))
        #expect(desk.simulator.resolveDocument(ofCustomer: customer, number: 1, approved: false, reason: "blurred"))
        let document = try desk.get("customers.get", customer)["documents"]?.array?.first
        #expect(document?["rejectionReason"] == "blurred")
        #expect(try desk.get("payments.create", body: Desk.withdrawal("10.00"))["status"] == "REQUIRES_REVIEW")
        #expect(desk.simulator.resolveDocument(ofCustomer: customer, number: 1, approved: true))
        #expect(try desk.get("customers.get", customer)["isDocumented"] == true)
        #expect(try desk.get("payments.create", body: Desk.withdrawal("10.00"))["status"] == "CREATED")
    }

    @Test("a deposit in review that is rejected is FAILED and goes back to its sender")
    func rejectedDeposit() throws {
        let desk = try Desk { $0.reviewThresholds = ["ARS": "100.00"] }
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, originator: person))
        #expect(try desk.status(id) == "REQUIRES_REVIEW")
        #expect(try desk.refusal("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))]) == "422 21")
        #expect(try desk.get("payments.unassigned", query: ["clientId": "local-client"])["total"] == 0)
        desk.simulator.advance(by: .seconds(72 * 3600))
        #expect(try desk.status(id) == "REQUIRES_REVIEW")
        try desk.get("payments.resolve_review", id, body: ["decision": "REJECTED"])
        #expect(try desk.status(id) == "FAILED")
        let refund = try desk.get("refunds.list", query: ["parentPaymentId": id])["results"]?.array?.first
        #expect(refund?["status"] == "SETTLED")
        #expect(refund?["totalAmount"] == "100.00")
        #expect(desk.simulator.ledger.map { "\($0.from) \($0.to)" } == ["external:CVU external:CVU"])
    }

    @Test("a deposit that is approved waits for an account again, with all its time")
    func approvedDeposit() throws {
        let desk = try Desk { $0.reviewThresholds = ["ARS": "100.00"] }
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, originator: person))
        desk.simulator.advance(by: .seconds(47 * 3600))
        try desk.get("payments.resolve_review", id, body: ["decision": "APPROVED"])
        desk.simulator.advance(by: .seconds(47 * 3600))
        #expect(try desk.status(id) == "CREATED")
        let again = try Simulator(world: desk.simulator.snapshot())
        again.advance(by: .seconds(3600))
        #expect(again.answer(try desk.call("payments.get", [id])).body?["status"] == "EXPIRED")
        try desk.get("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))])
        #expect(try desk.funds("ARS").balance == "10000100.00")
    }

    @Test("money that was announced and stopped goes on to its account when it is approved, and back when it is rejected")
    func announced() throws {
        for (decision, status, balance) in [("APPROVED", "SETTLED", "10000100.00"), ("REJECTED", "FAILED", "10000000.00")] {
            let desk = try Desk { $0.reviewThresholds = ["ARS": "100.00"] }
            let attempt = try desk.get("payment_attempts.create", body: Desk.topup("100.00"))
            let code = attempt["origins"]?.array?.first?["cvu"]?["code"]?.string
            let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, code: code))
            #expect(try desk.status(id) == "REQUIRES_REVIEW")
            try desk.get("payments.resolve_review", id, body: ["decision": .string(decision)])
            #expect(try desk.status(id) == status)
            #expect(try desk.funds("ARS").balance == balance)
            #expect(try desk.get("refunds.list")["pagination"]?["total"] == (decision == "APPROVED" ? 0 : 1))
        }
    }

    @Test("all that was sent goes back, with the fees that were not taken and in the currency it came in")
    func wholeAmount() throws {
        let desk = try Desk {
            $0.reviewThresholds = ["ARS": "90.00", "CLP": "40"]
            $0.exchangeRates = ["ARS:CLP": "0.5"]
        }
        try desk.get("rules.create", body: FeeTests.rule("2.50"))
        let abroad: JSON = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "100.00",
            "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("CLP")],
        ]
        for body in [Desk.topup("100.00"), abroad] {
            let attempt = try desk.get("payment_attempts.create", body: body)
            let code = attempt["origins"]?.array?.first?["cvu"]?["code"]?.string
            let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, code: code))
            try desk.get("payments.resolve_review", id, body: ["decision": "REJECTED"])
            let summary = try desk.get("payments.refund_summary", id)["summary"]
            #expect(summary?["totalRefunded"] == attempt["totalAmount"])
            #expect(summary?["maxRefundable"] == summary?["totalFailed"])
        }
        #expect(
            desk.simulator.ledger.map { "\($0.from) \($0.to) \($0.amount)" }
                == Array(repeating: "external:CVU external:CVU 100.00 ARS", count: 2))
    }
}
