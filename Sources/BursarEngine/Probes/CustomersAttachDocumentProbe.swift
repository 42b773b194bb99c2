import ConomyAPI
import ExactJSON

struct CustomersAttachDocumentProbe: Probe {
    let operation = "customers.attach_document"
    let search = "the documents of the customer, by type and address"
    let presence = "one has the type and the url that were sent, whoever attached it"
    let absence = "every document of the type has another url"
    let repetition = "lists the document twice"

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let customer = try await doubt.knownObject("customers.get", doubt.pathID())
        guard let documents = customer["documents"]?.array else { throw .unclear("the customer does not show its documents") }
        let type = doubt.sent("type")?.lowercased()
        let url = doubt.sent("url")
        let same = documents.filter { $0["type"]?.string == nil || $0["type"]?.string?.lowercased() == type }
        if let url, let document = same.first(where: { $0["url"]?.string == url }) {
            return .present(
                doubt.answer([
                    "customerId": .string(doubt.pathID()), "document": document,
                    "isDocumented": customer["isDocumented"] ?? false,
                ]), evidence: "a document has the url \(url)")
        }
        let possible = same.count { $0["url"]?.string == nil }
        guard possible == 0 else {
            return .unknown("\(possible) documents of the type have no url, and nothing tells them apart")
        }
        return .absent(evidence: "none of \(documents.count) documents could be it")
    }
}
