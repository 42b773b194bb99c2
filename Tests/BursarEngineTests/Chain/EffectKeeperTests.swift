import BursarJournal
import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite("Effects that are recorded")
struct EffectKeeperTests {
    func failure(_ body: () async throws -> Answer) async throws -> CallFailure {
        do {
            let answer = try await body()
            Issue.record("it was answered with \(answer.status) \(answer.body?.text() ?? "")")
            return CallFailure(.invalid, code: "none", "")
        } catch { return try #require(error as? CallFailure) }
    }

    @Test("what an earlier run settled is answered from the record, and nothing is sent")
    func settled() async throws {
        let desk = try KeptDesk()
        let (first, keeper) = try await desk.run()
        let answer = try await first.perform(try desk.refund(0))
        #expect(answer.isSuccess && !answer.isRecorded)
        try await desk.end(keeper)
        let (second, _) = try await desk.run()
        let again = try await second.perform(try desk.refund(0))
        #expect(again.isRecorded && again.status == answer.status && again.body == answer.body)
        #expect(desk.target.writes.count == 1)
    }

    @Test(
        "an answer that was lost after the bank acted is found, with or without a reference of Bursar's",
        arguments: [nil, "order 7"])
    func lostAfter(reason: String?) async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after)
        let (keeper, _) = try await desk.run()
        let answer = try await keeper.perform(try desk.refund(0, reason: reason))
        #expect(answer.isSuccess && answer.body?["refundId"]?.string != nil)
        #expect(try desk.refunded(0) == 1 && desk.target.writes.count == 1)
    }

    @Test("a call that was lost before the bank acted is sent again, after it was looked for")
    func lostBefore() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.before, .before)
        let (keeper, _) = try await desk.run()
        #expect(try await keeper.perform(try desk.refund(0)).isSuccess)
        #expect(try desk.refunded(0) == 1 && desk.target.writes.count == 3)
    }

    @Test(
        "an answer that names what another effect made says nothing: the effect is looked for, and sent where it had not happened",
        arguments: [true, false], [true, false])
    func misnamed(acts: Bool, inOneRun: Bool) async throws {
        let desk = try KeptDesk()
        var (keeper, jobKeeper) = try await desk.run()
        let made = try #require(try await keeper.perform(try desk.refund(0)).body?["refundId"]?.string)
        if !inOneRun {
            try await desk.end(jobKeeper)
            (keeper, jobKeeper) = try await desk.run()
        }
        desk.target.lose(.misnamed(made, acts: acts))
        let own = try await keeper.perform(try desk.refund(1)).body?["refundId"]?.string
        #expect(own != nil && own != made)
        #expect(try desk.refunded(1) == 1 && desk.target.writes.count == (acts ? 2 : 3))
        #expect(jobKeeper.job?.openEffects == [])
    }

    @Test("a decision that was taken back claims nothing any more")
    func takenBack() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after, .after)
        desk.target.failReads(true)
        let (keeper, jobKeeper) = try await desk.run()
        for number in 0...1 {
            #expect(try await failure { try await keeper.perform(try desk.refund(number)) }.kind == .inDoubt)
        }
        try await desk.end(jobKeeper)
        let made = try [0, 1].map { number in
            let answer = desk.target.bank.answer(try KeptDesk.call("payments.refund_summary", desk.payments[number]))
            return try #require(answer.body?["refunds"]?.array?.first?["id"]?.string)
        }
        let key = try #require(try desk.refund(0).key)
        for id in [made[1], made[0]] {
            _ = try await desk.journal.resolve(key: key, job: nil, Attempt(.resolve, .settled, result: id, answer: "{}"))
        }
        desk.target.failReads(false)
        let (second, _) = try await desk.run()
        #expect(try await second.perform(try desk.refund(1)).body?["refundId"]?.string == made[1])
        #expect(desk.target.writes.count == 2)
    }

    @Test("what the API said it did, and what the bank does not have, is not sent again before a person has decided")
    func answeredAndMissing() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.misnamed("65b0a1000000000000000888", acts: false))
        let (first, jobKeeper) = try await desk.run()
        #expect(try await first.perform(try desk.refund(0)).isSuccess)
        let job = try #require(jobKeeper.job)
        #expect(job.settledCount == 1)
        job.doubt(1, "the bank has no 65b0a1000000000000000888")
        #expect(job.settledCount == 0 && job.openEffects == [1])
        try await desk.end(jobKeeper)
        let (second, again) = try await desk.run()
        let doubt = try await failure { try await second.perform(try desk.refund(0)) }
        #expect(doubt.kind == .inDoubt && doubt.message.contains("the API said once that it had happened"), "\(doubt.message)")
        #expect(desk.target.writes.count == 1)
        try await desk.end(again)
        let key = try #require(try desk.refund(0).key)
        _ = try await desk.journal.resolve(key: key, job: nil, Attempt(.resolve, .absent, detail: "looked"))
        let (third, _) = try await desk.run()
        #expect(try await third.perform(try desk.refund(0)).isSuccess)
        #expect(try desk.refunded(0) == 1 && desk.target.writes.count == 2)
    }

    @Test("a refund that is answered with the payment's own id is looked for")
    func namesItsParent() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.misnamed(desk.payments[0], acts: true))
        let (keeper, _) = try await desk.run()
        let own = try await keeper.perform(try desk.refund(0)).body?["refundId"]?.string
        #expect(own != nil && own != desk.payments[0] && desk.target.writes.count == 1)
    }

    @Test("what fits an effect in doubt, and is recorded as another's that it does not fit, is no proof that it did not happen")
    func doubtfulClaim() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after)
        desk.target.failReads(true)
        let (keeper, jobKeeper) = try await desk.run()
        let lost = try desk.refund(0, "20.00", reason: "order 7")
        #expect(try await failure { try await keeper.perform(lost) }.kind == .inDoubt)
        // The bank gives what it made to another effect, and does nothing for that one.
        let answer = desk.target.bank.answer(try KeptDesk.call("payments.refund_summary", desk.payments[0]))
        desk.target.lose(.misnamed(try #require(answer.body?["refunds"]?.array?.first?["id"]?.string), acts: false))
        var call = try desk.refund(0, "10.00", reason: "order 8")
        call.key = "refunds/another/payments.refund#1"
        let other = call
        #expect(try await keeper.perform(other).isSuccess)
        try await desk.end(jobKeeper)
        desk.target.failReads(false)
        let (second, _) = try await desk.run()
        let doubt = try await failure { try await second.perform(lost) }
        #expect(doubt.kind == .inDoubt && doubt.message.contains("which it does not fit"), "\(doubt.message)")
        #expect(try desk.refunded(0) == 1 && desk.target.writes.count == 2)
    }

    @Test("the same amount of the same payment by another job is refused whatever its reason, and another amount is not")
    func otherReason() async throws {
        let desk = try KeptDesk()
        let (first, _) = try await desk.run()
        let (one, again) = (try desk.refund(0, reason: "order 7"), try desk.refund(0, reason: "order 8"))
        let more = try desk.refund(0, "20.00", reason: "order 8")
        #expect(try await first.perform(one).isSuccess)
        let (second, _) = try await desk.run("others")
        let refused = try await failure { try await second.perform(again) }
        #expect(refused.code == "repeated_effect" && refused.message.contains("--allow-repeat"))
        let (third, _) = try await desk.run("third")
        #expect(try await third.perform(more).isSuccess)
        #expect(try desk.refunded(0) == 2)
    }

    @Test("of two equal effects in doubt and one of them at the bank, one is adopted and the other is sent")
    func equalEffects() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after, .before)
        let (keeper, _) = try await desk.run { $0.job.allowRepeat = true }
        var other = try desk.refund(0, reason: "same")
        other.key = "refunds/another/payments.refund#1"
        let second = other
        let first = try desk.refund(0, reason: "same")
        async let one = keeper.perform(first)
        async let two = keeper.perform(second)
        let ids = try await [one, two].map { $0.body?["refundId"]?.string }
        #expect(Set(ids).count == 2 && !ids.contains(nil))
        #expect(try desk.refunded(0) == 2)
    }

    @Test("what may have happened is not sent once more under another key of the same job")
    func triedAgain() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after)
        desk.target.failReads(true)
        let (keeper, _) = try await desk.run()
        #expect(try await failure { try await keeper.perform(try desk.refund(0)) }.kind == .inDoubt)
        var again = try desk.refund(0)
        again.key = "refunds/another/payments.refund#1"
        let second = again
        let refused = try await failure { try await keeper.perform(second) }
        #expect(refused.kind == .refused && refused.code == "repeated_effect" && desk.target.writes.count == 1)
    }

    @Test("declined on its second sending because the first had arrived after all: adopted, not declined")
    func arrivedLate() async throws {
        let desk = try KeptDesk()
        // All of the payment: a second one finds nothing left to refund.
        let call = try desk.refund(2, "100.00")
        desk.target.lose(.late)
        let (keeper, _) = try await desk.run()
        let answer = try await keeper.perform(call)
        #expect(answer.isSuccess && answer.body?["refundId"]?.string != nil)
        #expect(try desk.refunded(2) == 1 && desk.target.writes.count == 2)
    }

    @Test("a call that comes to nothing three times is given up for this run, as known not to have happened")
    func lostForEver() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.before, .before, .before)
        let (keeper, jobKeeper) = try await desk.run()
        let failure = try await failure { try await keeper.perform(try desk.refund(0)) }
        #expect(failure.kind == .unreachable && desk.target.writes.count == 3)
        #expect(jobKeeper.job?.openEffects == [])
    }

    @Test("a look that fails proves nothing: in doubt, not sent again, and found by the next run")
    func failedLook() async throws {
        let desk = try KeptDesk()
        desk.target.lose(.after)
        desk.target.failReads(true)
        let (first, jobKeeper) = try await desk.run()
        let failure = try await failure { try await first.perform(try desk.refund(0)) }
        #expect(failure.kind == .inDoubt && desk.target.writes.count == 1)
        #expect(jobKeeper.job?.openEffects.count == 1)
        try await desk.end(jobKeeper)
        desk.target.failReads(false)
        let (second, _) = try await desk.run()
        #expect(try await second.perform(try desk.refund(0)).isSuccess)
        #expect(try desk.refunded(0) == 1 && desk.target.writes.count == 1)
    }

    @Test(
        "a run that ended between intent and outcome is taken up: what had happened is adopted, what had not is sent",
        arguments: [true, false])
    func cutOff(hadHappened: Bool) async throws {
        let desk = try KeptDesk()
        let (_, jobKeeper) = try await desk.run()
        let call = try desk.refund(1)
        let job = try #require(jobKeeper.job)
        let stamp = Stamp.make(job: job.job.fingerprint, key: try #require(call.key))
        let intended = try await job.intend(
            Intent(
                key: try #require(call.key), row: call.row, operation: "payments.refund", object: call.objectID, stamp: stamp,
                amount: nil,
                request: call.record.text(.canonical), location: nil, mustNotRepeat: true))
        guard case .recorded = intended else { throw KeptDesk.AlreadyDone() }
        if hadHappened { _ = desk.target.bank.answer(Stamp.put(stamp, into: "reason", of: call)) }
        try await desk.end(jobKeeper)
        let (second, _) = try await desk.run()
        let answer = try await second.perform(call)
        #expect(answer.isSuccess)
        #expect(try desk.refunded(1) == 1 && desk.target.writes.count == (hadHappened ? 0 : 1))
    }

    @Test("a call that differs from the record stops the run with both, and nothing is sent")
    func differs() async throws {
        let desk = try KeptDesk()
        let (first, jobKeeper) = try await desk.run()
        _ = try await first.perform(try desk.refund(0, "10.00"))
        try await desk.end(jobKeeper)
        let (second, again) = try await desk.run()
        let failure = try await failure { try await second.perform(try desk.refund(0, "12.00")) }
        #expect(failure.kind == .journal && failure.code == "differs")
        #expect(
            failure.message.contains("10.00") && failure.message.contains("12.00") && failure.message.contains("refund.lua:11"))
        try await desk.end(again)
        // Accepted, it stays as it was.
        let (third, _) = try await desk.run { $0.job.acceptChanges = true }
        #expect(try await third.perform(try desk.refund(0, "12.00")).isRecorded)
        #expect(try desk.refunded(0) == 1)
    }

    @Test("what the API declined is not sent again, unless that is asked for")
    func declined() async throws {
        let desk = try KeptDesk()
        let (first, jobKeeper) = try await desk.run()
        #expect(try await first.perform(try desk.refund(0, "1000.00")).status == 422)
        try await desk.end(jobKeeper)
        let (second, again) = try await desk.run()
        let replayed = try await second.perform(try desk.refund(0, "1000.00"))
        #expect(replayed.status == 422 && replayed.isRecorded && desk.target.writes.count == 1)
        try await desk.end(again)
        let (third, _) = try await desk.run { $0.job.retryDeclined = true }
        #expect(try await third.perform(try desk.refund(0, "1000.00")).isRecorded == false)
        #expect(desk.target.writes.count == 2)
    }

    @Test("what another job did to the same object is refused, unless that is allowed")
    func repeated() async throws {
        let desk = try KeptDesk()
        let (first, jobKeeper) = try await desk.run("one")
        _ = try await first.perform(try desk.refund(0))
        try await desk.end(jobKeeper)
        let (second, again) = try await desk.run("two")
        let failure = try await failure { try await second.perform(try desk.refund(0)) }
        #expect(failure.kind == .refused && failure.code == "repeated_effect" && failure.message.contains("one"))
        // Another amount is another effect.
        #expect(try await second.perform(try desk.refund(0, "11.00")).isSuccess)
        try await desk.end(again)
        let (third, _) = try await desk.run("three") { $0.job.allowRepeat = true }
        #expect(try await third.perform(try desk.refund(0)).isSuccess)
        #expect(try desk.refunded(0) == 3)
    }

    @Test("a write carries a reference of Bursar's only where the script gave none")
    func stamps() throws {
        let desk = try KeptDesk()
        #expect(Stamp.field(in: try desk.refund(0)) == "reason")
        #expect(Stamp.field(in: try desk.refund(0, reason: "")) == "reason")
        #expect(Stamp.field(in: try desk.refund(0, reason: "order 7")) == nil)
        #expect(Stamp.field(in: try KeptDesk.call("payments.create", body: ["type": "P2P"])) == "externalId")
        #expect(Stamp.field(in: try KeptDesk.call("payments.create", body: ["externalId": "x"])) == nil)
        #expect(Stamp.field(in: try KeptDesk.call("payments.capture", "p", body: [:])) == nil)
        // A PATCH's reference would be a change of the object.
        #expect(Stamp.field(in: try KeptDesk.call("accounts.update", "a", body: [:])) == nil)
        #expect(Stamp.make(job: "j", key: "k") == Stamp.make(job: "j", key: "k"))
        #expect(Stamp.make(job: "j", key: "k") != Stamp.make(job: "j", key: "l"))
        #expect(Stamp.make(job: "j", key: "k").utf8.count == 27)
    }

    @Test("once the journal takes nothing more, nothing more is sent")
    func closed() async throws {
        let desk = try KeptDesk()
        let (keeper, _) = try await desk.run()
        desk.journal.close()
        let failure = try await failure { try await keeper.perform(try desk.refund(0)) }
        #expect(failure.kind == .journal && desk.target.writes.isEmpty)
    }

    @Test("a recorded call reads back as the same call")
    func record() throws {
        let desk = try KeptDesk()
        let call = try desk.refund(0, reason: "order 7")
        let read = try #require(Call(record: try JSON(parsing: call.record.text(.canonical)), in: .conomy))
        #expect(read.record == call.record && read.target == call.target && read.body == call.body)
    }
}
