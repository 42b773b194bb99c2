import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@testable import BursarEngine

/// A rehearsal over a bank, and the same calls made to a copy of that bank. Both draw the ids of a call from the same seed, so that
/// every id of one has to be that of the other.
@Suite struct RehearsalAgreementTests {
    @Test("a rehearsal finds what the bank itself would have answered, and leaves the bank as it was")
    func agree() async throws {
        let failure = try await fuzz(rounds: 12) { random in try await disagreement(&random) }
        #expect(failure == nil)
    }

    func disagreement(_ random: inout FuzzRandom) async throws -> String? {
        let seed = random.next()
        let bank = try bank(seed, random.next())
        let before = state(bank)
        let found = try await compare(bank, random.next())
        return found ?? (state(bank) == before ? nil : "the bank has changed")
    }

    /// All of a bank but how far its seed was used up: a refused read draws a trace.
    private func state(_ bank: Simulator) -> JSON {
        var world = bank.snapshot().json.object ?? [:]
        world["identifiers"] = nil
        return .object(world)
    }

    /// A bank with a past, in which nothing is about to happen by itself that no answer shows.
    private func bank(_ seed: UInt64, _ past: UInt64) throws -> Simulator {
        var options = SmallBank.options(seed)
        // Nobody can read which external ids were used.
        options.rejectsRepeatedExternalIDs = false
        let bank = try Simulator(world: SmallBank.world, options: options)
        var generator = CallGenerator(seed: past, world: SmallBank.world)
        for number in 0..<200 {
            // What was announced has come, or has ended; what is made after that lives on.
            if number == 150 { bank.advance(by: .seconds(400_000)) }
            let step = generator.next()
            if number >= 150, case .advance = step { continue }
            generator.learn(step, step.happen(to: bank))
        }
        bank.advance(by: .seconds(200))
        return bank
    }

    private func compare(_ bank: Simulator, _ seed: UInt64) async throws -> String? {
        let twin = bank.copy()
        let world = bank.snapshot()
        let rehearsal = Rehearsal(start: bank.now, seed: seed, knowing: .settings(world.json["settings"] ?? [:]))
        let overlay = Overlay(reads: ReadOnly(bank), rehearsal: rehearsal)
        var generator = CallGenerator(seed: seed, world: world, name: "r")
        generator.spoils = false
        var log: [String] = []
        for number in 0..<150 {
            let step = generator.next()
            switch step {
            case .deposit, .fail: continue
            case .advance(let seconds):
                // Beyond that the bank's own objects, which nobody read, come to their end.
                if seconds > 20 { continue }
                rehearsal.advance(by: .seconds(seconds))
                twin.advance(by: .seconds(seconds))
                log.append("\(step)")
            case .call(var call):
                // What can be paid with what is the target's word alone.
                if call.operation.resource == "payment_methods" { continue }
                call.key = "step \(number)"
                let wanted = twin.answer(call, seed: rehearsal.seed(of: "step \(number)"))
                let given = try await overlay.perform(call)
                log.append("\(step)\n    -> \(Outcome(answer: wanted))")
                generator.learn(step, Outcome(answer: wanted))
                // What is due happens in both now, so that nothing the platform makes by itself is drawn from a call's seed.
                _ = (twin.balances, rehearsal.own.balances)
                if let found = difference(call, wanted, given) {
                    return "\(found)\nthe last steps were\n  \(log.suffix(12).joined(separator: "\n  "))"
                }
            }
        }
        return nil
    }

    private func difference(_ call: Call, _ wanted: Answer, _ given: Answer) -> String? {
        guard wanted.status == given.status else {
            return
                "\(call.operation.name) is \(given.status) \(given.body?.text() ?? ""), not \(wanted.status) \(wanted.body?.text() ?? "")"
        }
        let (wanted, given) = (comparable(call, wanted.body ?? .null), comparable(call, given.body ?? .null))
        return wanted == given ? nil : "\(call.operation.name) answers\n\(given.text())\nand not\n\(wanted.text())"
    }

    private func comparable(_ call: Call, _ body: JSON) -> JSON {
        guard var object = body.object else { return body }
        object["traceId"] = nil
        // Rows that were changed keep their place; only the order of creation is followed.
        if call.query.contains(where: { $0.name == "sort" && !$0.value.hasPrefix("createdAt") }) {
            return object["pagination"]?["total"] ?? .null
        }
        // The platform makes accounts for its fees by itself, with ids of their own. What was made at one instant has no order that
        // an answer tells, but for payments.
        let rows = object["results"]?.array ?? object["data"]?.array ?? object["pagination"]?["results"]?.array
        if let rows, !["payments", "refunds"].contains(call.operation.resource) {
            return .array(rows.filter { $0["type"] != "FEE" }.sorted { $0["id"]?.string ?? "" < $1["id"]?.string ?? "" })
        }
        // The sum of what waits is of one currency, and which one that is changes with what is assigned.
        if call.operation.name.hasSuffix(".unassigned") {
            object["totalAmount"] = nil
            object["currency"] = nil
        }
        return .object(object)
    }
}
