import ConomyAPI
import ExactJSON

struct CheckoutSessionsDeleteProbe: GoneProbe {
    let operation = "checkout_sessions.delete"
    let reading = "checkout_sessions.get"
    let search = "the session by its id"
}
