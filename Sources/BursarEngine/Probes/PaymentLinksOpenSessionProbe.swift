import ConomyAPI
import ExactJSON

struct PaymentLinksOpenSessionProbe: CreationProbe {
    let operation = "payment_links.open_session"
    let search = "all checkout sessions, by checkoutToken"
    let presence = """
        exactly one session of the token that no other effect is known to have made, and that was not made before; a payer's own is \
        taken for it, and is as good
        """
    let absence = "other effects are known to have made every session of the token"
    let repetition = "opens a second session; of several sessions of a link one is paid"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) { ("checkout_sessions.list", []) }

    func said(_ call: Call) -> JSON { ["checkoutToken": .string(call.objectID ?? "")] }

    func likeness(_ sent: JSON) -> Likeness { Likeness(names: ["checkoutToken"], decisive: ["checkoutToken"]) }
}
