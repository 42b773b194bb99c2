import ConomyAPI
import ExactJSON

struct CustomersUpdateProbe: PatchProbe {
    let operation = "customers.update"
    let reading = "customers.get"
    let search = "the customer's fields"
}
