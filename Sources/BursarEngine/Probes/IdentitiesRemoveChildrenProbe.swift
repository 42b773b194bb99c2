import ConomyAPI
import ExactJSON

struct IdentitiesRemoveChildrenProbe: Probe {
    let operation = "identities.remove_children"
    let search = "the children of the identity"
    let presence = "none of the ids that were sent is among them, whoever unlinked them"
    let absence = "one of them is"
    let repetition = "is answered with 404"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let identity = try await doubt.knownObject("identities.get", doubt.pathID())
        let left = doubt.sentChildren.intersection(childIDs(identity).array ?? [])
        guard left.isEmpty else { return .absent(evidence: "\(left.count) of the children are still linked") }
        return .present(doubt.answer(identity), evidence: "none of the children is linked any more")
    }
}
