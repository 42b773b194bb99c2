import ConomyAPI
import ExactJSON

/// Two like fee rules take the fee twice, and an identity that shows no rules at all may merely not show them.
struct IdentitiesAddFeeProbe: Probe {
    let operation = "identities.add_fee"
    let search = "the fee rules that the identity shows"
    let presence = "exactly one is as it was sent, whoever attached it"
    let absence = "rules are shown, and none has the type, the transaction type and the amount that were sent"
    let repetition = "takes the fee twice from every payment"

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let identity = try await doubt.knownObject("identities.get", doubt.pathID())
        guard let rules = identity["rules"]?.array else { return .unknown("the identity shows no fee rules") }
        let sent = doubt.call.body ?? [:]
        let likeness = Likeness(
            names: sent.object?.keys ?? [], decisive: ["type", "transactionType", "amount"])
        let kinships = rules.map { likeness.kinship(of: $0, to: sent) }
        let ours = kinships.count { $0 == .ours }
        guard ours <= 1 else { return .unknown("\(ours) fee rules are like it") }
        guard !kinships.contains(.possible) else { return .unknown("a fee rule is nearly like it") }
        guard ours == 1 else { return .absent(evidence: "none of \(rules.count) fee rules is like it") }
        return .present(doubt.answer(identity), evidence: "one fee rule is as it was sent")
    }
}
