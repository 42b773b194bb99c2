import ConomyAPI
import ExactJSON

struct PaymentLinksCreateProbe: CreationProbe {
    let operation = "payment_links.create"
    let search = "all links of the owner, by checkoutToken"
    let presence = "the link that has the token agrees in currency and duration, and no other effect is known to have made it"
    let absence = "no link has the token, or another effect made the one that has"
    let repetition = "is refused with 409 while a link has the token"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("payment_links.list", filter("owner.identityId", call.body?.at("owner.identityId")?.string))
    }

    func likeness(_ sent: JSON) -> Likeness {
        Likeness(names: ["checkoutToken"], isUnique: true, decisive: ["checkoutToken"], others: ["currency", "duration"])
    }
}
