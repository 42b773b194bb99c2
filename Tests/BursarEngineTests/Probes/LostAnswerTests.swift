import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

/// The bank is told to lose an answer, before or after it acted: the probe says which.
@Suite struct LostAnswerTests {
    private static let moments = ["before", "after"]

    @Test(
        "a lost answer is told from a call that never arrived",
        arguments: Scenario.all.filter { $0.before == "absent" }, moments)
    func lost(_ scenario: Scenario, _ moment: String) async throws {
        for fault in ["close", "reset", "stall"] {
            let bench = try scenario.bench()
            let call = try scenario.prepare(bench)
            try bench.simulator.order(
                Fault.list([["operation": .string(scenario.operation), "fault": .string(fault), "when": .string(moment)]]))
            await #expect(throws: CallFailure.self) { try await bench.simulator.perform(call) }
            let finding = try await bench.look(call, stamp: scenario.stamp)
            #expect(finding.word == (moment == "after" ? "present" : "absent"), "\(fault) \(moment): \(finding.story)")
        }
    }

    @Test("a bank that answers everything with a fault is never believed to have done nothing", arguments: Scenario.all)
    func down(_ scenario: Scenario) async throws {
        let faults: [JSON] = [
            ["operation": "*", "fault": "status", "status": 503], ["operation": "*", "fault": "status", "status": 404],
            ["operation": "*", "fault": "close"], ["operation": "*", "fault": "truncate"],
            ["operation": "*", "fault": "expire_token"],
            ["operation": "*", "fault": "refuse"],
        ]
        for fault in faults {
            let bench = try scenario.bench()
            let call = try scenario.prepare(bench)
            let orders = try Fault.list([fault])
            bench.simulator.order(orders)
            let finding = try await bench.look(call, stamp: scenario.stamp)
            #expect(finding.word != "absent", "\(fault.text()): \(finding.story)")
        }
    }
}
