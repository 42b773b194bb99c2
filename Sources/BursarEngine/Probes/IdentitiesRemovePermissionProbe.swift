import ConomyAPI
import ExactJSON

struct IdentitiesRemovePermissionProbe: Probe {
    let operation = "identities.remove_permission"
    let search = "the permissions the identity holds"
    let presence = "none is over the other identity, whoever withdrew it"
    let absence = "one is"
    let repetition = "is answered with 404"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let held = try await doubt.array("identities.permissions", doubt.pathID())
        guard held.allSatisfy({ $0["reference"]?.string != nil }) else { throw .unclear("a permission does not say over what") }
        guard !held.contains(where: { $0["reference"]?.string == doubt.pathID(1) }) else {
            return .absent(evidence: "a permission over \(doubt.pathID(1)) is held")
        }
        return .present(doubt.emptyAnswer, evidence: "no permission over \(doubt.pathID(1)) is held")
    }
}
