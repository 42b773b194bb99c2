import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@Suite struct MoneyInvariantTests {
    @Test("after every one of thousands of random calls the books balance, and what may not change has not changed")
    func books() throws {
        var performed: Set<String> = []
        let failure = try fuzz(rounds: 16) { random in
            let seed = random.next()
            let simulator = try SmallBank.simulator(seed)
            var bank = AuditedBank(simulator)
            var generator = CallGenerator(seed: random.next(), world: SmallBank.world)
            for _ in 0..<160 {
                let step = generator.next()
                let outcome = try bank.apply(step, compares: random.once(in: 4))
                generator.learn(step, outcome)
                if let complaint = bank.complaint { return complaint }
            }
            bank.close()
            if let complaint = bank.complaint { return complaint }
            performed.formUnion(bank.performed)
            return try reopened(simulator, seed)
        }
        #expect(failure == nil)
        // Those whose flag is off refuse everything.
        let all = Catalogue.conomy.operations.map(\.name).filter { !$0.hasPrefix("organizations.") }
        #expect(all.filter { !performed.contains($0) } == [], "never succeeded")
    }

    /// The state opens again as the same bank.
    private func reopened(_ simulator: Simulator, _ seed: UInt64) throws -> String? {
        let world = simulator.snapshot()
        let again: Simulator
        var options = SmallBank.options(seed)
        options.clock = nil
        do { again = try Simulator(world: world, options: options) } catch { return "its snapshot cannot be opened: \(error)" }
        return difference(world.json, again.snapshot().json).map { "its snapshot opens as another bank: \($0)" }
    }
}
