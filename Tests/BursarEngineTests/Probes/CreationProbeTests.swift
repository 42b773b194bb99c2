import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct CreationProbeTests {
    /// Looks after somebody else made `foreign`, and the call was not performed.
    private func look(_ call: Call, _ bench: Bench, after foreign: JSON, claimed: Bool = false) async throws -> String {
        let answer = bench.simulator.answer(try bench.call(call.operation.name, [], foreign))
        #expect(answer.isSuccess, "\(answer.body?.text() ?? "")")
        return try await bench.look(call, claimed: claimed ? [bench.id(answer.body ?? .null)] : []).word
    }

    @Test("a link that has the token is ours when it agrees, and never a second one's")
    func links() async throws {
        let bench = try Bench()
        let call = try bench.call("payment_links.create", [], Bench.offer())
        #expect(try await look(call, bench, after: Bench.offer("autumn")) == "absent")
        var other = Bench.offer().object ?? [:]
        other["duration"] = 60
        #expect(try await look(call, bench, after: .object(other)) == "unknown")
        #expect(try await look(call, Bench(), after: Bench.offer(), claimed: true) == "absent")
    }

    @Test("a fee rule that is nearly like ours stands in the way, one of another value does not")
    func rules() async throws {
        func rule(_ value: String, _ filter: String?, overwrites: Bool = false) -> JSON {
            var rule: JSONObject = [
                "type": "FEE", "identityId": .string(Bench.identity), "overwrites": .bool(overwrites),
                "feeRule": ["feeType": "PERCENTAGE", "value": .string(value)],
            ]
            rule["filter"] = filter.map { [["name": "currency", "value": .string($0)]] }
            return .object(rule)
        }
        let bench = try Bench()
        let call = try bench.call("rules.create", [], rule("2.5", "ARS"))
        #expect(try await look(call, bench, after: rule("2.6", "ARS")) == "absent")
        #expect(try await look(call, bench, after: rule("2.50", "ARS", overwrites: true)) == "absent")
        #expect(try await look(call, bench, after: rule("2.50", "CLP")) == "unknown")
        #expect(try await look(call, Bench(), after: rule("2.50", "ARS"), claimed: true) == "absent")
    }

    @Test("a second like rule of a job is not the first one")
    func twoRules() async throws {
        let bench = try Bench()
        let rule: JSON = [
            "type": "FEE", "identityId": .string(Bench.identity), "overwrites": false,
            "feeRule": ["feeType": "FIXED", "value": "1"],
        ]
        let call = try bench.call("rules.create", [], rule)
        let first = try bench.id(bench.simulator.answer(call).body ?? .null)
        let second = try bench.id(bench.simulator.answer(call).body ?? .null)
        #expect(try await bench.look(call).word == "unknown")
        #expect(try await bench.look(call, claimed: [first]).answer?.body?["id"]?.string == second)
    }

    @Test("fee rules of an identity: one like it is it, two are a question, a near one too")
    func fees() async throws {
        func fee(_ amount: String, _ description: String) -> JSON {
            [
                "type": "FIXED", "transactionType": "P2P", "amount": .string(amount), "currency": "ARS",
                "description": .string(description),
            ]
        }
        let bench = try Bench()
        let call = try bench.call("identities.add_fee", [Bench.identity], fee("10", "a"))
        _ = bench.simulator.answer(try bench.call("identities.add_fee", [Bench.identity], fee("11", "a")))
        #expect(try await bench.look(call).word == "absent")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call).word == "present")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call).word == "unknown")
        let near = try bench.call("identities.add_fee", [Bench.identity], fee("11.00", "b"))
        #expect(try await bench.look(near).word == "unknown")
    }

    @Test("a customer that a deposit made is not the one a call made")
    func customers() async throws {
        let bench = try Bench()
        let call = try bench.call("customers.create", [], Bench.payer)
        _ = try bench.deposited(document: "30111222")
        #expect(try await bench.look(call).word == "absent")
        let named = try Bench()
        var other = Bench.payer.object ?? [:]
        other["lastName"] = "Paz"
        #expect(try await look(call, named, after: .object(other)) == "unknown")
    }

    @Test("an identity with the document number and another reference is another one")
    func identities() async throws {
        let bench = try Bench()
        let call = try bench.call("identities.create", [], Bench.person("30111222", ["externalId": .string(Bench.stamp)]))
        var other = Bench.person("30111222", ["externalId": "other"]).object ?? [:]
        other["email"] = "eva@example.com"
        #expect(try await look(call, bench, after: .object(other)) == "absent")
        other["externalId"] = nil
        #expect(try await look(call, Bench(), after: .object(other)) == "unknown")
    }

    @Test("an account without a reference is left to a person when one like it is there")
    func accounts() async throws {
        func account(_ name: String, _ reference: String?) -> JSON {
            var body: JSONObject = [
                "identityId": .string(Bench.identity), "type": "SAVINGS", "custody": "BANK_ACCOUNT", "currency": "ARS",
                "name": .string(name),
            ]
            body["externalId"] = reference.map(JSON.string)
            return .object(body)
        }
        let bench = try Bench()
        let call = try bench.call("accounts.create", [], account("Reserve", Bench.stamp))
        #expect(try await look(call, bench, after: account("Till", nil)) == "absent")
        #expect(try await look(call, bench, after: account("Reserve", "other")) == "absent")
        #expect(try await look(call, bench, after: account("Reserve", nil)) == "unknown")
    }

    @Test("sessions of a link are one another's look-alikes, unless other effects made them")
    func sessions() async throws {
        let bench = try Bench()
        try bench.get("payment_links.create", body: Bench.offer())
        let call = try bench.call("payment_links.open_session", ["spring"])
        let first = try bench.id(bench.simulator.answer(call).body ?? .null)
        #expect(try await bench.look(call, claimed: [first]).word == "absent")
        let second = try bench.id(bench.simulator.answer(call).body ?? .null)
        #expect(try await bench.look(call).word == "unknown")
        #expect(try await bench.look(call, claimed: [first]).answer?.body?["id"]?.string == second)
        let named = try bench.call("checkout_sessions.create", [], ["checkoutToken": "spring", "customer": Bench.payer])
        #expect(try await bench.look(named, claimed: [first]).word == "unknown")
        let third = try bench.id(bench.simulator.answer(named).body ?? .null)
        #expect(try await bench.look(named, claimed: [first]).answer?.body?["id"]?.string == third)
    }

    @Test("a session's payment over another rail, a second one after one that failed, and a status without a payment")
    func pay() async throws {
        let bench = try Bench()
        let session = try bench.id(bench.get("checkout_sessions.create", body: Bench.offer()))
        let call = try bench.call("checkout_sessions.pay", [session], ["paymentMethod": "ETPAY", "customer": Bench.payer])
        let first = try bench.id(bench.simulator.answer(call).body ?? .null)
        let other = try bench.call("checkout_sessions.pay", [session], ["paymentMethod": "WEBPAY", "customer": Bench.payer])
        #expect(try await bench.look(other).word == "unknown")
        #expect(try await bench.look(other, claimed: [first]).word == "absent")
        bench.simulator.fail(payment: first)
        try bench.get("checkout_sessions.refresh", "spring")
        #expect(try await bench.look(call, claimed: [first]).word == "absent")
        let second = try bench.id(bench.simulator.answer(call).body ?? .null)
        #expect(try await bench.look(call, claimed: [first]).answer?.body?["id"]?.string == second)
        let empty = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            call.operation.name != "payments.list"
                ? answer : Answer(status: 200, body: ["pagination": ["count": 0, "total": 0], "results": []])
        }
        #expect(try await bench.look(call, reads: empty).word == "unknown")
    }

    @Test("a refresh is judged by the newest session of its token, and not where two are as new")
    func refresh() async throws {
        let bench = try Bench()
        let call = try bench.call("checkout_sessions.refresh", ["spring"])
        #expect(try await bench.look(call).word == "unknown")
        try bench.get("checkout_sessions.create", body: Bench.offer())
        #expect(try await bench.look(call).word == "present")
        bench.simulator.advance(by: .seconds(7200))
        #expect(try await bench.look(call).word == "absent")
        try bench.get("checkout_sessions.create", body: Bench.offer())
        #expect(try await bench.look(call).word == "present")
        try bench.get("checkout_sessions.create", body: Bench.offer())
        #expect(try await bench.look(call).word == "unknown")
    }

    @Test("a customer's document is known by its address; without one nothing tells it apart")
    func documents() async throws {
        let bench = try Bench()
        let id = try bench.id(bench.get("customers.create", body: Bench.payer))
        let call = try bench.call("customers.attach_document", [id], ["type": "kyc"])
        #expect(try await bench.look(call).word == "absent")
        _ = bench.simulator.answer(call)
        #expect(try await bench.look(call).word == "unknown")
        let other = try bench.call("customers.attach_document", [id], ["type": "invoice", "url": "https://example.com/b.pdf"])
        #expect(try await bench.look(other).word == "absent")
    }

    @Test("an attempt that has come true is found among the payments")
    func attempts() async throws {
        let bench = try Bench()
        let call = try bench.call("payment_attempts.create", [], Bench.topup("100.00", ["externalId": .string(Bench.stamp)]))
        let attempt = bench.simulator.answer(call).body ?? .null
        let code = try #require(attempt.at("origins[1].cvu.code")?.string)
        _ = bench.simulator.deposit(rail: "CVU", amount: try Money("100.00", Currency("ARS")), code: code)
        let reads = SpoiledReads(bench.simulator) { _, call, answer throws(CallFailure) in
            guard call.operation.name == "payment_attempts.list" else { return answer }
            return Answer(
                status: 200, body: ["data": [], "pagination": ["pagination": ["count": 0, "total": 0], "results": []]])
        }
        let found = try await bench.look(call, stamp: Bench.stamp, reads: reads)
        #expect(found.answer?.body?["id"] == attempt["id"], "\(found.story)")
    }
}
