import ConomyAPI
import ConomySimulator
import ExactJSON

/// Performs a rehearsal: reads come from the target, effects happen in a bank of its own.
///
/// What an effect needs is read from the target when it is first needed, taken into that bank, and kept; then the bank answers. So
/// a payment that was created a moment ago can be captured and refunded, and the second refund of a payment finds what the first
/// one left. Reads are the target's own answers, with what the rehearsal changed in them. The chain behind `reads` cannot write.
final class Overlay: Performer {
    let rehearsal: Rehearsal
    let reads: TargetReads
    let intakes: Intakes

    init(reads: ReadOnly, rehearsal: Rehearsal) {
        self.rehearsal = rehearsal
        self.reads = TargetReads(reads)
        intakes = Intakes(reads: self.reads, rehearsal: rehearsal)
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let number = try rehearsal.aside.begin(call, needsAll: needsAllPayments(call))
        defer { rehearsal.aside.end(number) }
        guard call.operation.effect > .read else { return try await read(call) }
        let intake = try await intakes.intake(of: call)
        if let answer = intake.answer {
            rehearsal.note(intake)
            return answer
        }
        let before = Overlay.object(of: call).flatMap { rehearsal.original.answer($0).body }
        return finished(rehearsal.perform(intake), intake, before)
    }

    /// What is about the objects that it names, and about no other payments than theirs.
    private static let narrow: Set = [
        "payments.refund", "payments.get", "payments.refund_summary", "payments.refunds", "accounts.get", "identities.get",
    ]

    private func needsAllPayments(_ call: Call) -> Bool {
        let name = call.operation.name
        if Overlay.narrow.contains(name) || (name == "payments.create" && call.body?["type"] == "REFUND") { return false }
        guard call.operation.effect == .read, !Overlay.objects.contains(name) else { return true }
        // The target's own answer, as long as nothing has changed.
        return rehearsal.hasChanged && (call.operation.isList || name == "accounts.unassigned")
    }

    /// An answer of the rehearsal's bank as the target would give it.
    private func finished(_ answer: Answer, _ intake: Intake, _ before: JSON?) -> Answer {
        guard answer.isSuccess else { return Overlay.untraced(answer) }
        var body = answer.body
        // An answer that is the object itself keeps what only the target knows of it.
        if let read = Overlay.object(of: intake.call), let raw = reads.kept(read), raw.isSuccess, let there = raw.body,
            let before, let after = answer.body, after["id"] != nil, after["id"] == there["id"]
        {
            body = merged(there, before: before, after: after)
        }
        if var object = body?.object {
            for name in intake.unknownMembers { object[name] = nil }
            for (name, value) in intake.restored { object[name] = value }
            body = .object(object)
        }
        return Answer(status: answer.status, body: body, isAssumed: true)
    }

    /// The vendor has no log of what never reached it.
    static func untraced(_ answer: Answer) -> Answer {
        guard var body = answer.body?.object else { return answer }
        body["traceId"] = nil
        return Answer(status: answer.status, body: .object(body), isAssumed: true)
    }

    /// The read of the object that a call acts on.
    private static func object(of call: Call) -> Call? {
        call.objectID.flatMap { Call.get(call.operation.resource + ".get", $0) }
    }
}
