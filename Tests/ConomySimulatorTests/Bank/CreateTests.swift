import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct CreateTests {
    /// Each rule with a payment that breaks it and only it.
    static let broken: [(rule: String, change: JSONObject, code: String)] = [
        (
            "a rail that only pays out is no origin",
            ["origins": [["type": "BREB", "currency": "ARS", "breb": ["bankId": "1", "accountNumber": "2"]]]], "400 11"
        ),
        (
            "a top-up goes to an account", ["destinations": [["type": "CRYPTO", "currency": "ARS", "wallet": ["address": "x"]]]],
            "400 11"
        ),
        (
            "a top-up goes to one account",
            ["destinations": [Desk.accountNode("ARS", amount: "50.00"), Desk.accountNode("ARS", amount: "50.00")]], "400 11"
        ),
        ("a rail carries its own currency", ["origins": [["type": "ETPAY", "currency": "ARS", "etpay": [:]]]], "400 11"),
        ("the product agrees with the currencies", ["product": "CLP:ARS"], "400 11"),
        ("a node is in the currency of its side", ["destinations": [Desk.accountNode("CLP")]], "400 11"),
        (
            "an account is in the currency of its node", ["destinations": [Desk.accountNode("ARS", number: Desk.account("CLP"))]],
            "400 11"
        ),
        ("an account exists", ["destinations": [Desk.accountNode("ARS", number: "999")]], "404 31"),
        ("an amount is more than zero", ["purchaseAmount": "0.00"], "400 11"),
        ("an amount has no more decimals than its currency", ["purchaseAmount": "1.001"], "400 11"),
        ("both amounts are equal without conversion", ["totalAmount": "99.00"], "400 11"),
        ("a node carries the whole", ["destinations": [Desk.accountNode("ARS", amount: "99.00")]], "400 11"),
        ("only the payload of the type is there", ["origins": [["type": "CVU", "currency": "ARS", "pix": [:]]]], "400 11"),
        ("an expiry lies ahead", ["expiresAt": "2020-01-01T00:00:00Z"], "400 11"),
        ("an identity exists", ["identityId": "nobody"], "404 31"),
        ("the account belongs to the identity", ["accountNumber": "999"], "404 31"),
        ("fees are the platform's", ["type": "FEE"], "403 43"),
        (
            "required fields of the rail are there",
            [
                "origins": [
                    [
                        "type": "PCT", "currency": "ARS",
                        "pct": ["successUrl": "https://a.example/", "failedUrl": "https://a.example/"],
                    ]
                ]
            ], "400 12"
        ),
    ]

    @Test("a payment that breaks one rule is refused, holds nothing and is not there", arguments: broken)
    func rules(rule: String, change: JSONObject, code: String) throws {
        let desk = try Desk()
        #expect(try desk.refusal("payments.create", body: Desk.topup(extra: change)) == code, "\(rule)")
        #expect(try desk.get("payments.list")["pagination"]?["total"] == 0)
        #expect(try desk.funds("ARS") == ("10000000.00", "10000000.00"))
    }

    @Test("money leaves an account only for its owner")
    func ownership() throws {
        let desk = try Desk()
        let other = try desk.get(
            "identities.create",
            body: [
                "name": "B", "email": "b@example.com", "phone": "+56911110000", "documentNumber": "2", "documentType": "RUT",
                "idv": "x",
            ])
        var body = try #require(Desk.withdrawal("1.00").object)
        body["identityId"] = other["id"]
        #expect(try desk.refusal("payments.create", body: .object(body)) == "403 43")
        body["accountNumber"] = .string(Desk.account("EUR"))
        #expect(try desk.refusal("payments.create", body: .object(body)) == "400 11")
    }

    @Test("American rails may name their account number in both documented places")
    func bothPlaces() throws {
        let desk = try Desk()
        for place in [["bank": ["accountNumber": "9"]], ["accountNumber": "9"]] as [JSONObject] {
            var ach: JSONObject = [
                "routingNumber": "021000021", "accountType": "CHECKING", "accountHolderType": "BUSINESS", "customer": Desk.payer,
            ]
            for (key, value) in place.members { ach[key] = value }
            try desk.get(
                "payments.create",
                body: [
                    "type": "WITHDRAWAL_ACCOUNT", "product": "USD:USD", "totalAmount": "5.00",
                    "origins": [Desk.accountNode("USD")],
                    "destinations": [["type": "ACH", "currency": "USD", "ach": .object(ach)]],
                ])
        }
    }

    @Test("an amount that is too large to be converted is refused")
    func hugeConversion() throws {
        let desk = try Desk { $0.exchangeRates = ["ARS:CLP": "123456789.123"] }
        let body: JSON = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "900000000000.00",
            "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("CLP")],
        ]
        #expect(try desk.refusal("payments.create", body: body) == "422 21")
    }

    @Test("a payment across currencies follows the rate, rounded half up, and the ledger shows both sides")
    func conversion() throws {
        let desk = try Desk { $0.exchangeRates = ["ARS:CLP": "0.945"] }
        let body: JSON = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "100.00",
            "origins": [["type": "CVU", "currency": "ARS"]],
            "destinations": [Desk.accountNode("CLP")],
        ]
        let payment = try desk.get("payments.create", body: body)
        #expect(payment["totalAmount"] == "95")
        let id = try desk.id(payment)
        try desk.get("payments.capture", id)
        try desk.get("payments.simulate_received", body: ["id": .string(id)])
        try desk.get("payments.refund", id, body: ["amount": "40"])
        try desk.get("payments.refund", id, body: ["amount": "55"])
        #expect(try desk.funds("CLP").balance == "10000000")
        let back = desk.simulator.ledger.filter { $0.to == "external:CVU" }.map(\.amount.text)
        #expect(back == ["42.10", "57.90"])
    }

    @Test("without a rate a payment across currencies says both amounts")
    func noRate() throws {
        let desk = try Desk()
        var body: JSONObject = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "100.00",
            "origins": [["type": "CVU", "currency": "ARS"]],
            "destinations": [Desk.accountNode("CLP")],
        ]
        #expect(try desk.refusal("payments.create", body: .object(body)) == "422 21")
        body["totalAmount"] = "90"
        #expect(try desk.get("payments.create", body: .object(body))["currency"] == "CLP")
    }

    @Test("a repeated externalId is 409 where the options ask for it")
    func externalIDs() throws {
        let body = Desk.topup(extra: ["externalId": "order-1"])
        let strict = try Desk { $0.rejectsRepeatedExternalIDs = true }
        try strict.get("payments.create", body: body)
        #expect(try strict.refusal("payments.create", body: body) == "409 13")
        let lenient = try Desk()
        try lenient.get("payments.create", body: body)
        try lenient.get("payments.create", body: body)
    }

    @Test("a payment at the review threshold waits for the review")
    func review() throws {
        let desk = try Desk { $0.reviewThresholds = ["ARS": "100.00"] }
        #expect(try desk.get("payments.create", body: Desk.topup("99.99"))["status"] == "CREATED")
        let gated = try desk.get("payments.create", body: Desk.topup("100.00"))
        #expect(gated["status"] == "REQUIRES_REVIEW")
        #expect(gated["documentationStatus"] == "PENDING_UPLOAD")
        let answer = try desk.get(
            "payments.resolve_review", try desk.id(gated), body: ["decision": "REJECTED", "rejectionReason": "no"])
        #expect(answer["status"] == "FAILED")
    }

    @Test("the same seed and the same calls give the same answers, another seed other ids")
    func determinism() throws {
        func run(_ seed: UInt64) throws -> String {
            let desk = try Desk { $0.seed = seed }
            let id = try desk.settled()
            return try desk.get("payments.refund", id, body: ["amount": "1.00"]).text()
        }
        #expect(try run(3) == run(3))
        #expect(try run(3) != run(4))
    }

    @Test("amounts and durations that nothing can count with are refused, wherever they stand")
    func tooLarge() throws {
        let desk = try Desk { $0.exchangeRates = ["USD:CLP": "999999999999"] }
        let huge = JSON.string(String(repeating: "9", count: 38))
        #expect(try desk.refusal("payments.create", body: Desk.topup(huge.string ?? "")) == "400 11")
        let parts: JSON = [
            ["type": "ACCOUNT", "currency": "ARS", "amount": huge, "account": ["accountNumber": .string(Desk.account("ARS"))]],
            ["type": "ACCOUNT", "currency": "ARS", "amount": huge, "account": ["accountNumber": .string(Desk.account("ARS"))]],
        ]
        let split = Desk.topup("1.00", extra: ["type": "PURCHASE", "destinations": parts])
        #expect(try desk.refusal("payments.create", body: split) == "400 11")
        let card: JSON = ["type": "CARD", "currency": "USD", "card": ["token": "t"]]
        let exchange: JSON = [
            "type": "PURCHASE", "product": "USD:CLP", "purchaseAmount": "1000000000.00", "origins": [card],
            "destinations": [Desk.accountNode("CLP")],
        ]
        #expect(try desk.refusal("payments.create", body: exchange) == "422 21")
        var offer: JSONObject = [
            "checkoutToken": "spring", "currency": "CLP", "duration": 3600, "paymentMethodsAllowed": ["ETPAY"],
            "owner": ["identityId": .string(Desk.identity)],
            "items": [
                [
                    "preTaxAmount": huge, "totalAmount": huge, "description": "x",
                    "tax": ["name": "x", "type": "FIXED", "value": "1", "amount": huge],
                ]
            ],
            "destinations": [Desk.accountNode("CLP", amount: "1")],
        ]
        #expect(try desk.refusal("payment_links.create", body: .object(offer)) == "400 11")
        offer["items"] = [["preTaxAmount": "1", "totalAmount": "1", "description": "x"]]
        offer["duration"] = 9_223_372_036_854_775
        #expect(try desk.refusal("payment_links.create", body: .object(offer)) == "400 11")
        #expect(desk.simulator.deposit(rail: "CVU", amount: Money(minorUnits: .max, Currency("ARS"))) == nil)
    }
}
