import ConomyAPI
import ExactJSON

struct IdentitiesAddChildrenProbe: Probe {
    let operation = "identities.add_children"
    let search = "the children of the identity"
    let presence = "all ids that were sent are among them, whoever linked them"
    let absence = "one of them is not"
    let repetition = "links nothing twice"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let identity = try await doubt.knownObject("identities.get", doubt.pathID())
        let missing = doubt.sentChildren.subtracting(childIDs(identity).array ?? [])
        guard missing.isEmpty else { return .absent(evidence: "\(missing.count) of the children are not linked") }
        return .present(doubt.answer(identity), evidence: "all children are linked")
    }
}

extension Doubt {
    var sentChildren: Set<JSON> { Set(childIDs(call.body ?? [:]).array ?? []) }
}
