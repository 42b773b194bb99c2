import ConomyAPI
import ExactJSON

struct AccountsCreateProbe: CreationProbe {
    let operation = "accounts.create"
    let search = "all accounts of the identity, by externalId"
    let presence = "one that no other effect is known to have made repeats externalId, type, currency and name"
    let absence = "every other account of the identity shows another externalId, type, currency, parent or name"
    let repetition = "opens a second account"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("accounts.list", filter("identityId", call.body?["identityId"]?.string))
    }

    func likeness(_ sent: JSON) -> Likeness {
        Likeness(
            names: sent["externalId"]?.string?.isEmpty == false ? ["externalId"] : [], isUnique: true,
            decisive: ["externalId", "identityId", "type", "currency", "name", "parentId"])
    }
}
