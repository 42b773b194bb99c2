import ExactJSON
import Testing

@testable import BursarEngine

@Suite("Identifiers of a rehearsal")
struct IdentifiersTests {
    @Test("are what an answer names that its request did not bring along")
    func made() {
        let made = Identifiers.made(
            in: [
                "id": "65b0a1000000000000000001", "parentPaymentId": "65b0a1000000000000000009", "status": "CREATED-AND-LONG",
                "origins": [["account": ["accountNumber": "200000000001"]]], "token": "short",
            ], notIn: ["path": ["id": "65b0a1000000000000000009"]])
        #expect(made == ["id": "65b0a1000000000000000001", "origins[1].account.accountNumber": "200000000001"])
    }

    @Test("come back wherever the real ones stand, and in no other text")
    func rehearsed() {
        let ids = Identifiers()
        ids.learn(
            ["id": "rehearsed-0001", "checkoutToken": "token-a-b-c-d"],
            from: ["id": "65b0a1aaaaaaaaaaaaaaaaaa", "checkoutToken": "9f3c-11-22"])
        #expect(ids.rehearsed("65b0a1aaaaaaaaaaaaaaaaaa") == "rehearsed-0001")
        #expect(ids.rehearsed(["reason": "of 65b0a1aaaaaaaaaaaaaaaaaa, ok"]) == ["reason": "of rehearsed-0001, ok"])
        #expect(ids.rehearsed("x-9f3c-11-22.") == "x-token-a-b-c-d.")
        #expect(ids.rehearsed("65b0a1aaaaaaaaaaaaaaaaaab") == "65b0a1aaaaaaaaaaaaaaaaaab")
        #expect(ids.rehearsed(["amount": "10.00", "n": 1]) == ["amount": "10.00", "n": 1])
        #expect(ids.real("rehearsed-0001") == "65b0a1aaaaaaaaaaaaaaaaaa")
        #expect(ids.real("other") == "other")
    }

    @Test("that the API does not give stay unknown")
    func missing() {
        let ids = Identifiers()
        ids.learn(["a.b[2].id": "rehearsed-0001"], from: ["a": ["b": [["id": "12345678"]]]])
        ids.learn(["id": "rehearsed-0002"], from: nil)
        #expect(ids.rehearsed("12345678") == "12345678")
    }
}
