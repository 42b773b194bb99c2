import ConomyAPI
import ExactJSON

struct OrganizationsUpdateBrandProbe: PatchProbe {
    let operation = "organizations.update_brand"
    let reading = "organizations.brand"
    let search = "the organization's brand"
    let absence = "a field that was sent reads back otherwise, or there is no brand"

    /// The answer holds a brand, or null for none, and does not say whose it is.
    func isIt(_ object: JSON, _ id: String) -> Bool { object["brand"]?.object != nil || object["brand"] == .null }

    /// No brand is not one that keeps something back: it differs from any that was sent.
    func comparable(shown: JSON) -> JSON { shown["brand"]?.object.map(JSON.object) ?? "none" }
}
