import ConomyAPI
import ExactJSON

struct IdentitiesCreateProbe: CreationProbe {
    let operation = "identities.create"
    let search = "all identities with the document number, by externalId, else by document number, e-mail and phone together"
    let presence = "one that no other effect is known to have made repeats them, as well as type and name"
    let absence = "no identity with this document number could be it"
    let repetition = "is refused with 409: an organization's document number, and a user's with e-mail and phone, are unique"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("identities.list", filter("documentNumber", call.body?["documentNumber"]?.string))
    }

    func likeness(_ sent: JSON) -> Likeness {
        let own = sent["externalId"]?.string?.isEmpty == false ? ["externalId"] : ["documentNumber", "email", "phone"]
        return Likeness(
            names: own, isUnique: true, decisive: ["externalId", "documentNumber", "type"], others: ["email", "phone", "name"])
    }
}
