import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct RefundTests {
    @Test("a refund is held at once, leaves the account when it settles, and the parent stays SETTLED")
    func refund() throws {
        let desk = try Desk()
        let parent = try desk.settled()
        let result = try desk.get("payments.refund", parent, body: ["amount": "30.00", "reason": "damaged"])
        #expect(result["status"] == "RECEIVED")
        let id = try #require(result["refundId"]?.string)
        #expect(try desk.status(id) == "SETTLED")
        #expect(try desk.status(parent) == "SETTLED")
        #expect(try desk.funds("ARS") == ("10000070.00", "10000070.00"))
        let refund = try desk.get("payments.get", id)
        #expect(refund["parentPaymentId"]?.string == parent)
        #expect(refund["description"] == "damaged")
        #expect(
            desk.simulator.ledger.last.map { "\($0.from) \($0.to) \($0.amount)" }
                == "\(Desk.account("ARS")) external:CVU 30.00 ARS")
    }

    @Test("while a refund is on its way its money cannot be spent, and when it fails it can again")
    func failed() throws {
        let desk = try Desk { $0.refundSettlementDelay = .seconds(60) }
        let parent = try desk.settled()
        let id = try #require(desk.get("payments.refund", parent, body: ["amount": "100.00"])["refundId"]?.string)
        #expect(try desk.funds("ARS") == ("10000100.00", "10000000.00"))
        #expect(try desk.refusal("payments.refund", parent, body: ["amount": "0.01"]) == "422 21")
        #expect(desk.simulator.fail(payment: id))
        #expect(try desk.funds("ARS") == ("10000100.00", "10000100.00"))
        let summary = try desk.get("payments.refund_summary", parent)["summary"]
        #expect(summary?["totalFailed"] == "100.00")
        #expect(summary?["maxRefundable"] == "100.00")
    }

    @Test("refunds add up to the parent and not to a cent more, whichever way they are made")
    func arithmetic() throws {
        let desk = try Desk()
        let parent = try desk.settled("100.00")
        try desk.get("payments.refund", parent, body: ["amount": "60.00"])
        #expect(try desk.refusal("payments.refund", parent, body: ["amount": "40.01"]) == "422 21")
        let byPayment: JSON = ["type": "REFUND", "parentPaymentId": .string(parent), "totalAmount": "39.99", "currency": "ARS"]
        #expect(try desk.get("payments.create", body: byPayment)["type"] == "REFUND")
        let rest = try desk.get("payments.refund", parent)
        #expect(rest["totalAmount"] == "0.01")
        #expect(try desk.refusal("payments.refund", parent) == "422 21")
        let summary = try desk.get("payments.refunds", parent)["summary"]
        #expect(summary?["totalRefunded"] == "100.00")
        #expect(summary?["completedCount"] == 3)
        #expect(summary?["maxRefundable"] == "0.00")
        #expect(try desk.get("refunds.list", query: ["parentPaymentId": parent])["results"]?.array?.count == 3)
        #expect(try desk.get("refunds.list_legacy", query: ["status": "SETTLED"])["total"] == 3)
        #expect(try desk.get("payments.list", query: ["type": "REFUND"])["pagination"]?["total"] == 3)
        #expect(try desk.get("payments.list")["pagination"]?["total"] == 4)
    }

    @Test(
        "an amount that is none is 400, and nothing is refunded",
        arguments: ["0", "0.00", "-5", "1.001", "1e2", "1,00", " 5", "", "00100"])
    func badAmount(amount: String) throws {
        let desk = try Desk()
        let parent = try desk.settled()
        #expect(try desk.refusal("payments.refund", parent, body: ["amount": .string(amount)]) == "400 11")
        #expect(try desk.get("refunds.list")["pagination"]?["total"] == 0)
    }

    @Test("a refund through payments that contradicts its parent is 400")
    func contradiction() throws {
        let desk = try Desk()
        let parent = try desk.settled()
        for (field, value) in [("currency", "CLP"), ("accountNumber", Desk.account("CLP")), ("identityId", "other")] {
            var body: JSONObject = ["type": "REFUND", "parentPaymentId": .string(parent), "totalAmount": "1.00"]
            body[field] = .string(value)
            #expect(try desk.refusal("payments.create", body: .object(body)) == "400 11", "\(field)")
        }
    }

    @Test("a refund that the account cannot pay is 422")
    func insufficient() throws {
        let desk = try Desk()
        let parent = try desk.settled("100.00")
        let other = try desk.get(
            "accounts.create",
            body: [
                "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS",
                "name": "x",
            ])
        let away: JSON = [
            "type": "P2P", "product": "ARS:ARS", "totalAmount": "10000050.00", "origins": [Desk.accountNode("ARS")],
            "destinations": [Desk.accountNode("ARS", number: try #require(other["accountNumber"]?.string))],
        ]
        try desk.get("payments.capture", try desk.id(desk.get("payments.create", body: away)))
        #expect(try desk.refusal("payments.refund", parent, body: ["amount": "50.01"]) == "422 21")
        try desk.get("payments.refund", parent, body: ["amount": "50.00"])
    }

    @Test("a payment to several accounts gives back from them in their order, from each what it received")
    func split() throws {
        let desk = try Desk()
        let second = try #require(
            desk.get(
                "accounts.create",
                body: [
                    "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS",
                    "name": "x",
                ])[
                    "accountNumber"]?.string)
        let body = Desk.topup(
            "100.00",
            extra: [
                "type": "PURCHASE",
                "destinations": [
                    Desk.accountNode("ARS", amount: "70.00"), Desk.accountNode("ARS", amount: "30.00", number: second),
                ],
            ])
        let parent = try desk.id(desk.get("payments.create", body: body))
        try desk.get("payments.capture", parent)
        try desk.get("payments.simulate_received", body: ["id": .string(parent)])
        try desk.get("payments.refund", parent, body: ["amount": "80.00"])
        try desk.get("payments.refund", parent, body: ["amount": "20.00"])
        _ = try desk.status(parent)
        let back = desk.simulator.ledger.suffix(3).map { "\($0.from.suffix(4)) \($0.amount)" }
        #expect(
            back == [
                "\(Desk.account("ARS").suffix(4)) 70.00 ARS", "\(second.suffix(4)) 10.00 ARS", "\(second.suffix(4)) 20.00 ARS",
            ])
        #expect(try desk.funds("ARS").balance == "10000000.00")
    }

    private func purse(_ desk: Desk, _ currency: String) throws -> String {
        let body: JSON = [
            "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": .string(currency),
            "name": "x",
        ]
        return try #require(desk.get("accounts.create", body: body)["accountNumber"]?.string)
    }

    /// Where a refund goes, as party and amount.
    private func ways(_ desk: Desk, _ parent: String, _ amount: String) throws -> (id: String, to: [String]) {
        let id = try #require(desk.get("payments.refund", parent, body: ["amount": .string(amount)])["refundId"]?.string)
        let nodes = try desk.get("payments.get", id)["destinations"]?.array ?? []
        return (id, nodes.map { "\($0["account"]?["accountNumber"]?.string ?? "outside") \($0["amount"]?.string ?? "")" })
    }

    @Test("a refund after one that failed goes to whoever has not got all back")
    func afterFailure() throws {
        let desk = try Desk { $0.refundSettlementDelay = .seconds(60) }
        let (main, second, third) = (Desk.account("EUR"), try purse(desk, "EUR"), try purse(desk, "EUR"))
        let give: JSON = [
            "type": "P2P", "product": "EUR:EUR", "totalAmount": "50.00", "origins": [Desk.accountNode("EUR")],
            "destinations": [Desk.accountNode("EUR", number: second)],
        ]
        try desk.get("payments.capture", desk.id(desk.get("payments.create", body: give)))
        let collect: JSON = [
            "type": "COLLECT", "product": "EUR:EUR", "totalAmount": "100.00",
            "origins": [Desk.accountNode("EUR", amount: "50.00"), Desk.accountNode("EUR", amount: "50.00", number: second)],
            "destinations": [Desk.accountNode("EUR", number: third)],
        ]
        let parent = try desk.id(desk.get("payments.create", body: collect))
        try desk.get("payments.capture", parent)
        let first = try ways(desk, parent, "50.00")
        #expect(first.to == ["\(main) 50.00"])
        #expect(try ways(desk, parent, "50.00").to == ["\(second) 50.00"])
        #expect(desk.simulator.fail(payment: first.id))
        #expect(try ways(desk, parent, "50.00").to == ["\(main) 50.00"])
    }

    @Test("across currencies no more comes back than was given, whatever failed between")
    func afterFailureAcrossCurrencies() throws {
        let desk = try Desk { $0.refundSettlementDelay = .seconds(60) }
        let body: JSON = [
            "type": "PURCHASE", "product": "USD:CLP", "purchaseAmount": "0.10", "totalAmount": "3",
            "origins": [["type": "CARD", "currency": "USD", "card": ["token": "t"]]], "destinations": [Desk.accountNode("CLP")],
        ]
        let parent = try desk.id(desk.get("payments.create", body: body))
        try desk.get("payments.capture", parent)
        try desk.get("payments.simulate_received", body: ["id": .string(parent)])
        let first = try ways(desk, parent, "1")
        #expect(first.to == ["outside 0.03"])
        #expect(try ways(desk, parent, "2").to == ["outside 0.07"])
        #expect(desk.simulator.fail(payment: first.id))
        #expect(try ways(desk, parent, "1").to == ["outside 0.03"])
    }

    @Test("an account that got a payment in two parts gives each of them back once")
    func twoPartsOfOne() throws {
        let desk = try Desk()
        let parts: JSON = [Desk.accountNode("ARS", amount: "50.00"), Desk.accountNode("ARS", amount: "50.00")]
        let parent = try desk.id(
            desk.get("payments.create", body: Desk.topup("100.00", extra: ["type": "PURCHASE", "destinations": parts])))
        try desk.get("payments.capture", parent)
        try desk.get("payments.simulate_received", body: ["id": .string(parent)])
        try desk.get("payments.refund", parent, body: ["amount": "50.00"])
        try desk.get("payments.refund", parent, body: ["amount": "50.00"])
        #expect(try desk.funds("ARS") == ("10000000.00", "10000000.00"))
        #expect(desk.simulator.ledger.suffix(2).allSatisfy { $0.from == Desk.account("ARS") && $0.amount.text == "50.00" })
    }

    @Test("two refunds that together ask for too much: one is made, one is refused, however they meet")
    func concurrent() async throws {
        let desk = try Desk()
        let parent = try desk.settled("100.00")
        let call = try desk.call("payments.refund", [parent], ["amount": "60.00"])
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { desk.simulator.answer(call).status } }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [201: 1, 422: 19])
    }
}
