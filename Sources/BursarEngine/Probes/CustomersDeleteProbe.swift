import ConomyAPI
import ExactJSON

struct CustomersDeleteProbe: GoneProbe {
    let operation = "customers.delete"
    let reading = "customers.get"
    let search = "the customer by its id"
}
