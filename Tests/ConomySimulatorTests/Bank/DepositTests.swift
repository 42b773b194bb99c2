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

    @Test(
        "what was expected decides how an assigned deposit is reconciled, and a companion carries the difference",
        arguments: [
            (nil, "PAID", nil), ("100.00", "PAID", nil), ("101.00", "PAID", nil), ("99.00", "PAID", nil),
            ("101.01", "UNDERPAID", "1.01"), ("98.99", "OVERPAID", "1.01"), ("250.00", "UNDERPAID", "150.00"),
        ] as [(String?, String, String?)])
    func reconciled(expected: String?, status: String, difference: String?) throws {
        let desk = try Desk { $0.assignTolerances = ["ARS": "1.00"] }
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount))
        var body: JSONObject = ["accountId": "000000000000000000000102"]
        body["expectedAmount"] = expected.map(JSON.string)
        let answer = try desk.get("payments.assign", id, body: .object(body))
        #expect(answer["reconciliationStatus"]?.string == status)
        #expect(answer["status"] == "SETTLED")
        #expect(try desk.funds("ARS").balance == "10000100.00")
        guard let difference else {
            #expect(answer["relatedPaymentId"] == nil)
            return
        }
        #expect(answer["relatedPaymentId"] == answer["childPaymentId"])
        let companion = try desk.get("payments.get", desk.id(["id": answer["childPaymentId"] ?? .null]))
        #expect(companion["totalAmount"]?.string == difference)
        #expect(companion["relatedPaymentId"]?.string == id)
        #expect(companion["parentPaymentId"]?.string == id)
    }

    @Test("a deposit that is below a minimum set later is MINIMUM_PAID")
    func minimumPaid() throws {
        let desk = try Desk()
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: amount))
        var parts = try #require(desk.simulator.snapshot().json.object)
        parts["settings"] = ["minimums": ["CVU:ARS": "500.00"]]
        let later = try Desk(world: World(json: .object(parts)))
        let answer = try later.get("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))])
        #expect(answer["reconciliationStatus"] == "MINIMUM_PAID")
        #expect(try later.funds("ARS").balance == "10000100.00")
    }

    @Test("a transfer that comes twice under its provider's reference is booked once, also after a snapshot")
    func repeated() throws {
        let desk = try Desk()
        let payment = try desk.get("payments.create", body: Desk.topup("100.00"))
        let code = try code(payment)
        let first = desk.simulator.deposit(rail: "CVU", amount: amount, code: code, reference: "cvu:1")
        #expect(desk.simulator.deposit(rail: "CVU", amount: amount, code: code, reference: "cvu:1") == first)
        let waiting = desk.simulator.deposit(rail: "CVU", amount: amount, reference: "cvu:2")
        let again = try Desk(world: desk.simulator.snapshot())
        #expect(again.simulator.deposit(rail: "CVU", amount: amount, reference: "cvu:1") == first)
        #expect(again.simulator.deposit(rail: "CVU", amount: amount, reference: "cvu:2") == waiting)
        #expect(try again.get("payments.list")["pagination"]?["total"] == 2)
        #expect(try again.funds("ARS").balance == "10000100.00")
    }

    @Test("a new originator becomes a customer; a known one is found by document number")
    func originators() throws {
        let desk = try Desk()
        let person: JSON = ["firstName": "Eva", "lastName": "Rey", "documentNumber": "4"]
        for _ in 0..<2 { _ = desk.simulator.deposit(rail: "CVU", amount: amount, originator: person) }
        let customers = try desk.get("customers.list")["results"]?.array ?? []
        #expect(customers.count == 1)
        #expect(customers.first?["autoCreated"] == true)
        #expect(customers.first?["operationLevel"] == "BASIC")
    }

    @Test("waiting deposits are found by time, amount and text, and the urgent ones are shown")
    func listed() throws {
        let desk = try Desk()
        let client = ["clientId": "local-client"]
        for (number, cents) in [10_000, 20_000, 30_000].enumerated() {
            let person: JSON = ["firstName": "Eva", "documentNumber": .string("4\(number)")]
            let money = Money(minorUnits: Int128(cents), Currency("ARS"))
            _ = desk.simulator.deposit(rail: "CVU", amount: money, originator: person, reference: "r\(number)")
            desk.simulator.advance(by: .seconds(10 * 3600))
        }
        func found(_ query: [String: String]) throws -> [String?] {
            let page = try desk.get("payments.unassigned", query: query.merging(client) { first, _ in first })
            #expect(page["total"]?.integer == page["payments"]?.array?.count)
            return page["payments"]?.array?.map { $0["providerReference"]?.string } ?? []
        }
        // They end in 18, 28 and 38 hours.
        #expect(try found([:]) == ["r0", "r1", "r2"])
        #expect(try found(["expiresWithin": "6h"]) == [])
        #expect(try found(["expiresWithin": "24h"]) == ["r0"])
        #expect(try found(["expiresWithin": "48h"]) == ["r0", "r1", "r2"])
        #expect(try found(["expiresWithin": ""]) == ["r0", "r1", "r2"])
        #expect(try found(["amountMin": "200.00"]) == ["r1", "r2"])
        #expect(try found(["amountMin": "150", "amountMax": "200.00"]) == ["r1"])
        #expect(try found(["search": "42"]) == ["r2"])
        #expect(try desk.refusal("payments.unassigned", query: client.merging(["expiresWithin": "7h"]) { $1 }) == "400 11")
        #expect(try desk.get("accounts.unassigned", query: client)["urgent"] == [])
        desk.simulator.advance(by: .seconds(13 * 3600))
        let widget = try desk.get("accounts.unassigned", query: client)
        #expect(widget["count"] == 3)
        #expect(widget["urgent"]?.array?.map { $0["hoursRemaining"]?.integer } == [5])
    }

    @Test("deposits of every currency are listed and counted, whichever came first, and one currency is summed")
    func currencies() throws {
        let desk = try Desk()
        let first = try #require(desk.simulator.deposit(rail: "CVU", amount: Money("9.00", Currency("ARS"))))
        desk.simulator.advance(by: .seconds(10))
        let second = try #require(desk.simulator.deposit(rail: "PIX", amount: Money("8.00", Currency("BRL"))))
        func list(_ query: [String: String] = [:]) throws -> JSON {
            try desk.get("payments.unassigned", query: query.merging(["clientId": "local-client"]) { a, _ in a })
        }
        let all = try list()
        #expect(all["payments"]?.array?.compactMap { $0["paymentId"]?.string } == [first, second])
        #expect(all["payments"]?.array?.compactMap { $0["currency"]?.string } == ["ARS", "BRL"])
        #expect(all["total"] == 2)
        #expect(all["totalAmount"] == "9.00")
        #expect(try list(["amountMax": "8.5"])["payments"]?.array?.compactMap { $0["paymentId"]?.string } == [second])
        #expect(try list(["amountMin": "8.5"])["payments"]?.array?.compactMap { $0["paymentId"]?.string } == [first])
        #expect(try desk.get("accounts.unassigned", query: ["clientId": "local-client"])["count"] == 2)
    }

    @Test("an expected amount of zero is refused, and the deposit waits on")
    func zeroExpected() throws {
        let desk = try Desk()
        let id = try #require(desk.simulator.deposit(rail: "CVU", amount: Money("9.00", Currency("ARS"))))
        let body: JSON = ["accountNumber": .string(Desk.account("ARS")), "expectedAmount": "0.00"]
        #expect(try desk.refusal("payments.assign", id, body: body) == "400 11")
        #expect(try desk.status(id) == "CREATED")
    }

}
