import ConomyAPI
import ExactJSON
import Fuzzing

extension CallGenerator {
    private static let everyKind = [
        "TOPUP_ACCOUNT", "TOPUP_ACCOUNT", "TOPUP_ACCOUNT", "WITHDRAWAL_ACCOUNT", "WITHDRAWAL_ACCOUNT", "WITHDRAWAL_ACCOUNT",
        "P2P", "P2P", "COLLECT", "COLLECT", "PURCHASE", "PURCHASE", "REMITTANCE", "REFUND", "REFUND", "FEE",
    ]

    /// The body of a payment.
    mutating func payment(kinds: [String] = everyKind) -> JSON {
        let kind = one(of: kinds)
        if kind == "REFUND" { return refund() }
        let isFromOutside = kind == "TOPUP_ACCOUNT" || kind == "PURCHASE" || (kind == "REMITTANCE" && random.once(in: 3))
        let hasAccountAtEnd = kind != "WITHDRAWAL_ACCOUNT" && kind != "REMITTANCE"
        let target = Currency(one(of: ["EUR", "EUR", "ARS", "CLP", "USD", "USDC", "BRL"]))
        // Across currencies where there is a rate, if there is one into this currency.
        let sources = SmallBank.exchangeRates.keys.filter { $0.hasSuffix(":\(target)") }.sorted()
        let source = random.once(in: 3) ? Currency(String(one(of: sources, or: "\(target):").prefix { $0 != ":" })) : target
        let money = Money(minorUnits: units(source), source)

        var body: JSONObject = ["type": .string(kind), "product": .string("\(source):\(target)")]
        if source == target {
            if random.once(in: 2) { body["purchaseAmount"] = .string(text(money)) }
            if body["purchaseAmount"] == nil || random.once(in: 4) { body["totalAmount"] = .string(text(money)) }
            if random.once(in: 3) { body["purchaseCurrency"] = .string(source.code) }
            let count = random.once(in: 3) ? random.number(2...3) : 1
            let isManyToOne = kind == "COLLECT"
            let single = kind == "TOPUP_ACCOUNT" || kind == "REMITTANCE"
            body["origins"] = .array(side(isFromOutside, true, money, parts: isManyToOne ? count : 1))
            body["destinations"] = .array(side(!hasAccountAtEnd, false, money, parts: isManyToOne || single ? 1 : count))
        } else {
            body["purchaseAmount"] = .string(text(money))
            if random.once(in: 2) { body["totalAmount"] = .string(amount(target.code)) }
            let whole = Money.zero(target)
            body["origins"] = .array(side(isFromOutside, true, money, parts: 1))
            body["destinations"] = .array(side(!hasAccountAtEnd, false, whole, parts: 1))
        }
        if random.once(in: 4) { body["expiresAt"] = .string(one(of: ["2026-06-01T01:00:00Z", "2026-06-03T00:00:00Z"])) }
        if random.once(in: 3) { body["externalId"] = .string("order-\(random.once(in: 4) ? "1" : serial())") }
        if random.once(in: 5) { body["description"] = "Pago nº 1 / \"ä\"" }
        if random.once(in: 6) { body["identityId"] = .string(one(of: known.identities)) }
        if random.once(in: 12) { body["accountNumber"] = .string(account(target.code).number) }
        return .object(body)
    }

    /// The nodes of one side, whose parts add up to the whole.
    private mutating func side(_ isOutside: Bool, _ incoming: Bool, _ whole: Money, parts: Int) -> [JSON] {
        var left = whole.minorUnits
        return (0..<parts).map { index in
            let rest = Int128(parts - index - 1)
            let part = rest == 0 ? left : max(1, left / Int128(random.number(2...4)))
            left -= part
            let amount =
                parts == 1 && !random.once(in: 6) || whole.minorUnits == 0
                ? nil : text(Money(minorUnits: max(0, part), whole.currency))
            guard isOutside else {
                return Desk.accountNode(whole.currency.code, amount: amount, number: account(whole.currency.code).number)
            }
            return Rails.node(
                one(of: Rails.of(whole.currency.code, incoming: incoming), or: "CARD"), whole.currency.code, incoming, amount)
        }
    }

    private mutating func refund() -> JSON {
        let parent = payment("SETTLED", kinds: CallGenerator.refundable)
        var body: JSONObject = ["type": "REFUND", "parentPaymentId": .string(parent)]
        if let known = known.payments.last(where: { $0.id == parent }), !known.currency.isEmpty, random.once(in: 2) {
            body[random.once(in: 2) ? "totalAmount" : "purchaseAmount"] = .string(amount(known.currency))
            if random.once(in: 2) { body["currency"] = .string(known.currency) }
        }
        return .object(body)
    }
}

/// Nodes of rails, made from what the contract says that each needs.
private enum Rails {
    private struct Rail {
        let type: String
        let key: String
        let way: String
        let currencies: [String]
        let needed: [String]
    }

    private static let all: [Rail] = (Schema.named("PaymentNode")?.mapping ?? [:]).sorted { $0.key < $1.key }.compactMap {
        type, name in
        guard type != "ACCOUNT", let more = Schema.named(name)?.extensions, let key = more["x-node-key"]?.string else {
            return nil
        }
        return Rail(
            type: type, key: key, way: more["x-direction"]?.string ?? "",
            currencies: (more["x-currency"]?.string ?? "").split(separator: "|").map(String.init),
            needed: (more["x-required-fields"]?.array ?? []).compactMap(\.string))
    }

    static func of(_ currency: String, incoming: Bool) -> [String] {
        all.filter {
            $0.way != (incoming ? "payout" : "payin") && ($0.currencies == ["Multi"] || $0.currencies.contains(currency))
        }
        .map(\.type)
    }

    static func node(_ type: String, _ currency: String, _ incoming: Bool, _ amount: String?) -> JSON {
        guard let rail = all.first(where: { $0.type == type }) else {
            return ["type": .string(type), "currency": .string(currency)]
        }
        var node: JSON = ["type": .string(type), "currency": .string(currency), rail.key: [:]]
        for path in rail.needed where !incoming || path != "spei.clabe" {
            node = setting(node, path.split(separator: ".").map(String.init)[...])
        }
        guard let amount, var object = node.object else { return node }
        object["amount"] = .string(amount)
        return .object(object)
    }

    private static func setting(_ json: JSON, _ path: ArraySlice<String>) -> JSON {
        guard let step = path.first else { return json }
        var object = json.object ?? [:]
        object[step] = path.count == 1 ? value(step) : setting(object[step] ?? [:], path.dropFirst())
        return .object(object)
    }

    private static func value(_ field: String) -> JSON {
        switch field {
        case "customer": Desk.payer
        case "email": "ana@example.com"
        case "documentType": "DNI"
        case "clabe": "123456789012345678"
        case "routingNumber": "123456789"
        case "accountNumber": "12345678"
        case "sortCode": "123456"
        case "accountType", "typeAccount": "CHECKING"
        case "accountHolderType": "INDIVIDUAL"
        case "country": "AR"
        case "successUrl", "failedUrl", "redirectUrl": "https://example.com/back"
        default: "1234"
        }
    }
}
