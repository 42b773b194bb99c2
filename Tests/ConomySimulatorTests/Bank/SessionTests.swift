import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct SessionTests {
    static func offer(_ change: JSONObject = [:]) -> JSON {
        var offer: JSONObject = [
            "checkoutToken": "spring", "currency": "CLP", "duration": 3600, "paymentMethodsAllowed": ["ETPAY", "CVU"],
            "owner": ["identityId": .string(Desk.identity)],
            "items": [["preTaxAmount": "1000", "totalAmount": "1000", "description": "Shoes"]],
            "destinations": [Desk.accountNode("CLP", amount: "1000")],
        ]
        for (key, value) in change.members { offer[key] = value }
        return .object(offer)
    }

    private func open(_ desk: Desk) throws -> String {
        try desk.id(desk.get("checkout_sessions.create", body: ["checkoutToken": "spring", "customer": Desk.payer]))
    }

    private func settle(_ desk: Desk, _ payment: String) throws {
        try desk.get("payments.capture", payment, body: [:])
        try desk.get("payments.simulate_received", body: ["id": .string(payment)])
        _ = try desk.status(payment)
    }

    @Test("of several sessions of a link one is paid")
    func once() throws {
        let desk = try Desk()
        let link = try desk.id(desk.get("payment_links.create", body: SessionTests.offer()))
        let (first, second) = (try open(desk), try open(desk))
        let payment = try desk.id(desk.get("checkout_sessions.pay", first, body: ["paymentMethod": "ETPAY"]))
        #expect(try desk.get("payment_links.get", link)["status"] == "PROCESSING_PAYMENT")
        #expect(try desk.refusal("checkout_sessions.pay", second, body: ["paymentMethod": "ETPAY"]) == "422 21")
        #expect(try desk.refusal("checkout_sessions.pay", first, body: ["paymentMethod": "ETPAY"]) == "422 21")
        #expect(try desk.refusal("checkout_sessions.delete", first) == "400 11")
        #expect(try desk.refusal("payment_links.open_session", "spring") == "422 21")
        try settle(desk, payment)
        #expect(try desk.get("payment_links.get", link)["status"] == "FINISHED")
        #expect(try desk.refusal("checkout_sessions.pay", second, body: ["paymentMethod": "ETPAY"]) == "422 21")
        #expect(try desk.refusal("payment_links.activate", link) == "422 21")
        #expect(try desk.refusal("payment_links.delete", link) == "422 21")
        #expect(try desk.get("payments.list", query: ["checkoutSessionId": first])["pagination"]?["total"] == 1)
        #expect(try desk.get("payments.list", query: ["checkoutSessionId": second])["pagination"]?["total"] == 0)
    }

    @Test("after a payment that failed the link is open again, and the session can be refreshed and paid")
    func again() throws {
        let desk = try Desk()
        let link = try desk.id(desk.get("payment_links.create", body: SessionTests.offer()))
        let session = try open(desk)
        let payment = try desk.id(desk.get("checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY"]))
        desk.simulator.fail(payment: payment)
        #expect(try desk.get("checkout_sessions.get", session)["status"] == "FAILED")
        #expect(try desk.get("payment_links.get", link)["status"] == "ACTIVE")
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY"]) == "422 21")
        #expect(try desk.get("checkout_sessions.refresh", "spring")["status"] == "ACTIVE")
        try settle(desk, desk.id(desk.get("checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY"])))
        #expect(try desk.get("checkout_sessions.get", session)["status"] == "FINISHED")
        #expect(try desk.funds("CLP").balance == "10001000")
    }

    @Test("a session ends with its link; a session of its own lives for its duration")
    func life() throws {
        let desk = try Desk()
        try desk.get("payment_links.create", body: SessionTests.offer())
        desk.simulator.advance(by: .seconds(1000))
        let session = try open(desk)
        let alone = try desk.id(
            desk.get("checkout_sessions.create", body: SessionTests.offer(["checkoutToken": "alone", "duration": 3000])))
        desk.simulator.advance(by: .seconds(2599))
        #expect(try desk.get("checkout_sessions.get", session)["status"] == "ACTIVE")
        desk.simulator.advance(by: .seconds(1))
        #expect(try desk.get("checkout_sessions.get", session)["status"] == "EXPIRED")
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY"]) == "422 21")
        #expect(try desk.get("checkout_sessions.get", alone)["status"] == "ACTIVE")
        desk.simulator.advance(by: .seconds(400))
        #expect(try desk.get("checkout_sessions.get", alone)["status"] == "EXPIRED")
        #expect(try desk.refusal("checkout_sessions.refresh", "spring") == "422 21")
        #expect(try desk.get("checkout_sessions.refresh", "alone")["status"] == "ACTIVE")
    }

    @Test("what an offer asks of its payer must be said")
    func requirements() throws {
        let desk = try Desk()
        try desk.get("payment_links.create", body: SessionTests.offer(["customerRequirements": ["phoneNumber", "email"]]))
        let session = try open(desk)
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY"]) == "400 12")
        try desk.get(
            "checkout_sessions.pay", session, body: ["paymentMethod": "ETPAY", "customer": ["phoneNumber": "11112222"]])
    }

    @Test("where a rate leads to the offer's currency it can be paid in another")
    func currencies() throws {
        let desk = try Desk { $0.exchangeRates = ["ARS:CLP": "0.8"] }
        try desk.get("payment_links.create", body: SessionTests.offer())
        let session = try open(desk)
        let configs = try desk.get("checkout_sessions.get", session)["paymentConfigs"]?.array ?? []
        #expect(configs.map { $0["product"]?.string } == ["CLP:CLP", "ARS:CLP"])
        #expect(configs.last?["exchangeRate"] == "0.8")
        #expect(configs.last?["paymentMethods"]?.array?.last?["purchaseAmount"] == "1250.00")
        #expect(configs.map { $0["paymentMethods"]?.array?.map { $0["enabled"] == true } } == [[true, false], [false, true]])
        let payment = try desk.get("checkout_sessions.pay", session, body: ["paymentMethod": "CVU"])
        #expect(payment["purchaseAmount"] == "1250.00")
        #expect(payment["totalAmount"] == "1000")
        try settle(desk, desk.id(payment))
        #expect(try desk.funds("CLP").balance == "10001000")
    }

    @Test("a session paid with origins takes the methods the offer has, and no other")
    func origins() throws {
        let desk = try Desk()
        try desk.get("payment_links.create", body: SessionTests.offer())
        let session = try open(desk)
        let fintoc: JSON = [["type": "FINTOC", "currency": "CLP", "fintoc": [:]]]
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["origins": fintoc]) == "400 11")
        let cvu: JSON = [["type": "CVU", "currency": "ARS", "cvu": [:]]]
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["origins": cvu]) == "400 11")
    }

    @Test("links and sessions are listed by their filters")
    func lists() throws {
        let desk = try Desk()
        for (token, currency) in [("a", "CLP"), ("b", "ARS"), ("c", "CLP")] {
            let change: JSONObject = [
                "checkoutToken": .string(token), "currency": .string(currency),
                "customer": ["email": .string("\(token)@example.com")],
                "paymentMethodsAllowed": ["CRYPTO"],
                "destinations": [Desk.accountNode(currency, amount: "1000")],
            ]
            try desk.get("payment_links.create", body: SessionTests.offer(change))
            try desk.get("payment_links.open_session", token)
            desk.simulator.advance(by: .seconds(1))
        }
        func tokens(_ name: String, _ query: [String: String]) throws -> [String] {
            try desk.get(name, query: query)["results"]?.array?.compactMap { $0["checkoutToken"]?.string } ?? []
        }
        #expect(try tokens("payment_links.list", [:]) == ["c", "b", "a"])
        #expect(try tokens("payment_links.list", ["destination.accountNumber": "\(Desk.account("ARS")),1"]) == ["b"])
        #expect(try tokens("payment_links.list", ["customer.email": "a@example.com,c@example.com"]) == ["c", "a"])
        #expect(try tokens("payment_links.list", ["owner.identityId": "nobody"]) == [])
        #expect(try tokens("payment_links.list", ["status": "EXPIRED,ACTIVE", "limit": "1", "offset": "1"]) == ["b"])
        #expect(try tokens("checkout_sessions.list", ["sort": "createdAt:asc"]) == ["a", "b", "c"])
        #expect(try tokens("checkout_sessions.list", ["accountNumber": Desk.account("CLP")]) == ["c", "a"])
        #expect(try tokens("checkout_sessions.list", ["identityId": Desk.identity, "limit": "2"]) == ["c", "b"])
        #expect(try tokens("checkout_sessions.list", ["startDate": "02/06/2026"]) == [])
    }
}
