import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct WorldTests {
    @Test("the starter has one organization and eight accounts with money in them")
    func starter() throws {
        let desk = try Desk()
        #expect(try desk.get("accounts.list", query: ["identityId": Desk.identity])["pagination"]?["pagination"]?["total"] == 8)
        #expect(try desk.funds("CLP") == ("10000000", "10000000"))
    }

    @Test("a world's history stays as it is: a RECEIVED payment does not settle by itself, no money moves")
    func history() throws {
        let desk = try Desk(world: World.paying([.init("a", "RECEIVED"), .init("b", "SETTLED")]))
        desk.simulator.advance(by: .seconds(1_000_000))
        #expect(try desk.status("a") == "RECEIVED")
        #expect(try desk.funds("ARS").balance == "10000000.00")
        #expect(desk.simulator.ledger.isEmpty)
        try desk.get("payments.refund", "b", body: ["amount": "100.00"])
        #expect(try desk.funds("ARS").balance == "9999900.00")
    }

    @Test("earlier refunds of a world count against what is left")
    func earlierRefunds() throws {
        var parts = try #require(try World.paying([.init("b", "SETTLED")]).json.object)
        let refund: JSON = [
            "id": "r", "type": "REFUND", "status": "RECEIVED", "parentPaymentId": "b", "totalAmount": "60.00", "currency": "ARS",
            "createdAt": "2026-06-02T00:00:00Z",
        ]
        // A child may stand before its parent.
        parts["payments"] = .array([refund] + (parts["payments"]?.array ?? []))
        let desk = try Desk(world: try World(json: .object(parts)))
        #expect(try desk.refusal("payments.refund", "b", body: ["amount": "40.01"]) == "422 21")
        #expect(try desk.get("payments.refund", "b")["totalAmount"] == "40.00")
        #expect(try desk.get("refunds.list")["results"]?.array?.count == 2)
    }

    @Test(
        "an error names the place in the world",
        arguments: [
            ("identities", "id", nil, "the world's identities[1].id is missing"),
            ("accounts", "currency", "EURO", "the world's accounts[1].currency is EURO, which is not known"),
            ("accounts", "balance", "1,00", "the world's accounts[1].balance : \"1,00\" is not an amount"),
            (
                "accounts", "availableFunds", "10000001",
                "the world's accounts[1].availableFunds is 10000001 CLP, more than the balance"
            ),
            ("accounts", "identityId", "nobody", "the world's accounts[1].identityId is nobody, and there is no such identity"),
            ("payments", "status", "DONE", "the world's payments[1].status is DONE, which is no status"),
            ("payments", "accountNumber", "1", "the world's payments[1].accountNumber is 1, and there is no such account"),
            (
                "accounts", "availablefunds", "1",
                "the world's accounts[1].availablefunds is not known; did you mean availableFunds?"
            ),
            ("payments", "stauts", "SETTLED", "the world's payments[1].stauts is not known; did you mean status?"),
            ("payments", "createdAt", "yesterday", "the world's payments[1].createdAt is \"yesterday\""),
            ("payments", "parentPaymentId", "x", "the world's payments[1].parentPaymentId is x, and there is no such payment"),
        ] as [(String, String, String?, String)])
    func errors(part: String, member: String, value: String?, message: String) throws {
        var parts = try #require(try World.paying([.init("a", "SETTLED")]).json.object)
        var list = parts[part]?.array ?? []
        var object = try #require(list.first?.object)
        object[member] = value.map(JSON.string)
        list[0] = .object(object)
        parts[part] = .array(list)
        let world = try World(json: .object(parts))
        let error = #expect(throws: WorldError.self) { try Simulator(world: world) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("a part nobody knows and a document that is no world are refused")
    func shape() {
        #expect(throws: WorldError.self) { try World(parsing: "[]".utf8) }
        #expect(throws: WorldError.self) { try World(parsing: "{\"acounts\": []}".utf8) }
        #expect(throws: WorldError.self) { try World(parsing: "{\"clock\": \"noon\"}".utf8) }
        #expect(throws: WorldError.self) { try World(parsing: "{".utf8) }
    }

    @Test("a snapshot opens the same bank: what is held, what is due, links and sessions go on")
    func snapshot() throws {
        let desk = try Desk { $0.settlementDelay = .seconds(500) }
        let arriving = try desk.settled()
        let held = try desk.id(desk.get("payments.create", body: Desk.withdrawal("7.00")))
        let world = try World(parsing: desk.simulator.snapshot().json.bytes())
        let again = try Simulator(world: world)
        #expect(again.snapshot().json == desk.simulator.snapshot().json)
        again.advance(by: .seconds(500))
        let copy = again.copy()
        let get = try desk.call("payments.get", [arriving])
        #expect(again.answer(get).body?["status"] == "SETTLED")
        #expect(again.answer(try desk.call("payments.capture", [held])).status == 200)
        #expect(copy.answer(try desk.call("payments.get", [held])).body?["status"] == "CREATED")
        #expect(again.ledger.count == 2)
        #expect(copy.ledger.count == 1)
    }

    @Test("a bank that goes on from a snapshot with the same seed gives out no id twice")
    func freshIDs() throws {
        let desk = try Desk()
        let first = try desk.settled()
        let again = try Simulator(world: desk.simulator.snapshot(), options: SimulatorOptions(seed: 7))
        let next = again.answer(try desk.call("payments.create", [], Desk.topup()))
        #expect(next.body?["id"]?.string != first)
        // Even where the world does not say how far the seed was used up.
        var parts = try #require(desk.simulator.snapshot().json.object)
        parts["identifiers"] = nil
        let blind = try Simulator(world: try World(json: .object(parts)), options: SimulatorOptions(seed: 7))
        for _ in 0..<5 { #expect(blind.answer(try desk.call("payments.create", [], Desk.topup())).status == 200) }
        let page = blind.answer(try desk.call("payments.list"))
        let ids = page.body?["results"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(Set(ids).count == 6)
    }

    @Test("a bank opens again after accounts, and their owners, were deleted")
    func deleted() throws {
        let desk = try Desk()
        let person: JSON = [
            "name": "Ana", "email": "ana@example.com", "phone": "+5491155550000", "documentNumber": "30111222",
            "documentType": "DNI", "idv": "none",
        ]
        let owner = try JSON.string(desk.id(desk.get("identities.create", body: person)))
        let account = try desk.get(
            "accounts.create",
            body: ["identityId": owner, "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "EUR", "name": "x"])
        let number = try #require(account["accountNumber"]?.string)
        var ids: [String] = []
        for (from, to) in [(Desk.account("EUR"), number), (number, Desk.account("EUR"))] {
            let body: JSON = [
                "type": "P2P", "product": "EUR:EUR", "totalAmount": "5.00",
                "origins": [Desk.accountNode("EUR", number: from)], "destinations": [Desk.accountNode("EUR", number: to)],
            ]
            ids.append(try desk.id(desk.get("payments.create", body: body)))
            try desk.get("payments.capture", try #require(ids.last))
        }
        let offer: JSON = [
            "checkoutToken": "spring", "currency": "EUR", "duration": 3600, "paymentMethodsAllowed": ["CARD"],
            "owner": ["identityId": owner], "items": [["preTaxAmount": "1.00", "totalAmount": "1.00", "description": "x"]],
            "destinations": [Desk.accountNode("EUR", amount: "1.00", number: number)],
        ]
        try desk.get("payment_links.create", body: offer)
        try desk.get("payment_links.open_session", "spring")
        try desk.get("accounts.delete", desk.id(account))
        try desk.get("identities.delete", try #require(owner.string))
        let again = try Desk(world: desk.simulator.snapshot())
        #expect(again.simulator.snapshot().json == desk.simulator.snapshot().json)
        // Neither way is there an account to refund from, or to.
        for desk in [desk, again] {
            #expect(try desk.refusal("accounts.get", number) == "404 31")
            for id in ids { #expect(try desk.refusal("payments.refund", id) == "422 21") }
        }
    }
}
