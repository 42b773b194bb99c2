import ConomyAPI
import ExactJSON

struct IdentitiesDeleteProbe: GoneProbe {
    let operation = "identities.delete"
    let reading = "identities.get"
    let search = "the identity by its id"
}
