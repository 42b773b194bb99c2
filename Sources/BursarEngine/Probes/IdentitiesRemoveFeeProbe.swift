import ConomyAPI
import ExactJSON

/// The id of a fee rule is shown among the identity's rules and nowhere else. Whoever knows one has seen them there, so an identity
/// that shows none has none.
struct IdentitiesRemoveFeeProbe: Probe {
    let operation = "identities.remove_fee"
    let search = "the fee rules that the identity shows"
    let presence = "none has the id, or no rules are left"
    let absence = "one has the id"
    let repetition = "is answered with 404"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let identity = try await doubt.knownObject("identities.get", doubt.pathID())
        let rules: [JSON]
        switch identity["rules"] {
        case nil, .null?: rules = []
        case .array(let shown)?: rules = shown
        default: throw .unclear("the identity shows its rules in another form")
        }
        guard rules.allSatisfy({ $0["id"]?.string != nil }) else { throw .unclear("a fee rule of the identity has no id") }
        guard !rules.contains(where: { $0["id"]?.string == doubt.pathID(1) }) else {
            return .absent(evidence: "fee rule \(doubt.pathID(1)) is still there")
        }
        return .present(doubt.answer(identity), evidence: "fee rule \(doubt.pathID(1)) is not there any more")
    }
}
