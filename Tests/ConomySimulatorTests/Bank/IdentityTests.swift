import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct IdentityTests {
    private func person(_ change: JSONObject = [:]) throws -> JSON {
        var person = try #require(ErrorTableTests.person.object)
        for (key, value) in change.members { person[key] = value }
        return .object(person)
    }

    @Test("users share a document as long as e-mail or phone differs, an organization's is its own")
    func uniqueness() throws {
        let desk = try Desk()
        try desk.get("identities.create", body: person())
        #expect(try desk.refusal("identities.create", body: person()) == "409 13")
        #expect(try desk.refusal("identities.create", body: person(["name": "Eva"])) == "409 13")
        try desk.get("identities.create", body: person(["email": "b@example.com"]))
        try desk.get("identities.create", body: person(["phone": "+5491155550001"]))
        let shop: JSONObject = ["type": "ORGANIZATION", "documentNumber": "76000001-9", "email": "x@example.com"]
        #expect(try desk.refusal("identities.create", body: person(shop)) == "409 13")
        try desk.get("identities.create", body: person(["type": "ORGANIZATION", "documentNumber": "76000002-7"]))
    }

    @Test(
        "a phone is a plus and digits, and starts with its country's code",
        arguments: ["5491155550000", "+54 911 5555", "+", "+56911112222", "+54abc12345"])
    func phones(phone: String) throws {
        #expect(try Desk().refusal("identities.create", body: person(["phone": .string(phone)])) == "400 11")
    }

    @Test("a country that does not fit the phone is refused in a change too")
    func country() throws {
        let desk = try Desk()
        let id = try desk.id(desk.get("identities.create", body: person()))
        #expect(try desk.refusal("identities.update", id, body: ["country": "CHL"]) == "400 11")
        #expect(try desk.get("identities.get", id)["country"] == "ARG")
    }

    @Test("children are linked and unlinked, no identity is beneath itself, and a deleted child is nobody's")
    func children() throws {
        let desk = try Desk()
        let (a, b) = (
            try desk.id(desk.get("identities.create", body: person())),
            try desk.id(desk.get("identities.create", body: person(["documentNumber": "2"])))
        )
        func child(_ id: String) -> JSON { ["id": .string(id), "name": "x", "email": "x@example.com"] }
        func childrenOf(_ id: String) throws -> [String] {
            try desk.get("identities.get", id)["children"]?.array?.compactMap { $0["id"]?.string } ?? []
        }
        try desk.get("identities.add_children", Desk.identity, body: ["children": [.string(a), .string(a)]])
        try desk.get("identities.update", a, body: ["children": [child(b)]])
        #expect(try childrenOf(Desk.identity) == [a])
        #expect(try childrenOf(a) == [b])
        #expect(try desk.refusal("identities.add_children", a, body: ["children": [.string(a)]]) == "400 11")
        #expect(try desk.refusal("identities.add_children", b, body: ["children": [.string(a)]]) == "400 11")
        #expect(try desk.refusal("identities.update", b, body: ["children": [child(Desk.identity)]]) == "400 11")
        #expect(try desk.refusal("identities.add_children", a, body: ["children": ["nobody"]]) == "404 31")
        #expect(try desk.refusal("identities.remove_children", Desk.identity, body: ["children": [.string(b)]]) == "404 31")
        try desk.get("identities.delete", b)
        #expect(try childrenOf(a) == [])
        try desk.get("identities.remove_children", Desk.identity, body: ["children": [.string(a)]])
        #expect(try childrenOf(Desk.identity) == [])
    }

    @Test("permissions of one resource add up, and are removed by their reference")
    func permissions() throws {
        let desk = try Desk()
        func add(_ reference: String, _ names: [String]) throws {
            let scope: JSON = [
                "resource": "IDENTITY", "reference": .string(reference), "permissions": .array(names.map(JSON.string)),
            ]
            #expect(try desk.get("identities.add_permissions", Desk.identity, body: [scope]) == [:])
        }
        try add("a", ["account:read"])
        try add("a", ["account:read", "account:write"])
        try add("b", ["admin"])
        let held = try desk.get("identities.permissions", Desk.identity).array ?? []
        #expect(held.map { $0["permissions"] } == [["account:read", "account:write"], ["admin"]])
        try desk.get("identities.remove_permission", Desk.identity, "a")
        #expect(try desk.refusal("identities.remove_permission", Desk.identity, "a") == "404 31")
        #expect(try desk.get("identities.permissions", Desk.identity).array?.count == 1)
    }

    @Test("rules and switches that come with an identity are read as their own operations read them")
    func inline() throws {
        let desk = try Desk()
        let rules: JSON = [["type": "PERCENTAGE", "transactionType": "PURCHASE", "amount": "1.00"]]
        let made = try desk.get(
            "identities.create", body: person(["rules": rules, "securityOptions": ["twoFactorEnabled": true]]))
        #expect(made["securityOptions"] == ["twoFactorAuth": true])
        let rule = try #require(made["rules"]?.array?.first?["id"]?.string)
        #expect(try desk.get("identities.remove_fee", desk.id(made), rule)["rules"] == nil)
        let bad: JSON = [["type": "FIXED", "transactionType": "PURCHASE", "amount": "1.00"]]
        #expect(try desk.refusal("identities.update", desk.id(made), body: ["rules": bad]) == "400 12")
        let free = try desk.get("identities.create", body: person(["documentNumber": "9", "rules": nil]))
        #expect(free["rules"] == .null)
    }
}
