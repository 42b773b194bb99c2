import ConomyAPI
import ExactJSON

/// Conditions on a payment, as rules have them. All names must be met; a name that comes twice is met by either value.
public struct RuleFilter: Sendable, Hashable {
    public struct Condition: Sendable, Hashable {
        /// One of the contract's `RuleFilterKey`.
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var conditions: [Condition]

    public init(_ conditions: [Condition]) { self.conditions = conditions }

    /// Reads the contract's form; null is no condition.
    init(_ json: JSON?) {
        conditions = (json?.array ?? []).compactMap { item in
            guard let name = item["name"]?.string, let value = item["value"]?.string else { return nil }
            return Condition(name: name, value: value)
        }
    }

    /// Reads a setting.
    init(_ spot: Spot) throws(WorldError) {
        conditions = try spot.items().map { item throws(WorldError) in
            let name = try item.at("name").text()
            guard RuleFilter.names.contains(name) else {
                throw item.at("name").wrong(
                    "is \(name), which no filter tests; known: \(RuleFilter.names.joined(separator: ", "))", near: name,
                    among: RuleFilter.names)
            }
            return Condition(name: name, value: try item.at("value").text())
        }
        guard !conditions.isEmpty else { throw spot.wrong("has no condition, so every payment would pass") }
    }

    static let names = (Schema.named("RuleFilterKey")?.enumeration ?? []).compactMap(\.string)

    var json: JSON { .array(conditions.map { ["name": .string($0.name), "value": .string($0.value)] }) }

    func accepts(_ traits: PaymentTraits) -> Bool {
        conditions.allSatisfy { condition in
            conditions.contains { $0.name == condition.name && traits[$0.name].contains($0.value) }
        }
    }
}

/// What filters and allowed values look at in a payment, by the names of the contract's `RuleFilterKey`.
struct PaymentTraits: Sendable {
    private var values: [String: Set<String>] = [:]

    /// - Parameter country: of the identity; it counts where no node is bound to a country.
    init(_ kind: PaymentKind, purchaseCurrency: String, currency: String, nodes: [JSON], country: String?) {
        values = [
            "transactionType": [kind.rawValue], "purchaseCurrency": [purchaseCurrency], "currency": [currency],
            "product": ["\(purchaseCurrency):\(currency)"],
        ]
        // Money between two accounts of the bank has ACCOUNT as its method; otherwise the outside rails are the methods.
        let types = nodes.compactMap { $0["type"]?.string }
        let outside = types.filter { $0 != "ACCOUNT" }
        values["paymentMethod"] = Set(outside.isEmpty ? types : outside)
        var countries: Set<String> = []
        for node in nodes {
            guard let rail = node["type"]?.string.flatMap(Rail.named), !rail.isAccount else { continue }
            if let own = node[rail.key]?["country"]?.string { countries.insert(own) } else { countries.formUnion(rail.countries) }
        }
        values["country"] = countries.isEmpty ? Set([country].compactMap { $0 }) : countries
    }

    subscript(name: String) -> Set<String> { values[name] ?? [] }
}
