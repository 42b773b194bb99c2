import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

/// One bank is asked in memory, its twin over HTTP. Both opened with one world, one seed and one clock, so that every id, trace
/// and token of one has to be that of the other: nothing is mapped and nothing left out of the comparison.
///
/// Signing in is a call of the contract too, and draws what it draws on both sides. What the door refuses before there is a call
/// (broken JSON, a path that is none) has no counterpart in memory and is not asked for here; `DoorTests` has it.
@Suite struct TwoWaysTests {
    @Test("in memory and over HTTP every call gets the same answer, to the byte, and leaves the same bank")
    func agree() async throws {
        let failure = try await fuzz(rounds: 4) { random in
            let seed = random.next()
            let near = try SmallBank.simulator(seed)
            let far = try SmallBank.simulator(seed)
            let steps = random.next()
            return try await Wire.serve(far) { wire in try await compare(near, far, &wire, steps) }
        }
        #expect(failure == nil)
    }

    private func compare(_ near: Simulator, _ far: Simulator, _ wire: inout Wire, _ seed: UInt64) async throws -> String? {
        var generator = CallGenerator(seed: seed, world: SmallBank.world)
        var tokenEnds = near.now
        var log: [(Step, Outcome)] = []
        for _ in 0..<150 {
            if near.now >= tokenEnds {
                let answer = near.answer(Wire.signIn)
                if let found = difference(answer, try await wire.ask(Wire.signIn)) { return "signing in: \(found)" }
                wire.token = answer.body?["accessToken"]?.string ?? ""
                tokenEnds = near.now.adding(milliseconds: 3_600_000)
            }
            let step = generator.next()
            let outcome = step.happen(to: near)
            generator.learn(step, outcome)
            log.append((step, outcome))
            if let found = try await follow(step, outcome, far, wire) {
                let last = log.suffix(10).map { "  \($0.0)\n    -> \($0.1)" }.joined(separator: "\n")
                return "\(found)\nthe last steps in memory were\n\(last)"
            }
        }
        return difference(near.snapshot().json, far.snapshot().json)
    }

    /// The same step over HTTP; what is different about it.
    private func follow(_ step: Step, _ outcome: Outcome, _ far: Simulator, _ wire: Wire) async throws -> String? {
        switch step {
        case .call(let call):
            guard let answer = outcome.answer else { return nil }
            return difference(answer, try await wire.ask(call))
        case .advance(let seconds):
            let answer = try await wire.send("POST", "/_sim/clock", ["advanceSeconds": .integer(seconds)])
            return answer.status == 200 ? nil : "the clock: \(answer)"
        case .deposit(let rail, let amount, let code, let originator, let reference):
            // A refusal of the control endpoints draws a trace, and one in memory has none.
            guard let id = outcome.payment else { return step.happen(to: far).payment.map { "deposit \($0)" } }
            var body: JSONObject = [
                "rail": .string(rail), "amount": .string(amount.text), "currency": .string(amount.currency.code),
            ]
            body["code"] = code.map(JSON.string)
            body["originator"] = originator
            body["reference"] = reference.map(JSON.string)
            let answer = try await wire.send("POST", "/_sim/deposits", .object(body))
            return answer.body == ["paymentId": .string(id)] ? nil : "the deposit: \(answer)"
        case .fail(let id):
            guard outcome.payment != nil else { return step.happen(to: far).payment.map { "failed \($0)" } }
            let answer = try await wire.send("POST", "/_sim/payments/\(percentEncoded(id))/fail", nil)
            return answer.status == 200 ? nil : "the failing rail: \(answer)"
        }
    }

    private func difference(_ near: Answer, _ far: Answer) -> String? {
        guard near.status == far.status, near.body?.text() == far.body?.text() else {
            return
                "in memory \(near.status) \(near.body?.text() ?? "nothing"), over HTTP \(far.status) \(far.body?.text() ?? "nothing")"
        }
        return nil
    }

    private func difference(_ a: JSON, _ b: JSON) -> String? {
        ConomySimulatorTests.difference(a, b).map { "the banks differ: \($0)" }
    }
}
