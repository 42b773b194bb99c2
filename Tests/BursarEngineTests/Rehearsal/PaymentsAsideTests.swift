import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@testable import BursarEngine

@Suite("A rehearsal that sets payments aside")
struct PaymentsAsideTests {
    /// A rehearsal that keeps so few that nearly every call brings one back.
    private func rehearsal(_ bench: Bench, most: Int = 2) -> (Rehearsal, Overlay) {
        let rehearsal = Rehearsal(start: bench.simulator.now, seed: 7, mostPayments: most)
        return (rehearsal, Overlay(reads: ReadOnly(bench.simulator), rehearsal: rehearsal))
    }

    @Test("answers random refunds and reads as one that keeps all of them, and its lists are the same at the end")
    func agrees() async throws {
        let bench = try Bench()
        let ids = try (0..<12).map { try bench.settled("\(10 + $0).00") }
        let failure = try await fuzz(rounds: 8) { random in
            let (_, small) = rehearsal(bench)
            let (_, large) = rehearsal(bench, most: 1_000_000)
            var refunds: [String] = []
            for number in 0..<120 {
                let id = ids[Int(random.next() % UInt64(ids.count))]
                var call: Call
                switch random.next() % 6 {
                case 0: call = try bench.call("payments.get", [id])
                case 1: call = try bench.call("payments.refund_summary", [id])
                case 2 where !refunds.isEmpty:
                    call = try bench.call("payments.get", [refunds[Int(random.next() % UInt64(refunds.count))]])
                case 3:
                    call = try bench.call(
                        "payments.create", [], ["type": "REFUND", "parentPaymentId": .string(id), "totalAmount": "3.00"])
                default: call = try bench.call("payments.refund", [id], ["amount": "2.50"])
                }
                call.key = "step \(number)"
                let (given, wanted) = (try await small.perform(call), try await large.perform(call))
                guard given.status == wanted.status, given.body == wanted.body else {
                    return "\(number) \(call.operation.name): \(given.body?.text() ?? "") and not \(wanted.body?.text() ?? "")"
                }
                if let refund = given.body?["refundId"]?.string { refunds.append(refund) }
            }
            for name in ["payments.list", "refunds.list", "accounts.list"] {
                let call = try bench.call(name)
                let (given, wanted) = (try await small.perform(call), try await large.perform(call))
                if given.body != wanted.body { return "\(name) differs" }
            }
            return nil
        }
        #expect(failure == nil)
    }

    @Test("keeps few in its banks, however many it has refunded, and finds what was left of each")
    func few() async throws {
        let bench = try Bench()
        let ids = try (0..<60).map { _ in try bench.settled("10.00") }
        let (rehearsal, overlay) = rehearsal(bench, most: 8)
        for id in ids { #expect(try await overlay.perform(bench.call("payments.refund", [id], ["amount": "6.00"])).isSuccess) }
        for bank in [rehearsal.own, rehearsal.original] { #expect(ids.count { bank.has(.payments, $0) } <= 8) }
        for id in ids {
            #expect(try await overlay.perform(bench.call("payments.refund", [id], ["amount": "6.00"])).status == 422)
        }
        #expect(rehearsal.report.balances.map(\.balanceText) == ["-360.00"])
    }

    @Test("what many calls at once are busy with stays until they have ended")
    func together() async throws {
        let bench = try Bench()
        let ids = try (0..<40).map { _ in try bench.settled("10.00") }
        let (rehearsal, overlay) = rehearsal(bench)
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                for id in ids {
                    group.addTask {
                        let call = try? bench.call("payments.refund", [id], ["amount": "4.00"])
                        guard let call else { return 0 }
                        return (try? await overlay.perform(call))?.status ?? 0
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        // Two of 4.00 each are what 10.00 has room for.
        #expect(statuses == [201: 80, 422: 80])
        #expect(rehearsal.report.balances.map(\.balanceText) == ["-320.00"])
    }

    @Test("a call that may look at others has all of them at hand, and what an effect acted on is still known to be")
    func all() async throws {
        let bench = try Bench()
        let ids = try (0..<10).map { _ in try bench.settled("10.00") }
        let (rehearsal, overlay) = rehearsal(bench)
        for id in ids {
            var call = try bench.call("payments.refund", [id], ["amount": "1.00"])
            call.key = id
            _ = try await overlay.perform(call)
            #expect(rehearsal.findings.take(id).facts.count == 2)
        }
        #expect(!rehearsal.memory.hasActed(on: "payments/\(ids[0])"))
        let made = try await overlay.perform(bench.call("refunds.list")).body?["results"]?.array?.count
        #expect(made == 10)
        for id in ids {
            #expect(rehearsal.own.has(.payments, id) && rehearsal.memory.hasActed(on: "payments/\(id)"))
            var call = try bench.call("payments.refund", [id], ["amount": "1.00"])
            call.key = id
            _ = try await overlay.perform(call)
            // What it changed itself is no fact of the target's any more.
            #expect(rehearsal.findings.take(id).facts.isEmpty)
        }
    }
}
