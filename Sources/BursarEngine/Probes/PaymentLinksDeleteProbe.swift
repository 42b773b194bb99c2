import ConomyAPI
import ExactJSON

struct PaymentLinksDeleteProbe: GoneProbe {
    let operation = "payment_links.delete"
    let reading = "payment_links.get"
    let search = "the link by its id"
}
