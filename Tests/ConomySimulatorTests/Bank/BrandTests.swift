import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct BrandTests {
    @Test("while brands are off they are 404, whatever is asked")
    func off() throws {
        let desk = try Desk()
        #expect(try desk.refusal("organizations.brand", Desk.identity) == "404 31")
        #expect(try desk.refusal("organizations.update_brand", Desk.identity, body: ["primaryColor": "blue"]) == "404 31")
        #expect(try desk.refusal("organizations.delete_brand", Desk.identity) == "404 31")
    }

    @Test("a brand is none, is made by its first change, keeps what a change leaves out, and can be removed")
    func life() throws {
        let desk = try Desk { $0.brandPersistence = true }
        #expect(try desk.get("organizations.brand", Desk.identity)["brand"] == .null)
        let made = try desk.get("organizations.update_brand", Desk.identity, body: ["primaryColor": "#12aBcD"])["brand"]
        #expect(made?["displayName"] == "Starter Shop")
        #expect(made?["clientName"] == "starter-shop")
        let changed = try desk.get(
            "organizations.update_brand", Desk.identity, body: ["displayName": "Shop", "accentColor": nil])
        #expect(changed["brand"]?["primaryColor"] == "#12aBcD")
        #expect(changed["brand"]?["displayName"] == "Shop")
        let again = try Desk(world: desk.simulator.snapshot())
        #expect(try again.get("organizations.brand", Desk.identity) == changed)
        #expect(try again.get("identities.get", Desk.identity)["brand"] == nil)
        try desk.get("organizations.delete_brand", Desk.identity)
        #expect(try desk.get("organizations.brand", Desk.identity)["brand"] == .null)
        #expect(try desk.refusal("organizations.delete_brand", Desk.identity) == "404 31")
    }

    @Test(
        "a colour that is none is 422, another wrong value 400",
        arguments: [("primaryColor", "blue", "422 21"), ("textColor", "#12345", "422 21"), ("borderRadius", "round", "400 11")])
    func colours(member: String, value: String, code: String) throws {
        let desk = try Desk { $0.brandPersistence = true }
        #expect(
            try desk.refusal("organizations.update_brand", Desk.identity, body: .object([member: .string(value)])) == code)
        #expect(try desk.get("organizations.brand", Desk.identity)["brand"] == .null)
    }

    @Test("only organizations have brands")
    func users() throws {
        let desk = try Desk { $0.brandPersistence = true }
        let user = try desk.id(desk.get("identities.create", body: ErrorTableTests.person))
        #expect(try desk.refusal("organizations.brand", user) == "404 31")
    }
}
