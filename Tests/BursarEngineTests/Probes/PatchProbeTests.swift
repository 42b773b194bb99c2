import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct PatchProbeTests {
    private func look(_ operation: String, _ sent: JSON, shown: JSONObject) async throws -> String {
        let bench = try Bench()
        let reads = SpoiledReads(bench.simulator) { _, _, _ throws(CallFailure) in
            var object = shown
            object["id"] = "x"
            return Answer(status: 200, body: .object(object))
        }
        return try await bench.look(bench.call(operation, ["x"], sent), reads: reads).word
    }

    @Test("every field must read back; one that differs is enough to send it again, one that is not shown is not")
    func fields() async throws {
        let sent: JSON = ["firstName": "Eva", "address": ["street": "Sol", "zipcode": nil]]
        #expect(try await look("customers.update", sent, shown: ["firstName": "Eva", "address": ["street": "Sol"]]) == "present")
        #expect(try await look("customers.update", sent, shown: ["firstName": "Eva", "address": ["street": "Mar"]]) == "absent")
        #expect(try await look("customers.update", sent, shown: ["firstName": "Ana"]) == "absent")
        #expect(try await look("customers.update", sent, shown: ["firstName": "Eva"]) == "unknown")
        #expect(try await look("customers.update", ["lastName": nil], shown: ["lastName": "Diaz"]) == "absent")
        #expect(try await look("customers.update", ["lastName": nil], shown: [:]) == "present")
        #expect(try await look("customers.update", [:], shown: [:]) == "present")
    }

    @Test("an identity's children are the same in any order, and its two names of one switch are one")
    func identity() async throws {
        let sent: JSON = ["children": [["id": "b"], ["id": "a"]], "securityOptions": ["twoFactorEnabled": true]]
        let children: JSON = [["id": "a", "name": "A"], ["id": "b", "name": "B"]]
        #expect(
            try await look(
                "identities.update", sent, shown: ["children": children, "securityOptions": ["twoFactorAuth": true]]) == "present"
        )
        #expect(
            try await look(
                "identities.update", sent, shown: ["children": children, "securityOptions": ["twoFactorAuth": false]]) == "absent"
        )
        #expect(try await look("identities.update", ["children": [["id": "b"]]], shown: ["children": children]) == "absent")
        #expect(try await look("identities.update", ["children": []], shown: [:]) == "present")
    }

    @Test("amounts are compared as numbers, times as instants, everything else to the letter")
    func values() {
        func agreement(_ name: String, _ sent: String, _ shown: String) -> Agreement {
            Agreement(sent: .object([name: .string(sent)]), shown: .object([name: .string(shown)]))
        }
        #expect(agreement("purchaseAmount", "150", "150.00") == .same)
        #expect(agreement("amount", "150", "150.01") == .different)
        #expect(agreement("amount", "all", "150.01") == .different)
        #expect(agreement("externalId", "1", "1.0") == .different)
        #expect(agreement("expiresAt", "2026-04-17T14:37:44Z", "2026-04-17T11:37:44.000-03:00") == .same)
        #expect(agreement("name", "Ana", "ANA") == .different)
    }
}
