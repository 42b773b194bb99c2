import ConomyAPI
import ExactJSON

/// One kind of payment node, read from the contract's schema of it: `PixNode`, `AccountNode`, ...
struct Rail: Sendable {
    let type: String
    /// The member that carries its payload, `pix`.
    let key: String
    let isPayin: Bool
    let isPayout: Bool
    /// Empty where any currency goes.
    let currencies: [String]
    /// ISO alpha-3; empty where it is not bound to a country.
    let countries: [String]
    /// Dot paths from the node: `pix.customer.email`.
    let requiredFields: [String]
    /// What its payload may carry.
    let payloadMembers: Set<String>
    let payloadNeedsNothing: Bool
    /// The payload's members and their types, as discovery shows it.
    let payloadShape: JSON

    var isAccount: Bool { type == "ACCOUNT" }
    func carries(_ code: String) -> Bool { currencies.isEmpty || currencies.contains(code) }
    /// Money comes in without the payer being sent anywhere, and may come unannounced.
    var isPush: Bool { type == "CVU" || type == "PIX" }

    /// In the order of the contract.
    static let all: [Rail] = (Schema.named("PaymentNodeType")?.enumeration ?? []).compactMap(\.string).compactMap(
        Rail.init(type:))
    private static let byType = Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })
    static func named(_ type: String) -> Rail? { byType[type] }
    /// A push rail that carries a currency.
    static func push(_ type: String, _ currency: Currency) -> Rail? {
        named(type).flatMap { $0.isPush && $0.currencies.contains(currency.code) ? $0 : nil }
    }

    private init?(type: String) {
        guard let nodeName = Schema.named("PaymentNode")?.mapping[type], let schema = Schema.named(nodeName),
            let key = schema.extensions["x-node-key"]?.string
        else { return nil }
        func list(_ name: String, _ everywhere: Set<String>) -> [String] {
            let text = schema.extensions[name]?.string ?? ""
            return everywhere.contains(text) ? [] : text.split(separator: "|").map(String.init)
        }
        self.type = type
        self.key = key
        let direction = schema.extensions["x-direction"]?.string
        isPayin = direction != "payout"
        isPayout = direction != "payin"
        currencies = list("x-currency", ["Multi"])
        countries = list("x-country", ["Multi", "Global"])
        requiredFields = (schema.extensions["x-required-fields"]?.array ?? []).compactMap(\.string)
        let payload = schema.property(key)
        payloadMembers = Set(payload?.properties.map(\.name) ?? [])
        let shape = (payload?.properties ?? []).map { property -> (String, JSON) in
            (property.name, ["type": .string(property.schema.resolved.kinds.first?.rawValue ?? "object")])
        }
        payloadShape = ["type": "object", "properties": .object(JSONObject(shape))]
        payloadNeedsNothing = payload?.required.isEmpty ?? true
    }

    /// What a node must carry on this side of a payment.
    ///
    /// The rail pages list both directions together: pages to return to belong to a payer who is sent somewhere, an account at
    /// another bank to money that goes out, and an IBAN to wires that leave the country.
    func requiredFields(incoming: Bool) -> [String] {
        guard isPayin, isPayout else { return requiredFields.filter { $0 != "wire.iban" } }
        let onlyIncoming: Set = ["\(key).successUrl", "\(key).failedUrl"]
        let onlyOutgoing: Set = ["spei.clabe", "spei.bankId"]
        return requiredFields.filter { !(incoming ? onlyOutgoing : onlyIncoming).contains($0) }
    }

    /// The first required field the node lacks.
    func missingField(in node: JSON, incoming: Bool) -> String? {
        requiredFields(incoming: incoming).first { field in
            // Two sources disagree about where the account number of the American rails stands; both places are read.
            let elsewhere = field.hasSuffix(".bank.accountNumber") ? "\(key).accountNumber" : nil
            return !Rail.has(node, field) && !(elsewhere.map { Rail.has(node, $0) } ?? false)
        }
    }

    private static func has(_ node: JSON, _ path: String) -> Bool {
        var value: JSON? = node
        for step in path.split(separator: ".") { value = value?[String(step)] }
        guard let value, !value.isNull else { return false }
        return value.string != ""
    }
}
