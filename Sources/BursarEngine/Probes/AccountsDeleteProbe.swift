import ConomyAPI
import ExactJSON

struct AccountsDeleteProbe: GoneProbe {
    let operation = "accounts.delete"
    let reading = "accounts.get"
    let search = "the account by its id"

    /// Its number is accepted too. The documents speak of identity ids as well: one would name any account of the identity.
    func isIt(_ object: JSON, _ id: String) -> Bool { object["id"]?.string == id || object["accountNumber"]?.string == id }
}
