import BursarGate
import Synchronization
import Testing

@testable import BursarEngine

@Suite("The guard before production")
struct ProductionGuardTests {
    private func target(_ policy: String = "", name: String = "production") throws -> TargetEnvironment {
        let text = "environments:\n  production:\n    account: Tienda Austral\n\(policy)"
        return try TargetEnvironment(named: name, in: Configuration(text: text, path: "bursar.yaml"))
    }

    /// The rule that refuses, and what was shown.
    private func ask(_ guarded: ProductionGuard, typed: String?? = nil) async -> (rule: String?, shown: [String]) {
        let shown = Mutex<[String]>([])
        var read: (@Sendable (String) async -> String?)?
        if let typed {
            read = { prompt in
                shown.withLock { $0.append(prompt) }
                return typed
            }
        }
        let consent = guarded.consent(show: { text in shown.withLock { $0.append(text) } }, read: read)
        let first = await consent?.refusal()
        // It is asked once.
        #expect(await consent?.refusal() == first)
        return (first?.rule, shown.withLock { $0 })
    }

    @Test("at a terminal the account's name has to be typed, after all there is to know was shown")
    func terminal() async throws {
        let guarded = ProductionGuard(
            try target("    policy: {most_per_day: {ARS: \"100.00\"}}\n"), clientIDEnd: "9f3a")
        let (rule, shown) = await ask(guarded, typed: "Tienda Austral")
        #expect(rule == nil && shown.count == 2)
        for word in ["production", "Tienda Austral", "https://api.conomyhq.com", "9f3a", "most_per_day 100.00 ARS"] {
            #expect(shown[0].contains(word), "\(shown)")
        }
        for wrong in ["", "production", "tienda austral", "y"] {
            #expect(await ask(guarded, typed: wrong).rule == "not_confirmed")
        }
        #expect(await ask(guarded, typed: .some(nil)).rule == "not_confirmed")
    }

    @Test("without a terminal it takes an approved plan, or a policy that says unattended")
    func noTerminal() async throws {
        #expect(await ask(ProductionGuard(try target(), clientIDEnd: nil)).rule == "unattended")
        #expect(await ask(ProductionGuard(try target(), clientIDEnd: nil, hasApprovedPlan: true)).rule == nil)
        let unattended = try target("    policy: {unattended: true}\n")
        #expect(await ask(ProductionGuard(unattended, clientIDEnd: nil)).rule == nil)
    }

    @Test("no other environment is asked about")
    func others() async throws {
        let (rule, shown) = await ask(ProductionGuard(try target(name: "sandbox"), clientIDEnd: nil))
        #expect(rule == nil && shown.isEmpty)
    }
}
