import ConomyAPI
import ExactJSON

struct AccountsUpdateProbe: PatchProbe {
    let operation = "accounts.update"
    let reading = "accounts.get"
    let search = "the account's externalId, name and status"

    func isIt(_ object: JSON, _ id: String) -> Bool { isAccount(object, id) }
}
