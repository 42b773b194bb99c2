import ConomyAPI
import ExactJSON

struct AccountsDeleteProbe: GoneProbe {
    let operation = "accounts.delete"
    let reading = "accounts.get"
    let search = "the account by its id"

    func isIt(_ object: JSON, _ id: String) -> Bool { isAccount(object, id) }
}
