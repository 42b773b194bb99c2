import ConomyAPI
import ExactJSON

struct CustomersCreateProbe: CreationProbe {
    let operation = "customers.create"
    let search = "all customers with the id, the document number or the e-mail that was sent: the first of them that was"
    let presence = "one that no other effect is known to have made repeats it, as well as the name, and was not made by a deposit"
    let absence = "no such customer could be it"
    let repetition =
        "is refused with 409 where id or document number are known; with an e-mail alone it may make a second customer"

    private static let names = ["id", "documentNumber", "email"]

    private func name(_ sent: JSON) -> String? { CustomersCreateProbe.names.first { sent[$0]?.string?.isEmpty == false } }

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        let name = name(call.body ?? [:])
        return (
            "customers.list",
            (name.map { filter($0, call.body?[$0]?.string) } ?? []) + call.query.filter { $0.name == "clientId" }
        )
    }

    func likeness(_ sent: JSON) -> Likeness {
        let names = name(sent).map { [$0] } ?? []
        return Likeness(
            names: names, isUnique: true, decisive: names, others: ["documentNumber", "email", "firstName", "lastName"])
    }

    func isCandidate(_ row: JSON) -> Bool { row["autoCreated"] != true }
}
