import ConomyAPI
import ExactJSON

struct IdentitiesAddPermissionsProbe: Probe {
    let operation = "identities.add_permissions"
    let search = "the permissions the identity holds"
    let presence = "every permission that was sent is held over its resource, whoever granted it"
    let absence = "one of them is not held"
    let repetition = "grants nothing twice"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let held = try await doubt.array("identities.permissions", doubt.pathID())
        guard held.allSatisfy({ $0["reference"]?.string != nil }) else { throw .unclear("a permission does not say over what") }
        func isHeld(_ scope: JSON) -> Bool {
            let same = held.filter { $0["resource"] == scope["resource"] && $0["reference"] == scope["reference"] }
            let permissions = Set(same.flatMap { $0["permissions"]?.array ?? [] })
            return permissions.isSuperset(of: scope["permissions"]?.array ?? [])
        }
        let missing = (doubt.call.body?.array ?? []).filter { !isHeld($0) }
        guard missing.isEmpty else { return .absent(evidence: "\(missing.count) of the permissions are not held") }
        return .present(doubt.emptyAnswer, evidence: "all permissions are held")
    }
}
