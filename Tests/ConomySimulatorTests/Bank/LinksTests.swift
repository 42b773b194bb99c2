import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct LinksTests {
    private func offer(_ duration: Int) -> JSON {
        [
            "checkoutToken": "spring", "currency": "CLP", "duration": .integer(duration), "paymentMethodsAllowed": ["ETPAY"],
            "owner": ["identityId": .string(Desk.identity)],
            "items": [["preTaxAmount": "1000", "totalAmount": "1000", "description": "Shoes"]],
            "destinations": [Desk.accountNode("CLP", amount: "1000")],
        ]
    }

    @Test(
        "an offer that would outlive every timestamp is refused, for links and for sessions of their own",
        arguments: [Int.max, 9_223_372_036_854_775, 1_000_000_000_000])
    func endless(duration: Int) throws {
        let desk = try Desk()
        #expect(try desk.refusal("payment_links.create", body: offer(duration)) == "400 11")
        #expect(try desk.refusal("checkout_sessions.create", body: offer(duration)) == "400 11")
        #expect(try desk.get("payment_links.list")["pagination"]?["total"] == 0)
    }

    @Test("items whose sum no amount can hold are refused")
    func largeItems() throws {
        let desk = try Desk()
        var body = try #require(offer(60).object)
        let amount = JSON.string(String(repeating: "9", count: 38))
        body["items"] = .array(
            Array(repeating: ["preTaxAmount": amount, "totalAmount": amount, "description": "Moon"], count: 30))
        #expect(try desk.refusal("payment_links.create", body: .object(body)) == "400 11")
    }

    @Test("an offer may live a hundred years, and ends then")
    func longest() throws {
        let desk = try Desk()
        let link = try desk.id(desk.get("payment_links.create", body: offer(3_155_760_000)))
        desk.simulator.advance(by: .seconds(3_155_759_999))
        #expect(try desk.get("payment_links.get", link)["status"] == "ACTIVE")
        desk.simulator.advance(by: .seconds(1))
        #expect(try desk.get("payment_links.get", link)["status"] == "EXPIRED")
    }
}
