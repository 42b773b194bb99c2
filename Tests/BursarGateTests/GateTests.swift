import BursarGate
import ConomyAPI
import Testing

@Suite("The gate")
struct GateTests {
    func call(_ name: String) throws -> Call { Call(try #require(Catalogue.conomy[name])) }

    @Test("admits what no rule speaks against")
    func admits() throws {
        #expect(throws: Never.self) { try Gate([]).admit(call("payments.refund")) }
        #expect(throws: Never.self) { try Gate([EffectsAllowed(in: "production"), SandboxOnly()]).admit(call("payments.get")) }
    }

    @Test("the first rule that refuses is the answer")
    func order() throws {
        let gate = Gate([DeclaredEffects([]), EffectsAllowed(in: "production")])
        let refusal = #expect(throws: Gate.Refusal.self) { try gate.admit(call("payments.refund")) }
        #expect(refusal?.rule == "declared_effects")
    }

    @Test("a script may do what its job declares and nothing else")
    func declaredEffects() throws {
        let rule = DeclaredEffects(["payments.refund", "accounts.*"])
        #expect(try rule.refusal(of: call("payments.refund")) == nil)
        #expect(try rule.refusal(of: call("accounts.create")) == nil)
        #expect(try rule.refusal(of: call("payments.list")) == nil)
        #expect(try rule.refusal(of: call("payments.capture"))?.rule == "declared_effects")
        #expect(DeclaredEffects.pattern("payments.*", covers: "payment_links.create") == false)
    }

    @Test("an environment without effects lets reads pass only")
    func effectsAllowed() throws {
        #expect(try EffectsAllowed(in: "production").refusal(of: call("payments.create"))?.rule == "effects_not_allowed")
        #expect(try EffectsAllowed(in: "production").refusal(of: call("payments.list")) == nil)
    }

    @Test("what exists in the sandbox only is refused in production")
    func sandboxOnly() throws {
        #expect(try SandboxOnly().refusal(of: call("payments.simulate_received"))?.rule == "sandbox_only")
        #expect(try SandboxOnly().refusal(of: call("payments.capture")) == nil)
    }
}
