import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

/// What holds for every probe, tried with at least one call of each operation.
@Suite struct EveryProbeTests {
    @Test("every write of the contract has a probe or a reason why it can have none, and not both")
    func table() {
        let writes = Set(Catalogue.conomy.operations.filter { $0.effect != .read }.map(\.name))
        let probed = Probes.all.map(\.operation)
        #expect(probed.count == Set(probed).count)
        #expect(Set(probed).isDisjoint(with: Probes.impossible.keys))
        #expect(Set(probed).union(Probes.impossible.keys) == writes)
        #expect(Set(Scenario.all.map(\.operation)) == Set(probed))
    }

    @Test("what was performed is found, with an answer a script can use", arguments: Scenario.all)
    func present(_ scenario: Scenario) async throws {
        let bench = try scenario.bench()
        let call = try scenario.prepare(bench)
        let own = bench.simulator.answer(call)
        #expect(own.isSuccess, "\(own.body?.text() ?? "")")
        let finding = try await bench.look(call, stamp: scenario.stamp)
        let answer = try #require(finding.answer, "\(finding.story)")
        #expect(answer.status == own.status)
        if let schema = call.operation.answers[answer.status] ?? nil {
            #expect(SchemaChecker(.answer).check(answer.body ?? .null, schema) == [])
        }
        for (member, value) in own.body?.object?.members ?? [] where !scenario.lost.contains(member) {
            if scenario.moved.contains(member) {
                #expect(answer.body?[member] != nil, "\(member)")
            } else {
                #expect(answer.body?[member] == value, "\(member)")
            }
        }
        #expect((own.body == nil) == (answer.body == nil))
    }

    @Test("what was not performed is absent, or unknown where nothing shows it", arguments: Scenario.all)
    func absent(_ scenario: Scenario) async throws {
        let bench = try scenario.bench()
        let call = try scenario.prepare(bench)
        let finding = try await bench.look(call, stamp: scenario.stamp)
        #expect(finding.word == scenario.before, "\(finding.story)")
    }

    @Test("a read that fails is never taken for absence, whichever it is and however it fails", arguments: Scenario.all)
    func failures(_ scenario: Scenario) async throws {
        for isPerformed in [false, true] {
            let bench = try scenario.bench()
            let call = try scenario.prepare(bench)
            if isPerformed { _ = bench.simulator.answer(call) }
            let counter = SpoiledReads(bench.simulator) { _, _, answer throws(CallFailure) in answer }
            _ = try await bench.look(call, stamp: scenario.stamp, reads: counter)
            #expect(counter.reads > 0)
            for number in 1...counter.reads {
                for spoil in Spoil.allCases {
                    let reads = SpoiledReads(bench.simulator) { current, call, answer throws(CallFailure) in
                        // A page that was short or empty is followed by others: only a list that stays so is incomplete.
                        let isSpoilt = current == number || (current > number && spoil.isOfLists)
                        return isSpoilt ? try spoil(call, answer) : answer
                    }
                    let finding = try await bench.look(call, stamp: scenario.stamp, reads: reads)
                    // There is nothing to cut from an empty list, and nothing to rename in one.
                    guard reads.spoilt > 0 else { continue }
                    #expect(finding.word != "absent", "\(spoil) at read \(number): \(finding.story)")
                }
            }
        }
    }
}
