import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@Suite struct MoneyInvariantTests {
    @Test("after every one of thousands of random calls the books balance, and what may not change has not changed")
    func books() throws {
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
            return try reopened(simulator, seed, &generator)
        }
        #expect(failure == nil)
    }

    @Test("the random calls reach every operation, with success and without")
    func reach() throws {
        var (performed, refused): (Set<String>, Set<String>) = ([], [])
        for seed: UInt64 in 1...120 {
            let simulator = try SmallBank.simulator(seed)
            var generator = CallGenerator(seed: seed, world: SmallBank.world)
            for _ in 0..<160 {
                let step = generator.next()
                let outcome = step.happen(to: simulator)
                generator.learn(step, outcome)
                guard case .call(let call) = step else { continue }
                if outcome.isRefused { refused.insert(call.operation.name) } else { performed.insert(call.operation.name) }
            }
        }
        let all = Catalogue.conomy.operations
        // The brand operations are off, and refuse everything.
        let silent = all.filter { !performed.contains($0.name) && !$0.name.hasPrefix("organizations.") }
        #expect(silent.map(\.name) == [], "never succeeded")
        #expect(all.filter { $0.effect != .read && !refused.contains($0.name) }.map(\.name) == [], "were never refused")
    }

    /// The state opens again as the same bank, and goes on as the first one does.
    private func reopened(_ simulator: Simulator, _ seed: UInt64, _ generator: inout CallGenerator) throws -> String? {
        let world = simulator.snapshot()
        let again: Simulator
        var options = SmallBank.options(seed)
        options.clock = nil
        do { again = try Simulator(world: world, options: options) } catch { return "its snapshot cannot be opened: \(error)" }
        if let place = difference(world.json, again.snapshot().json) { return "its snapshot opens as another bank: \(place)" }
        for _ in 0..<40 {
            let step = generator.next()
            let outcome = step.happen(to: simulator)
            let other = step.happen(to: again)
            generator.learn(step, outcome)
            // The members of an object may stand in another order.
            if outcome.answer?.status != other.answer?.status || outcome.answer?.body != other.answer?.body
                || outcome.payment != other.payment
            {
                return "opened again it answers otherwise: \(step)\n-> \(outcome)\n-> \(other)"
            }
        }
        let (first, second) = (simulator.snapshot().json, again.snapshot().json)
        return first == second ? nil : "opened again it went another way: \(difference(first, second) ?? "")"
    }
}
