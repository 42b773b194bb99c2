import ConomyAPI
import ExactJSON

struct OrganizationsDeleteBrandProbe: Probe {
    let operation = "organizations.delete_brand"
    let search = "the organization's brand"
    let presence = "there is none: the brand is null, or the API itself answers 404"
    let absence = "there is one"
    let repetition = "is answered with 404"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        guard let body = try await doubt.object("organizations.brand", doubt.pathID(), naming: nil) else {
            return .present(doubt.emptyAnswer, evidence: "the organization has no brand, or brands are switched off")
        }
        switch body["brand"] {
        case .null?: return .present(doubt.emptyAnswer, evidence: "the brand is null")
        case .object?: return .absent(evidence: "the brand can be read")
        default: throw .unclear("the answer of organizations.brand has no brand in it")
        }
    }
}
