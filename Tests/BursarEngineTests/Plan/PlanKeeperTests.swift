import ConomyAPI
import ConomyClient
import ExactJSON
import Synchronization
import Testing

@testable import BursarEngine

@Suite("An applied plan")
struct PlanKeeperTests {
    /// Answers from a table, and counts what it is asked.
    private final class Bank: Performer {
        private let state: Mutex<(answers: [String: Answer], calls: [String])>

        init(_ answers: [String: Answer] = [:]) { state = Mutex((answers, [])) }

        var calls: [String] { state.withLock { $0.calls } }
        func set(_ target: String, _ body: JSON, status: Int = 200) {
            state.withLock { $0.answers[target] = Answer(status: status, body: body) }
        }

        func perform(_ call: Call) async throws(CallFailure) -> Answer {
            try state.withLock { state throws(CallFailure) in
                state.calls.append("\(call.operation.method.rawValue) \(call.target)")
                guard let answer = state.answers[call.target] else {
                    throw CallFailure(.unreachable, code: "none", "nothing is known of \(call.target)")
                }
                return answer
            }
        }
    }

    private static func refund(_ payment: String, _ amount: String = "10.00") throws -> Call {
        let refund = try #require(Catalogue.conomy["payments.refund"])
        var call = Call(
            refund, pathParameters: ["id": payment], body: ["amount": .string(amount), "reason": "\u{E9}\n"],
            money: ["amount": try Money(amount, Currency("ARS"))])
        call.key = "r/\(payment)/payments.refund#1"
        call.row = "r/\(payment)"
        return call
    }

    private func keeper(_ bank: Bank, recorded: Set<String> = []) throws -> (keeper: PlanKeeper, applied: AppliedPlan) {
        let applied = AppliedPlan(PlanFile(try PlanFileTests.plan()))
        let mayHaveHappened: @Sendable (String) -> Bool = { recorded.contains($0) }
        let facts = FactCheck(applied.file.plan, reads: bank, identifiers: applied.identifiers, mayHaveHappened: mayHaveHappened)
        return (
            PlanKeeper(next: bank, applied: applied, facts: facts, redaction: .init(), mayHaveHappened: mayHaveHappened), applied
        )
    }

    private func bank() -> Bank {
        Bank([
            "/payments/p1": Answer(status: 200, body: ["status": "SETTLED"]),
            "/payments/p9": Answer(status: 404, body: nil),
            "/payments/p1/refund": Answer(status: 200, body: ["refundId": "real-0001"]),
        ])
    }

    private func failure(_ keeper: PlanKeeper, _ call: Call) async throws -> CallFailure {
        do throws(CallFailure) {
            _ = try await keeper.perform(call)
        } catch { return error }
        throw Expected()
    }

    private struct Expected: Error {}

    @Test("does what was planned once its facts hold")
    func planned() async throws {
        let bank = bank()
        let (keeper, applied) = try keeper(bank)
        #expect(try await keeper.perform(PlanKeeperTests.refund("p1")).isSuccess)
        #expect(bank.calls == ["GET /payments/p1", "GET /payments/p9", "POST /payments/p1/refund"])
        #expect(applied.report.settled == 1 && applied.missing == [])
        #expect(applied.identifiers.rehearsed("real-0001") == "refund-0001")
    }

    @Test("answers what was declined or refused without asking the bank")
    func notToBeDone() async throws {
        let bank = bank()
        let (keeper, _) = try keeper(bank)
        #expect(try await keeper.perform(PlanKeeperTests.refund("p2")).status == 422)
        let refusal = try await failure(keeper, PlanKeeperTests.refund("p3"))
        #expect(refusal.code == "most_per_effect" && refusal.kind == .refused)
        #expect(bank.calls == [])
    }

    @Test("ends at an effect that is not planned, comes twice, or differs")
    func others() async throws {
        let bank = bank()
        let (keeper, _) = try keeper(bank)
        for call in try [PlanKeeperTests.refund("p4"), PlanKeeperTests.refund("p1", "10.01")] {
            let failure = try await failure(keeper, call)
            #expect(PlanKeeper.isEnd(failure.code), "\(failure)")
        }
        #expect(bank.calls == [])
        let (second, _) = try self.keeper(bank)
        _ = try await second.perform(PlanKeeperTests.refund("p1"))
        let twice = try await failure(second, PlanKeeperTests.refund("p1"))
        #expect(PlanKeeper.isEnd(twice.code))
    }

    @Test("sets an effect aside whose facts have changed, with before and after")
    func drift() async throws {
        let bank = bank()
        bank.set("/payments/p1", ["status": "REFUNDED"])
        let (keeper, applied) = try keeper(bank)
        let drift = try await failure(keeper, PlanKeeperTests.refund("p1"))
        #expect(drift.code == "drifted" && !PlanKeeper.isEnd(drift.code))
        #expect(drift.message.contains("SETTLED") && drift.message.contains("REFUNDED"), "\(drift.message)")
        #expect(applied.report.drifted == 1 && applied.missing == [])
        #expect(!bank.calls.contains("POST /payments/p1/refund"))
    }

    @Test("notices an object that was not there, and is")
    func appeared() async throws {
        let bank = bank()
        bank.set("/payments/p9", ["status": "CREATED"])
        let (keeper, _) = try keeper(bank)
        #expect(try await failure(keeper, PlanKeeperTests.refund("p1")).message.contains("was not there"))
    }

    @Test("does not send where facts cannot be read, and reads them again for the next one")
    func unreadable() async throws {
        let bank = Bank()
        let (keeper, applied) = try keeper(bank)
        #expect(try await failure(keeper, PlanKeeperTests.refund("p1")).kind == .unreachable)
        #expect(applied.report.settled == 0)
        #expect(bank.calls == ["GET /payments/p1"])
    }

    @Test("does not read again what its own earlier run has changed")
    func resumed() async throws {
        let bank = bank()
        bank.set("/payments/p1", ["status": "REFUNDED"])
        let (keeper, _) = try keeper(bank, recorded: ["r/p1/payments.refund#1"])
        #expect(try await keeper.perform(PlanKeeperTests.refund("p1")).isSuccess)
        #expect(bank.calls == ["POST /payments/p1/refund"])
    }

    @Test("knows which of its effects never came")
    func missing() async throws {
        let (_, applied) = try keeper(bank())
        #expect(applied.missing == ["r/p1/payments.refund#1"])
    }
}
