import ConomyAPI
import ExactJSON

struct IdentitiesUpdateProbe: PatchProbe {
    let operation = "identities.update"
    let reading = "identities.get"
    let search = "the identity's fields; children by their ids"

    /// Requests say `twoFactorEnabled` where answers say `twoFactorAuth`, and children are shown with the names they have.
    func comparable(sent: JSONObject) -> JSONObject {
        var sent = sent
        if var options = sent["securityOptions"]?.object, let enabled = options["twoFactorEnabled"] {
            options["twoFactorEnabled"] = nil
            options["twoFactorAuth"] = options["twoFactorAuth"] ?? enabled
            sent["securityOptions"] = .object(options)
        }
        if sent["children"] != nil { sent["children"] = childIDs(.object(sent)) }
        return sent
    }

    func comparable(shown: JSON) -> JSON {
        var object = shown.object ?? [:]
        object["children"] = childIDs(shown)
        return .object(object)
    }
}

/// The ids of an identity's children, sorted. One that has none does not show the member.
func childIDs(_ identity: JSON) -> JSON {
    let ids = (identity["children"]?.array ?? []).map { $0.string ?? $0["id"]?.string ?? "" }
    return .array(ids.sorted().map(JSON.string))
}
