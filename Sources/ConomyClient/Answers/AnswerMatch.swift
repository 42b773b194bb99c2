import ConomyAPI
import ExactJSON

/// Does a successful answer speak of the object and the money that the call was about?
enum AnswerMatch {
    /// What does not match, to be read after "the answer"; nil when everything comparable agrees.
    static func problem(_ answer: JSON, _ call: Call) -> String? {
        guard let object = answer.object else { return nil }
        return nameless(object, call) ?? wrongObject(object, call) ?? wrongEcho(object, call)
    }

    // MARK: The object

    /// What a write made or changed has a name.
    private static func nameless(_ answer: JSONObject, _ call: Call) -> String? {
        guard call.operation.effect != .read else { return nil }
        let field = ["id", "refundId"].first { answer[$0]?.string?.allSatisfy(\.isWhitespace) == true }
        return field.map { "names no object: its \($0) is empty" }
    }

    private static func wrongObject(_ answer: JSONObject, _ call: Call) -> String? {
        if let wanted = call.objectID, let field = field(naming: call.operation) {
            return mismatch(
                answer, field, wanted, aliases: call.operation.id == "getAccount" ? ["accountNumber", "identityId"] : [])
        }
        // The simulated arrival of funds names its payment in the body.
        if call.operation.pathParameters.isEmpty, call.operation.effect != .read, let wanted = call.body?["id"]?.string {
            return mismatch(answer, "id", wanted, aliases: [])
        }
        return nil
    }

    private static func mismatch(_ answer: JSONObject, _ field: String, _ wanted: String, aliases: [String]) -> String? {
        guard let given = answer[field]?.string, given != wanted else { return nil }
        // Some paths take other names of the same object.
        guard !aliases.contains(where: { answer[$0]?.string == wanted }) else { return nil }
        return "is about another object: its \(field) is \"\(given.prefix(64))\" and \"\(wanted.prefix(64))\" was asked for"
    }

    /// The member of the answer that must repeat the first id of the path; nil where the contract gives it none.
    private static func field(naming operation: Operation) -> String? { fields[operation.id] }

    /// Made from the contract: an answer of the type that the path's object is read with has it as `id`; other answers name it as
    /// `paymentId`, `customerId` and so on, or, if it is a parent, as `parentPaymentId` or `parentId`.
    private static let fields: [String: String] = {
        let operations = Catalogue.conomy.operations
        var fields: [String: String] = [:]
        for operation in operations {
            guard let parameter = operation.pathParameters.first,
                let schema = operation.successStatuses.lazy.compactMap({ operation.answers[$0] ?? nil }).first?.resolved
            else { continue }
            let place = "{\(parameter.name)}"
            guard let end = operation.path.range(of: place) else { continue }
            let objectPath = operation.path[..<end]
            let reader = operations.first { other in
                other.method == .get && sameShape(other.path, String(objectPath))
            }
            let read = reader?.answers[200].flatMap { $0 }?.resolved
            if let name = read?.name, name == schema.name {
                fields[operation.id] = "id"
                continue
            }
            let resource = operation.path.split(separator: "/").first.map(String.init) ?? ""
            let own = [singularIDs[resource], "parentPaymentId", "parentId"].compactMap { $0 }
            fields[operation.id] = own.first { schema.property($0) != nil }
        }
        return fields
    }()

    private static let singularIDs = [
        "payments": "paymentId", "customers": "customerId", "checkout-sessions": "checkoutSessionId", "identities": "identityId",
        "accounts": "accountId", "payment-attempts": "paymentId",
    ]

    /// True when two paths differ in the names of their parameters only.
    private static func sameShape(_ a: String, _ b: String) -> Bool {
        let (a, b) = (a.split(separator: "/"), b.split(separator: "/"))
        return a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && $1.hasPrefix("{")) }
    }

    // MARK: The money and the caller's own reference

    /// Members a write's answer repeats from its request.
    private static let echoes = ["externalId", "purchaseCurrency", "parentPaymentId"]

    private static func wrongEcho(_ answer: JSONObject, _ call: Call) -> String? {
        guard call.operation.effect != .read, let request = call.body?.object else { return nil }
        for field in echoes {
            guard let sent = request[field]?.string, let given = answer[field]?.string, sent != given else { continue }
            return "does not repeat what was sent: its \(field) is \"\(given.prefix(64))\" and \"\(sent.prefix(64))\" was sent"
        }
        // Elsewhere a type may be told in other words than it is asked for.
        if call.operation.id == "createPayment", let sent = request["type"]?.string, let given = answer["type"]?.string,
            sent != given
        {
            return "is about another kind of payment: its type is \"\(given.prefix(64))\" and \"\(sent.prefix(64))\" was sent"
        }
        if let problem = wrongCurrency(answer, call) { return problem }
        var amounts = [("purchaseAmount", "purchaseAmount")]
        // A refund's own amount comes back under another name. No fee or conversion stands between the two.
        if call.operation.amountFields == ["amount"], let field = call.operation.answerAmountField {
            amounts.append(("amount", field))
        }
        for (sentField, givenField) in amounts {
            guard let sent = request[sentField]?.string, let given = answer[givenField]?.string, !sameAmount(sent, given) else {
                continue
            }
            return "names another amount: its \(givenField) is \"\(given.prefix(64))\" and \"\(sent.prefix(64))\" was sent"
        }
        return nil
    }

    /// The currency of what was paid and of what is received: the request's product says both, and a money value its own.
    private static func wrongCurrency(_ answer: JSONObject, _ call: Call) -> String? {
        var wanted: [String: String] = [:]
        let product = (call.body?["product"]?.string ?? "").split(separator: ":").map(String.init)
        if product.count == 2 { (wanted["purchaseCurrency"], wanted["currency"]) = (product[0], product[1]) }
        if let amount = call.money["purchaseAmount"] { wanted["purchaseCurrency"] = amount.currency.code }
        if let amount = call.money["totalAmount"] ?? (call.operation.amountFields == ["amount"] ? call.money["amount"] : nil) {
            wanted["currency"] = amount.currency.code
        }
        for (field, code) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let given = answer[field]?.string, given != code else { continue }
            return "is in another currency: its \(field) is \"\(given.prefix(64))\", and \(code) was sent"
        }
        return nil
    }

    /// Compares decimal texts as numbers: `150` is `150.00`.
    private static func sameAmount(_ a: String, _ b: String) -> Bool {
        func parts(_ text: String) -> (whole: Substring, fraction: Substring) {
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            var fraction = parts.count == 2 ? parts[1] : ""
            while fraction.last == "0" { fraction.removeLast() }
            return (parts[0].drop { $0 == "0" }, fraction)
        }
        return parts(a) == parts(b)
    }
}

extension String {
    /// The text up to the end of `part`; nil when it does not occur.
    fileprivate func range(of part: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
