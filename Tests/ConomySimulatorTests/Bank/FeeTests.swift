import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct FeeTests {
    static func rule(
        _ value: String, _ type: String = "PERCENTAGE", identity: String = Desk.identity, filter: JSON? = nil,
        overwrites: Bool = false, name: String = "Service"
    ) -> JSON {
        var rule: JSONObject = [
            "type": "FEE", "identityId": .string(identity), "overwrites": .bool(overwrites),
            "feeRule": ["feeType": .string(type), "value": .string(value), "description": .string(name)],
        ]
        rule["filter"] = filter
        return .object(rule)
    }

    private func settle(_ desk: Desk, _ id: String) throws {
        try desk.get("payments.capture", id, body: [:])
        if try desk.status(id) == "CAPTURED" { try desk.get("payments.simulate_received", body: ["id": .string(id)]) }
        #expect(try desk.status(id) == "SETTLED")
    }

    private func feeAccount(_ desk: Desk, _ currency: String = "ARS") throws -> JSON? {
        try desk.get("accounts.list", query: ["type": "FEE", "currency": currency])["pagination"]?["results"]?.array?.first
    }

    @Test("a percentage is taken from what is sent, shown in the payment, and booked with both sides when it settles")
    func topup() throws {
        let desk = try Desk()
        try desk.get("rules.create", body: FeeTests.rule("2.50"))
        let payment = try desk.get("payments.create", body: Desk.topup("100.00"))
        #expect(payment["purchaseAmount"] == "100.00")
        #expect(payment["totalAmount"] == "97.50")
        #expect(
            payment["fees"] == [
                ["name": "Service", "type": "PERCENTAGE", "value": "2.50", "amount": "2.50", "currency": "ARS"]
            ])
        #expect(try feeAccount(desk) == nil)
        try settle(desk, desk.id(payment))
        #expect(try desk.funds("ARS") == ("10000097.50", "10000097.50"))
        let collector = try #require(try feeAccount(desk))
        #expect(collector["balance"] == "2.50")
        #expect(collector["identityId"]?.string == Desk.identity)
        let number = collector["accountNumber"]?.string ?? ""
        #expect(
            desk.simulator.ledger.map { "\($0.from) \($0.to) \($0.amount)" } == [
                "external:CVU \(Desk.account("ARS")) 97.50 ARS", "external:CVU \(number) 2.50 ARS",
            ])
    }

    @Test("who gives the total pays the fees on top; both amounts must agree to the cent")
    func direction() throws {
        let desk = try Desk()
        try desk.get("rules.create", body: FeeTests.rule("3.00", "FIXED"))
        func total(_ amounts: JSONObject) -> JSON {
            var body = Desk.topup().object ?? [:]
            body["purchaseAmount"] = nil
            for (key, value) in amounts.members { body[key] = value }
            return .object(body)
        }
        #expect(try desk.get("payments.create", body: total(["totalAmount": "97.00"]))["purchaseAmount"] == "100.00")
        try desk.get("payments.create", body: total(["totalAmount": "97.00", "purchaseAmount": "100.00"]))
        #expect(
            try desk.refusal("payments.create", body: total(["totalAmount": "97.01", "purchaseAmount": "100.00"])) == "400 11")
        #expect(try desk.refusal("payments.create", body: total(["purchaseAmount": "3.00"])) == "422 21")
    }

    @Test("a withdrawal holds its fee until it settles; one that fails takes nothing")
    func withdrawal() throws {
        let desk = try Desk { $0.settlementDelay = .seconds(60) }
        try desk.get("rules.create", body: FeeTests.rule("1.50", "FIXED"))
        let first = try desk.id(desk.get("payments.create", body: Desk.withdrawal("10.00")))
        #expect(try desk.funds("EUR") == ("10000000.00", "9999988.50"))
        try desk.get("payments.capture", first, body: [:])
        #expect(try desk.funds("EUR") == ("9999990.00", "9999988.50"))
        let world = desk.simulator.snapshot()
        #expect(try Simulator(world: world).snapshot().json == world.json)
        try desk.get("payments.simulate_received", body: ["id": .string(first)])
        desk.simulator.advance(by: .seconds(60))
        #expect(try desk.funds("EUR") == ("9999988.50", "9999988.50"))
        #expect(try feeAccount(desk, "EUR")?["balance"] == "1.50")

        let second = try desk.id(desk.get("payments.create", body: Desk.withdrawal("10.00")))
        try desk.get("payments.capture", second, body: [:])
        desk.simulator.fail(payment: second)
        #expect(try desk.funds("EUR") == ("9999988.50", "9999988.50"))
        #expect(try feeAccount(desk, "EUR")?["balance"] == "1.50")
    }

    @Test("a fee is never refunded: what arrived is the most that can go back")
    func refund() throws {
        let desk = try Desk()
        try desk.get("rules.create", body: FeeTests.rule("10"))
        let id = try desk.id(desk.get("payments.create", body: Desk.topup("100.00")))
        try settle(desk, id)
        #expect(try desk.get("payments.refund_summary", id)["summary"]?["maxRefundable"] == "90.00")
        #expect(try desk.refusal("payments.refund", id, body: ["amount": "90.01"]) == "422 21")
        try desk.get("payments.refund", id)
        #expect(try desk.funds("ARS").balance == "10000000.00")
        #expect(try feeAccount(desk)?["balance"] == "10.00")
    }

    @Test("across currencies the fee is taken before the conversion, in the currency that is sent")
    func conversion() throws {
        let desk = try Desk { $0.exchangeRates = ["ARS:CLP": "0.5"] }
        try desk.get("rules.create", body: FeeTests.rule("1"))
        let body: JSON = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "200.00",
            "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("CLP")],
        ]
        let payment = try desk.get("payments.create", body: body)
        #expect(payment["totalAmount"] == "99")
        let id = try desk.id(payment)
        try settle(desk, id)
        #expect(try desk.funds("CLP").balance == "10000099")
        #expect(try feeAccount(desk, "ARS")?["balance"] == "2.00")
        try desk.get("payments.refund", id, body: ["amount": "33"])
        try desk.get("payments.refund", id)
        let back = desk.simulator.ledger.filter { $0.to == "external:CVU" }.map(\.amount.text)
        #expect(back == ["66.00", "132.00"])
    }

    @Test("a split is given before fees or after them; each part gives its share, and the parts add up")
    func split() throws {
        let desk = try Desk()
        try desk.get("rules.create", body: FeeTests.rule("1"))
        let second = try #require(
            desk.get(
                "accounts.create",
                body: [
                    "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS",
                    "name": "x",
                ])["accountNumber"]?.string)
        func body(_ first: String, _ rest: String) -> JSON {
            Desk.topup(
                extra: [
                    "type": "PURCHASE",
                    "destinations": [
                        Desk.accountNode("ARS", amount: first), Desk.accountNode("ARS", amount: rest, number: second),
                    ],
                ])
        }
        func parts(_ first: String, _ rest: String) throws -> [String?] {
            let payment = try desk.get("payments.create", body: body(first, rest))
            return payment["destinations"]?.array?.map { $0["amount"]?.string } ?? []
        }
        #expect(try parts("33.33", "66.67") == ["32.99", "66.01"])
        #expect(try parts("33.00", "66.00") == ["33.00", "66.00"])
        #expect(try desk.refusal("payments.create", body: body("33.00", "66.50")) == "400 11")
    }

    @Test("several fees are each named and together exact", arguments: 1...20 as ClosedRange<UInt64>)
    func rounding(seed: UInt64) throws {
        var dice = Dice(seed)
        let desk = try Desk()
        var percent = 0
        var fixed = 0
        for number in 0..<(1 + dice.roll(4)) {
            if dice.roll(3) == 0 {
                let fee = Money(minorUnits: Int128(dice.roll(300)), Currency("ARS"))
                fixed += Int(fee.minorUnits)
                try desk.get("rules.create", body: FeeTests.rule(fee.text, "FIXED", name: "f\(number)"))
            } else {
                let hundredths = dice.roll(2000)
                percent += hundredths
                let text = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
                try desk.get("rules.create", body: FeeTests.rule(text, name: "p\(number)"))
            }
        }
        for _ in 0..<30 {
            let cents = 2000 + dice.roll(1_000_000)
            let amount = Money(minorUnits: Int128(cents), Currency("ARS"))
            let payment = try desk.get("payments.create", body: Desk.topup(amount.text))
            let fees = try (payment["fees"]?.array ?? []).map { try Money($0["amount"]?.string ?? "", amount.currency) }
            let sum = fees.reduce(Money.zero(amount.currency)) { $0 + $1 }
            // Half up, from the definition.
            let expected = (cents * percent * 2 + 10_000) / 20_000 + fixed
            #expect(sum.minorUnits == Int128(expected), "seed \(seed): \(amount)")
            let left = amount - sum
            let total = try #require(left)
            #expect(payment["totalAmount"]?.string == total.text)
            // And back: the total leads to a purchase that leaves it.
            var body = try #require(Desk.topup().object)
            body["purchaseAmount"] = nil
            body["totalAmount"] = .string(total.text)
            let back = try desk.get("payments.create", body: .object(body))
            #expect(back["totalAmount"]?.string == total.text)
            let purchase = try Money(back["purchaseAmount"]?.string ?? "", amount.currency)
            #expect(purchase <= amount, "seed \(seed)")
        }
    }

    @Test("fee rules of an identity are taken by transaction type; a fixed one only in its own currency")
    func identityRules() throws {
        let desk = try Desk()
        func add(_ rule: JSON) throws { try desk.get("identities.add_fee", Desk.identity, body: rule) }
        try add(["type": "PERCENTAGE", "transactionType": "TOPUP_ACCOUNT", "amount": "10.00", "name": "tenth"])
        try add(["type": "FIXED", "transactionType": "TOPUP_ACCOUNT", "amount": "1.00", "currency": "BRL"])
        try add(["type": "PERCENTAGE", "transactionType": "P2P", "amount": "50.00"])
        let payment = try desk.get("payments.create", body: Desk.topup("100.00"))
        #expect(payment["fees"]?.array?.compactMap { $0["name"]?.string } == ["tenth"])
        #expect(payment["totalAmount"] == "90.00")
    }

    @Test(
        "a fee that could never be taken is refused when it is made",
        arguments: [
            (["type": "FIXED", "transactionType": "P2P", "amount": "1.00"], "400 12"),
            (["type": "FIXED", "transactionType": "P2P", "amount": "1.001", "currency": "ARS"], "400 11"),
            (["type": "PERCENTAGE", "transactionType": "P2P", "amount": "100"], "400 11"),
            (["type": "PERCENTAGE", "transactionType": "P2P", "amount": "-1"], "400 11"),
            (["type": "PERCENTAGE", "transactionType": "LUNCH", "amount": "1"], "400 11"),
        ] as [(JSON, String)])
    func refused(rule: JSON, code: String) throws {
        let desk = try Desk()
        #expect(try desk.refusal("identities.add_fee", Desk.identity, body: rule) == code)
        #expect(try desk.get("identities.get", Desk.identity)["rules"] == nil)
    }
}
