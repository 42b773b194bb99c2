import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

/// The auditor itself: it says nothing of books that are right, and speaks of each way in which books can be wrong.
@Suite struct AuditorTests {
    /// A bank with payments on their way, refunds, and an exchange.
    private func books() throws -> (opening: World, now: World) {
        let desk = try Desk { $0.refundSettlementDelay = .seconds(60) }
        let opening = desk.simulator.snapshot()
        let parent = try desk.settled("100.00")
        try desk.get("payments.refund", parent, body: ["amount": "30.00"])
        desk.simulator.advance(by: .seconds(60))
        try desk.get("payments.refund", parent, body: ["amount": "20.00"])
        try desk.get("payments.create", body: Desk.withdrawal("5.00"))
        try desk.get("payments.capture", desk.id(desk.get("payments.create", body: Desk.withdrawal("7.00"))))
        let exchange: JSON = [
            "type": "PURCHASE", "product": "USD:CLP", "purchaseAmount": "10.00", "totalAmount": "9451",
            "origins": [["type": "CARD", "currency": "USD", "card": ["token": "t"]]], "destinations": [Desk.accountNode("CLP")],
        ]
        let foreign = try desk.id(desk.get("payments.create", body: exchange))
        try desk.get("payments.capture", foreign)
        try desk.get("payments.simulate_received", body: ["id": .string(foreign)])
        return (opening, desk.simulator.snapshot())
    }

    private func findings(_ opening: World, _ worlds: World...) -> [String] {
        var auditor = Auditor(opening: opening)
        for world in worlds { auditor.audit(world, opening: opening) }
        return auditor.findings
    }

    @Test("books that are right leave nothing to say")
    func right() throws {
        let (opening, now) = try books()
        #expect(findings(opening, opening, now, now) == [])
        #expect((now.json["ledger"]?.array?.count ?? 0) >= 5)
    }

    /// A member of one object of a part of the books, and what it says instead.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let part: String
        let index: Int
        let member: String
        let value: JSON?
        var testDescription: String { "\(part)[\(index)].\(member) = \(value?.text() ?? "nothing")" }

        init(_ part: String, _ index: Int, _ member: String, _ value: JSON?) {
            (self.part, self.index, self.member, self.value) = (part, index, member, value)
        }
    }

    @Test(
        "each thing that is wrong in the books is found",
        arguments: [
            // ARS is the second account, CLP the first, EUR the last.
            Wrong("accounts", 1, "balance", "10000070.01"), Wrong("accounts", 1, "availableFunds", "10000070.00"),
            Wrong("accounts", 1, "availableFunds", "99999999.00"), Wrong("accounts", 1, "currency", "BRL"),
            Wrong("accounts", 7, "availableFunds", "9999993.00"), Wrong("accounts", 7, "balance", "-1.00"),
            Wrong("payments", 0, "status", "UNSETTLED"), Wrong("payments", 0, "status", "RECEIVED"),
            Wrong("payments", 0, "totalAmount", "100.01"), Wrong("payments", 1, "status", "FAILED"),
            Wrong("payments", 1, "parentPaymentId", "nobody"), Wrong("payments", 2, "totalAmount", "70.01"),
            Wrong("payments", 3, "status", "CAPTURED"), Wrong("payments", 3, "status", "FAILED"),
            Wrong("payments", 4, "capturedAt", nil), Wrong("payments", 5, "purchaseAmount", "10.01"),
            Wrong("payments", 5, "id", "another"), Wrong("ledger", 0, "amount", "100.01"),
            Wrong("ledger", 0, "to", "100000000000000000001"), Wrong("ledger", 1, "sequence", 3),
            Wrong("ledger", 1, "paymentId", "nobody"), Wrong("ledger", 2, "from", "external:SEPA"),
            Wrong("ledger", 3, "currency", "EUR"), Wrong("ledger", 3, "time", "2020-01-01T00:00:00Z"),
        ])
    func wrong(_ wrong: Wrong) throws {
        let (opening, now) = try books()
        let changed = try change(now, wrong.part) { list in
            var object = try #require(list[wrong.index].object)
            try #require(object[wrong.member] != wrong.value)
            object[wrong.member] = wrong.value
            list[wrong.index] = .object(object)
        }
        #expect(!findings(opening, changed).isEmpty)
    }

    @Test("what is gone or there twice is found", arguments: ["payments", "ledger", "accounts"])
    func lost(part: String) throws {
        let (opening, now) = try books()
        let shorter = try change(now, part) { $0.removeLast() }
        let longer = try change(now, part) { list in list.append(list[0]) }
        #expect(!findings(opening, shorter).isEmpty)
        #expect(!findings(opening, longer).isEmpty)
    }

    @Test("what has ended or was written down before may not be otherwise later")
    func history() throws {
        let (opening, now) = try books()
        let touched = try change(now, "payments") { list in
            var object = try #require(list[0].object)
            object["updatedAt"] = "2027-01-01T00:00:00Z"
            list[0] = .object(object)
        }
        #expect(findings(opening, touched) == [])
        #expect(!findings(opening, now, touched).isEmpty)
        #expect(!findings(opening, now, opening).isEmpty)
    }

    @Test("a summary of refunds that is wrong in any member is found")
    func summary() throws {
        let (opening, now) = try books()
        var auditor = Auditor(opening: opening)
        auditor.audit(now, opening: opening)
        let parent = try #require(now.json["payments"]?.array?.first?["id"]?.string)
        let right: JSONObject = [
            "parentPaymentId": .string(parent), "parentAmount": "100.00", "currency": "ARS", "totalRefunded": "30.00",
            "totalInProgress": "20.00", "totalFailed": "0.00", "maxRefundable": "50.00", "completedCount": 1,
            "inProgressCount": 1, "failedCount": 0,
        ]
        auditor.check(refundsOf: parent, summary: .object(right))
        #expect(auditor.findings == [])
        for member in right.keys {
            var wrong = right
            wrong[member] = right[member]?.integer == nil ? "50.01" : 7
            var other = auditor
            other.check(refundsOf: parent, summary: .object(wrong))
            #expect(other.findings.count == 1, "\(member)")
        }
    }

    private func change(_ world: World, _ part: String, _ change: (inout [JSON]) throws -> Void) throws -> World {
        var object = try #require(world.json.object)
        var list = try #require(object[part]?.array)
        try change(&list)
        object[part] = .array(list)
        return try World(json: .object(object))
    }
}
