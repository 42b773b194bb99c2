import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct RuleTests {
    private func fees(_ desk: Desk, _ body: JSON) throws -> [String] {
        try desk.get("payments.create", body: body)["fees"]?.array?.compactMap { $0["name"]?.string } ?? []
    }

    @Test(
        "a filter tests one field of the payment, and all of a rule's filters must be met",
        arguments: [
            ("paymentMethod", "CVU", "PCT"), ("currency", "ARS", "BRL"), ("purchaseCurrency", "ARS", "BRL"),
            ("transactionType", "TOPUP_ACCOUNT", "P2P"), ("country", "ARG", "CHL"), ("product", "ARS:ARS", "BRL:ARS"),
        ])
    func filters(name: String, match: String, other: String) throws {
        for (value, taken) in [(match, true), (other, false)] {
            let desk = try Desk()
            let condition: JSON = ["name": .string(name), "value": .string(value)]
            try desk.get("rules.create", body: FeeTests.rule("1", filter: [condition]))
            #expect(try fees(desk, Desk.topup()) == (taken ? ["Service"] : []), "\(name) is \(value)")
        }
        let desk = try Desk()
        let both: JSON = [
            ["name": .string(name), "value": .string(match)], ["name": "paymentMethod", "value": "SWIFT"],
        ]
        try desk.get("rules.create", body: FeeTests.rule("1", filter: both))
        #expect(try fees(desk, Desk.topup()) == (name == "paymentMethod" ? ["Service"] : []))
    }

    /// The starter's organization above a child above a grandchild that owns an account in ARS; the number of that account.
    private func family(_ desk: Desk) throws -> (child: String, grandchild: String, number: String) {
        func person(_ number: String) throws -> String {
            try desk.id(
                desk.get(
                    "identities.create",
                    body: [
                        "name": "A", "email": "a@example.com", "phone": "+5491155550000", "documentNumber": .string(number),
                        "documentType": "DNI", "idv": "none",
                    ]))
        }
        let (child, grandchild) = (try person("1"), try person("2"))
        try desk.get("identities.add_children", Desk.identity, body: ["children": [.string(child)]])
        try desk.get("identities.add_children", child, body: ["children": [.string(grandchild)]])
        let account = try desk.get(
            "accounts.create",
            body: [
                "identityId": .string(grandchild), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS", "name": "x",
            ])
        return (child, grandchild, try #require(account["accountNumber"]?.string))
    }

    @Test("rules are inherited by descendants, until one below overwrites them for the payments it matches")
    func inheritance() throws {
        let desk = try Desk()
        let (child, grandchild, number) = try family(desk)
        let topup = Desk.topup(extra: ["destinations": [Desk.accountNode("ARS", number: number)]])
        try desk.get("rules.create", body: FeeTests.rule("1", name: "top"))
        #expect(try fees(desk, topup) == ["top"])
        try desk.get("rules.create", body: FeeTests.rule("1", identity: child, name: "middle"))
        #expect(try fees(desk, topup) == ["middle", "top"])
        #expect(try fees(desk, Desk.topup()) == ["top"])
        let elsewhere: JSON = [["name": "transactionType", "value": "P2P"]]
        try desk.get(
            "rules.create", body: FeeTests.rule("1", identity: grandchild, filter: elsewhere, overwrites: true, name: "p2p"))
        #expect(try fees(desk, topup) == ["middle", "top"])
        let rule = try desk.id(
            desk.get("rules.create", body: FeeTests.rule("1", identity: child, overwrites: true, name: "instead")))
        #expect(try fees(desk, topup) == ["middle", "instead"])
        #expect(try fees(desk, Desk.topup()) == ["top"])
        try desk.get("rules.delete", rule)
        #expect(try fees(desk, topup) == ["middle", "top"])
        #expect(try desk.refusal("identities.add_children", grandchild, body: ["children": [.string(Desk.identity)]]) == "400 11")
    }

    @Test("the account that collects fees belongs to the top of the tree")
    func collector() throws {
        let desk = try Desk()
        let (_, _, number) = try family(desk)
        try desk.get("rules.create", body: FeeTests.rule("1"))
        let topup = Desk.topup(extra: ["destinations": [Desk.accountNode("ARS", number: number)]])
        let id = try desk.id(desk.get("payments.create", body: topup))
        try desk.get("payments.capture", id, body: [:])
        try desk.get("payments.simulate_received", body: ["id": .string(id)])
        let account = try desk.get("accounts.list", query: ["type": "FEE"])["pagination"]?["results"]?.array?.first
        #expect(account?["identityId"]?.string == Desk.identity)
    }

    private func allowing(_ key: String, _ values: [String], target: String = "TRANSACTION", identity: String = Desk.identity)
        -> JSON
    {
        [
            "type": "ALLOWED_VALUES", "target": .string(target), "identityId": .string(identity), "overwrites": false,
            "allowedValuesRule": ["key": .string(key), "allowedValues": .array(values.map(JSON.string))],
        ]
    }

    @Test("a payment with a value that is not allowed is 422, an attempt of it too")
    func allowed() throws {
        let desk = try Desk()
        let rule = try desk.id(desk.get("rules.create", body: allowing("paymentMethod", ["PCT", "SEPA"])))
        #expect(try desk.refusal("payments.create", body: Desk.topup()) == "422 21")
        #expect(try desk.refusal("payment_attempts.create", body: Desk.topup()) == "422 21")
        try desk.get("payments.create", body: Desk.withdrawal("1.00"))
        try desk.get("rules.delete", rule)
        try desk.get("payments.create", body: Desk.topup())
    }

    @Test("a rule for identities refuses a change and a child with other values")
    func identities() throws {
        let desk = try Desk()
        try desk.get("rules.create", body: allowing("country", ["CHL"], target: "IDENTITY"))
        #expect(try desk.refusal("identities.update", Desk.identity, body: ["country": "ARG"]) == "400 11")
        try desk.get("identities.update", Desk.identity, body: ["nickname": "shop"])
        let child = try desk.id(desk.get("identities.create", body: ErrorTableTests.person))
        #expect(try desk.refusal("identities.add_children", Desk.identity, body: ["children": [.string(child)]]) == "400 11")
        try desk.get("payments.create", body: Desk.topup())
    }

    @Test("a rule that could never apply is refused")
    func refused() throws {
        let desk = try Desk()
        #expect(try desk.refusal("rules.create", body: allowing("colour", ["blue"])) == "400 11")
        #expect(try desk.refusal("rules.create", body: FeeTests.rule("100")) == "400 11")
        #expect(try desk.refusal("rules.create", body: FeeTests.rule("1", identity: "nobody")) == "404 31")
        var fee = try #require(FeeTests.rule("1").object)
        fee["target"] = "IDENTITY"
        #expect(try desk.refusal("rules.create", body: .object(fee)) == "400 11")
        fee["target"] = nil
        fee["feeRule"] = nil
        #expect(try desk.refusal("rules.create", body: .object(fee)) == "400 12")
        #expect(try desk.get("rules.list")["pagination"]?["total"] == 0)
    }

    @Test("rules are listed by every filter, several values with commas")
    func list() throws {
        let desk = try Desk()
        let fee = try desk.id(desk.get("rules.create", body: FeeTests.rule("1")))
        let allowed = try desk.id(desk.get("rules.create", body: allowing("currency", ["ARS"])))
        func ids(_ query: [String: String]) throws -> [String] {
            try desk.get("rules.list", query: query)["results"]?.array?.compactMap { $0["id"]?.string } ?? []
        }
        #expect(try ids([:]) == [allowed, fee])
        #expect(try ids(["type": "FEE"]) == [fee])
        #expect(try ids(["type": "FEE,ALLOWED_VALUES", "target": "TRANSACTION", "owner": "CLIENT"]) == [allowed, fee])
        #expect(try ids(["id": "x,\(fee)"]) == [fee])
        #expect(try ids(["identityId": "nobody"]) == [])
        #expect(try ids(["next": allowed]) == [fee])
    }
}
