import ConomyAPI
import ExactJSON

/// A rule as it was given, with what the platform adds.
struct Rule: Shelved {
    let id: String
    let fields: JSONObject

    init(id: String, fields: JSONObject) {
        self.id = id
        self.fields = fields
        filter = RuleFilter(fields["filter"])
    }

    let filter: RuleFilter
    var isOverwriting: Bool { fields["overwrites"]?.bool ?? false }
    /// What allowed values are about; empty for fees.
    var key: String { fields["allowedValuesRule"]?["key"]?.string ?? "" }
    var allowedValues: [String] { (fields["allowedValuesRule"]?["allowedValues"]?.array ?? []).compactMap(\.string) }

    func text(_ field: String) -> String? { fields[field]?.string }
}

/// Rules hold for an identity and its descendants. FEE rules add a fee to the payments they match, ALLOWED_VALUES rules refuse
/// payments (target TRANSACTION) or changes of identities (target IDENTITY) with other values.
///
/// A matching rule that `overwrites` takes the place of the rules of its kind that ancestors would hand down: all fees, or the
/// allowed values of the same key.
extension Bank {
    @Sendable static func keys(_ rule: Rule) -> [String] { [rule.text("identityId") ?? ""] }

    mutating func createRule(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        let identityID = body["identityId"]?.string ?? ""
        guard identities[identityID] != nil else { throw .notFound("identity", identityID) }
        let id = newID()
        var rule: JSONObject = ["id": .string(id), "owner": "CLIENT"]
        for (key, value) in body.object?.members ?? [] { rule[key] = value }
        if rule["target"] == nil { rule["target"] = "TRANSACTION" }
        try Bank.checkRule(rule)
        rule["createdAt"] = .string(now.description)
        rule["updatedAt"] = .string(now.description)
        rules.put(Rule(id: id, fields: rule))
        return Answer(status: 201, body: .object(rule))
    }

    /// A rule that could never be applied is refused when it is made.
    private static func checkRule(_ rule: JSONObject) throws(Refusal) {
        let type = rule["type"]?.string ?? ""
        let payload = type == "FEE" ? "feeRule" : "allowedValuesRule"
        guard let object = rule[payload]?.object else { throw .missing("\(payload) is missing; a rule of type \(type) has one") }
        if type == "FEE" {
            guard rule["target"] == "TRANSACTION" else {
                throw .invalid("target is IDENTITY, and fees are taken from transactions")
            }
            guard let feeType = (object["feeType"] ?? object["type"])?.string else {
                throw .missing("feeRule.feeType is missing")
            }
            _ = try FeeTerm.value(object["value"]?.string ?? "", feeType, "feeRule.value")
            return
        }
        let key = object["key"]?.string ?? ""
        let known =
            rule["target"] == "TRANSACTION"
            ? RuleFilter.names : Schema.named("CreateIdentityRequest")?.properties.map(\.name) ?? []
        guard known.contains(key) else {
            throw .invalid("allowedValuesRule.key is \"\(key)\"; rules for this target test \(known.joined(separator: ", "))")
        }
    }

    func listRules(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let page = try call.page(of: rules, isFiltered: query.has("id", "owner", "target", "type", "identityId")) { rule in
            ["id", "owner", "target", "type", "identityId"].allSatisfy { query.allowsOneOf($0, rule.text($0)) }
        }
        return Answer(status: 200, body: page.envelope(page.items.map { .object($0.fields) }))
    }

    func getRule(_ call: Call) throws(Refusal) -> Answer {
        let id = call.objectID ?? ""
        guard let rule = rules[id] else { throw .notFound("rule", id) }
        return Answer(status: 200, body: .object(rule.fields))
    }

    mutating func deleteRule(_ call: Call) throws(Refusal) -> Answer {
        _ = try getRule(call)
        rules.remove(call.objectID ?? "")
        return Answer(status: 204, body: nil)
    }

    // MARK: Which rules hold

    /// The rules of a type and target that hold for an identity, its own first.
    /// - Parameter traits: of the payment that is judged; nil judges an identity, and filters say nothing about those.
    private func rules(_ type: String, target: String, for identityID: String, _ traits: PaymentTraits?) -> [Rule] {
        guard rules.count > 0 else { return [] }
        var result: [Rule] = []
        var replaced: Set<String> = []
        var seen: Set<String> = [identityID]
        var level = [identityID]
        while !level.isEmpty {
            let found = level.flatMap { rules.found($0) }.filter { rule in
                rule.text("type") == type && rule.text("target") ?? "TRANSACTION" == target
                    && (traits.map { rule.filter.accepts($0) } ?? true)
            }
            result += found.filter { !replaced.contains($0.key) }
            for rule in found where rule.isOverwriting { replaced.insert(rule.key) }
            level = level.flatMap { parents(of: $0) }.filter { seen.insert($0).inserted }
        }
        return result
    }

    func parents(of identityID: String) -> [String] { identities.found("child \(identityID)").map(\.id) }

    /// What is taken from a payment of an identity: by rules of its own and of its ancestors, and by its own fee rules.
    func feeSchedule(for identityID: String?, _ kind: PaymentKind, _ traits: PaymentTraits, _ currency: Currency) -> FeeSchedule {
        guard let identityID else { return FeeSchedule(terms: []) }
        let ruled = rules("FEE", target: "TRANSACTION", for: identityID, traits).compactMap { FeeTerm(rule: $0.fields) }
        let own = (identities[identityID]?.feeRules ?? []).filter { $0["transactionType"]?.string == kind.rawValue }
        return FeeSchedule(terms: ruled + own.compactMap { FeeTerm(identityRule: $0, currency) })
    }

    /// - Throws: a refusal that names the rule's key where a value of the payment is not allowed.
    func checkAllowed(_ identityID: String?, _ traits: PaymentTraits) throws(Refusal) {
        guard let identityID else { return }
        for rule in rules("ALLOWED_VALUES", target: "TRANSACTION", for: identityID, traits) {
            for value in traits[rule.key].sorted() where !rule.allowedValues.contains(value) {
                throw .state(
                    "\(rule.key) is \(value), and rule \(rule.id) allows \(rule.allowedValues.joined(separator: ", "))")
            }
        }
    }

    /// The same for a change of an identity.
    func checkAllowed(_ identityID: String, _ fields: JSONObject) throws(Refusal) {
        for rule in rules("ALLOWED_VALUES", target: "IDENTITY", for: identityID, nil) {
            guard let value = fields[rule.key]?.string, !rule.allowedValues.contains(value) else { continue }
            throw .invalid(
                "\(rule.key) is \(value), and rule \(rule.id) allows \(rule.allowedValues.joined(separator: ", "))")
        }
    }
}
