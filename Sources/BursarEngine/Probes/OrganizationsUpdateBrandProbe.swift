import ConomyAPI
import ExactJSON

struct OrganizationsUpdateBrandProbe: PatchProbe {
    let operation = "organizations.update_brand"
    let reading = "organizations.brand"
    let search = "the organization's brand"
    let absence = "a field that was sent reads back otherwise, or there is no brand"
    /// The answer is about a brand, and does not say whose.
    let naming: String? = nil

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let body = try await doubt.knownObject(reading, doubt.pathID(), naming: nil)
        switch body["brand"] {
        case .null?: return .absent(evidence: "there is no brand")
        case .object(let brand)?:
            let sent = doubt.call.body?.object ?? [:]
            switch Agreement(sent: .object(sent), shown: .object(brand)) {
            case .same: return .present(doubt.answer(body), evidence: "\(sent.keys.joined(separator: ", ")) read back as sent")
            case .different: return .absent(evidence: "the brand reads back otherwise than sent")
            case .hidden: return .unknown("the brand does not show all that was sent")
            }
        default: throw .unclear("the answer of organizations.brand has no brand in it")
        }
    }
}
