import ConomyAPI
import ExactJSON

struct CheckoutSessionsCreateProbe: CreationProbe {
    let operation = "checkout_sessions.create"
    let search = "all checkout sessions, those of the owner where one was sent, by checkoutToken and customer"
    let presence = """
        exactly one session of the token with the customer that was sent, that no other effect is known to have made and that was not \
        made before; a payer's own is taken for it, and is as good
        """
    let absence = "other effects are known to have made every session of the token"
    let repetition = "opens a second session; of several sessions of a link one is paid"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("checkout_sessions.list", filter("identityId", call.body?.at("owner.identityId")?.string))
    }

    func likeness(_ sent: JSON) -> Likeness {
        Likeness(
            names: ["checkoutToken"] + (sent["customer"]?.object == nil ? [] : ["customer"]), decisive: ["checkoutToken"],
            others: ["currency"])
    }
}
