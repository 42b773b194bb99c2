import ConomyAPI
import ExactJSON

/// A person who pays or is paid, known to the tenant.
struct Customer: Shelved {
    let id: String
    var fields: JSONObject
    var documents: [JSON] = []
    let isAutoCreated: Bool
    let createdAt: Timestamp
    var updatedAt: Timestamp

    func text(_ field: String) -> String? { fields[field]?.string }
    var level: String { text("operationLevel") ?? "BASIC" }
    /// At least one document was approved.
    var isDocumented: Bool { documents.contains { $0["status"] == "APPROVED" } }
}

extension Bank {
    @Sendable static func keys(_ customer: Customer) -> [String] {
        ["documentNumber", "email"].compactMap { field in customer.text(field).map { "\(field) \($0)" } }
    }

    func json(_ customer: Customer) -> JSON {
        var object: JSONObject = ["id": .string(customer.id), "clientId": .string(options.credentials.clientID)]
        for (key, value) in customer.fields.members { object[key] = value }
        object["operationLevel"] = .string(customer.level)
        object["limits"] = limits(customer)
        object["autoCreated"] = .bool(customer.isAutoCreated)
        object["isDocumented"] = .bool(customer.isDocumented)
        object["documents"] = .array(customer.documents)
        object["createdAt"] = .string(customer.createdAt.description)
        object["updatedAt"] = .string(customer.updatedAt.description)
        return .object(object)
    }

    func customer(_ call: Call) throws(Refusal) -> Customer {
        let id = call.objectID ?? ""
        let isTenant = call.queryValues.allows("clientId", options.credentials.clientID)
        guard isTenant, let customer = customers[id] else { throw .notFound("customer", id) }
        return customer
    }

    /// The known customer that a payment's nodes speak of, by document number, else by e-mail.
    func customer(of nodes: [JSON]) -> Customer? {
        guard customers.count > 0 else { return nil }
        for node in nodes {
            guard let rail = node["type"]?.string.flatMap(Rail.named), let payer = node[rail.key]?["customer"] ?? node["customer"]
            else { continue }
            for field in ["documentNumber", "email"] {
                guard let value = payer[field]?.string else { continue }
                if let known = customers.found("\(field) \(value)").first { return known }
            }
        }
        return nil
    }

    mutating func createCustomer(_ call: Call) throws(Refusal) -> Answer {
        var fields = call.body?.object ?? [:]
        guard call.queryValues.allows("clientId", options.credentials.clientID) else {
            throw .notFound("client", call.queryValues["clientId"] ?? "")
        }
        let id = fields["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if let id, customers[id] != nil { throw Refusal(.alreadyExist, "customer \(id) exists") }
        if let document = fields["documentNumber"]?.string, let known = customers.found("documentNumber \(document)").first {
            throw Refusal(.alreadyExist, "customer \(known.id) has this documentNumber already")
        }
        fields["id"] = nil
        let customer = Customer(id: id ?? newID(), fields: fields, isAutoCreated: false, createdAt: now, updatedAt: now)
        customers.put(customer)
        return Answer(status: 201, body: json(customer))
    }

    func listCustomers(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let isFiltered = query.has("clientId", "id", "type", "identityId", "documentNumber", "email", "operationLevel")
        let page = try call.page(of: customers, isFiltered: isFiltered) { customer in
            query.allows("clientId", options.credentials.clientID) && query.allowsOneOf("id", customer.id)
                && query.allows("operationLevel", customer.level)
                && ["documentNumber", "email"].allSatisfy { query.allows($0, customer.text($0)) }
                && ["type", "identityId"].allSatisfy { query.allowsOneOf($0, customer.text($0)) }
        }
        return Answer(status: 200, body: page.envelope(page.items.map(json)))
    }

    func getCustomer(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: json(try customer(call))) }

    /// Changes a customer and stamps the change. Where it became documented, or another level applies, that is announced.
    mutating func changeCustomer(_ id: String, _ change: (inout Customer) -> Void) {
        let now = now
        let isAnother = customers.change(id) { customer in
            let before = (customer.level, customer.isDocumented)
            change(&customer)
            customer.updatedAt = now
            return before != (customer.level, customer.isDocumented)
        }
        if isAnother == true { tellLevel(id) }
    }

    /// What the vendor does with a customer's document. One that is approved documents the customer.
    /// - Parameter index: from zero, in the order of the customer's `documents`.
    /// - Returns: false, and nothing is done, when there is no such document.
    mutating func resolveDocument(_ customerID: String, _ index: Int, approved: Bool, reason: String? = nil) -> Bool {
        look()
        guard let customer = customers[customerID], customer.documents.indices.contains(index),
            var document = customer.documents[index].object
        else { return false }
        document["status"] = approved ? "APPROVED" : "REJECTED"
        document["rejectionReason"] = approved ? nil : reason.map(JSON.string)
        changeCustomer(customerID) { $0.documents[index] = .object(document) }
        return true
    }

    /// A merge patch.
    mutating func updateCustomer(_ call: Call) throws(Refusal) -> Answer {
        let customer = try customer(call)
        let patch = call.body?.object ?? [:]
        if let document = patch["documentNumber"]?.string,
            let other = customers.found("documentNumber \(document)").first(where: { $0.id != customer.id })
        {
            throw .invalid("customer \(other.id) has this documentNumber already")
        }
        changeCustomer(customer.id) {
            for (key, value) in patch.members { $0.fields[key] = merged($0.fields[key], value) }
        }
        return try getCustomer(call)
    }

    /// Its payments stay, and speak of no customer any more.
    mutating func deleteCustomer(_ call: Call) throws(Refusal) -> Answer {
        let customer = try customer(call)
        customers.remove(customer.id)
        return Answer(status: 204, body: nil)
    }

    /// A document with an address is uploaded; one without waits for it.
    func document(_ body: JSON) -> JSON {
        var document: JSONObject = ["type": body["type"] ?? "other"]
        document["url"] = body["url"]
        document["contentType"] = body["contentType"]
        document["status"] = body["url"] == nil ? "PENDING_UPLOAD" : "UPLOADED"
        if body["url"] != nil { document["uploadedAt"] = .string(now.description) }
        return .object(document)
    }

    mutating func attachCustomerDocument(_ call: Call) throws(Refusal) -> Answer {
        let customer = try customer(call)
        let document = document(call.body ?? [:])
        changeCustomer(customer.id) { $0.documents.append(document) }
        return Answer(
            status: 201,
            body: ["customerId": .string(customer.id), "document": document, "isDocumented": .bool(customer.isDocumented)])
    }

    func getPaymentCustomer(_ call: Call) throws(Refusal) -> Answer {
        let payment = payments[try position(call)]
        let customer = payment.more.fields.customerID.flatMap { customers[$0] }
        return Answer(
            status: 200,
            body: ["paymentId": .string(payment.id), "attached": .bool(customer != nil), "customer": customer.map(json) ?? .null])
    }
}
