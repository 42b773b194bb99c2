import ConomyAPI
import ExactJSON

/// A user or an organization.
struct Identity: Shelved {
    let id: String
    /// The contract's members, as they were given and patched.
    var fields: JSONObject
    var children: [String] = []
    var permissions: [JSON] = []
    var feeRules: [JSONObject] = []
    let createdAt: Timestamp
    var updatedAt: Timestamp

    func text(_ field: String) -> String? { fields[field]?.string }
    var externalID: String? { text("externalId") }
    var isOrganization: Bool { text("type") == "ORGANIZATION" }
    var fullName: String { [text("name"), text("lastname")].compactMap { $0 }.joined(separator: " ") }
}

extension Bank {
    @Sendable static func keys(_ identity: Identity) -> [String] {
        ["documentNumber", "externalId"].compactMap { field in identity.text(field).map { "\(field) \($0)" } }
            + identity.children.map { "child \($0)" }
    }

    func identity(_ call: Call) throws(Refusal) -> Identity {
        let id = call.objectID ?? ""
        guard let identity = identities[id] else { throw .notFound("identity", id) }
        return identity
    }

    func json(_ identity: Identity) -> JSON {
        var object: JSONObject = ["id": .string(identity.id)]
        for (key, value) in identity.fields.members { object[key] = value }
        if !identity.children.isEmpty {
            object["children"] = .array(
                identity.children.compactMap { identities[$0] }.map {
                    ["id": .string($0.id), "name": .string($0.fullName), "email": .string($0.text("email") ?? "")]
                })
        }
        if !identity.feeRules.isEmpty { object["rules"] = .array(identity.feeRules.map { .object($0) }) }
        object["createdAt"] = .string(identity.createdAt.description)
        object["updatedAt"] = .string(identity.updatedAt.description)
        return .object(object)
    }

    func answer(identity id: String) throws(Refusal) -> Answer {
        guard let identity = identities[id] else { throw .notFound("identity", id) }
        return Answer(status: 200, body: json(identity))
    }

    /// New identities are ACTIVE at once: validation of e-mail and phone happens outside the API.
    mutating func createIdentity(_ call: Call) throws(Refusal) -> Answer {
        var fields = call.body?.object ?? [:]
        if fields["type"] == nil { fields["type"] = "USER" }
        let phone = fields["phone"]?.string ?? ""
        guard phone.hasPrefix("+"), phone.utf8.dropFirst().count >= 6,
            phone.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw .invalid("phone is \"\(phone)\"; write a plus, the country's code and the number, such as +56911112222")
        }
        try checkPhone(phone, of: fields["country"]?.string)
        try checkUnique(fields)
        let children = try childIDs(fields["children"])
        let feeRules = try inlineFeeRules(fields["rules"])
        fields["children"] = nil
        if feeRules != nil { fields["rules"] = nil }
        fields["securityOptions"] = Bank.securityOptions(fields["securityOptions"])
        fields["status"] = "ACTIVE"
        let identity = Identity(
            id: newID(), fields: fields, children: children, feeRules: feeRules ?? [], createdAt: now, updatedAt: now)
        identities.put(identity)
        return Answer(status: 200, body: json(identity))
    }

    private func checkPhone(_ phone: String, of country: String?) throws(Refusal) {
        guard let country, let prefix = CallingCodes.prefix(of: country), !phone.hasPrefix(prefix) else { return }
        throw .invalid("phone is \"\(phone)\", and numbers of \(country) start with \(prefix)")
    }

    /// An organization's document is its own; users may share one as long as e-mail or phone differs.
    private func checkUnique(_ fields: JSONObject) throws(Refusal) {
        let isOrganization = fields["type"] == "ORGANIZATION"
        for other in identities.found("documentNumber \(fields["documentNumber"]?.string ?? "")") {
            let isSame =
                isOrganization
                ? other.isOrganization
                : !other.isOrganization && other.fields["email"] == fields["email"] && other.fields["phone"] == fields["phone"]
            if isSame {
                throw Refusal(
                    .alreadyExist,
                    "identity \(other.id) has this documentNumber\(isOrganization ? "" : ", e-mail and phone") already")
            }
        }
    }

    /// Children are given as ids, or as objects that have one.
    private func childIDs(_ value: JSON?) throws(Refusal) -> [String] {
        var ids: [String] = []
        for child in value?.array ?? [] {
            guard let id = child.string ?? child["id"]?.string else { throw .missing("a child has no id") }
            guard identities[id] != nil else { throw .notFound("identity", id) }
            if !ids.contains(id) { ids.append(id) }
        }
        return ids
    }

    /// Requests say `twoFactorEnabled`, answers `twoFactorAuth`.
    private static func securityOptions(_ given: JSON?) -> JSON? {
        guard var object = given?.object, let enabled = object["twoFactorEnabled"] else { return given }
        object["twoFactorEnabled"] = nil
        if object["twoFactorAuth"] == nil { object["twoFactorAuth"] = enabled }
        return .object(object)
    }

    /// Fee rules that come with an identity, as a list or as one object; nil where there are none, or the object is something else.
    private mutating func inlineFeeRules(_ value: JSON?) throws(Refusal) -> [JSONObject]? {
        let items = value?.array ?? (value?["transactionType"] == nil ? nil : value.map { [$0] })
        return try items?.enumerated().map { index, item throws(Refusal) in try feeRule(item, "rules[\(index + 1)].") }
    }

    /// Checks a fee rule and gives it an id.
    private mutating func feeRule(_ body: JSON, _ place: String) throws(Refusal) -> JSONObject {
        var rule = body.object ?? [:]
        for member in ["type", "transactionType", "amount"] where rule[member]?.string == nil {
            throw .missing("\(place)\(member) is missing")
        }
        let kind = rule["transactionType"]?.string ?? ""
        guard PaymentKind(rawValue: kind) != nil else {
            throw .invalid("\(place)transactionType is \(kind), which is no type of payment")
        }
        let type = rule["type"]?.string ?? ""
        _ = try FeeTerm.value(rule["amount"]?.string ?? "", type, "\(place)amount")
        if type == "FIXED" {
            guard let code = rule["currency"]?.string else { throw .missing("\(place)currency is missing; a FIXED fee has one") }
            guard Currency.exponents[code] != nil else { throw .invalid("\(place)currency \(code) is not known here") }
            _ = try money(rule["amount"]?.string ?? "", Currency(code), "\(place)amount")
        }
        rule["id"] = .string(newID())
        return rule
    }

    /// No identity is beneath itself.
    private func checkNoCycle(_ parent: String, _ children: [String]) throws(Refusal) {
        var above: Set<String> = [parent]
        var level = [parent]
        while !level.isEmpty { level = level.flatMap { parents(of: $0) }.filter { above.insert($0).inserted } }
        guard let child = children.first(where: above.contains) else { return }
        throw .invalid(
            child == parent ? "an identity cannot be its own child" : "identity \(child) is above \(parent) already")
    }

    func listIdentities(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let isFiltered = query.has("type", "email", "documentNumber", "phone", "country", "status")
        let page = try call.page(of: identities, isFiltered: isFiltered) { identity in
            ["type", "email", "documentNumber", "phone", "country", "status"].allSatisfy { query.allows($0, identity.text($0)) }
        }
        let data = page.items.map(json)
        return Answer(status: 200, body: ["data": .array(data), "pagination": page.envelope(data)])
    }

    func getIdentity(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: json(try identity(call))) }

    mutating func updateIdentity(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        var patch = call.body?.object ?? [:]
        let children = try patch["children"].map { value throws(Refusal) in try childIDs(value) }
        if let children { try checkNoCycle(identity.id, children) }
        try checkAllowed(identity.id, patch)
        try checkPhone(identity.text("phone") ?? "", of: patch["country"]?.string)
        let feeRules = try inlineFeeRules(patch["rules"])
        patch["children"] = nil
        if feeRules != nil { patch["rules"] = nil }
        if patch["securityOptions"] != nil { patch["securityOptions"] = Bank.securityOptions(patch["securityOptions"]) }
        let now = now
        _ = identities.change(identity.id) {
            for (key, value) in patch.members { $0.fields[key] = value }
            if let children { $0.children = children }
            if let feeRules { $0.feeRules = feeRules }
            $0.updatedAt = now
        }
        return try answer(identity: identity.id)
    }

    mutating func deleteIdentity(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        guard (accountsOfIdentity[identity.id] ?? []).isEmpty else {
            throw .state("identity \(identity.id) has accounts; delete them first")
        }
        identities.remove(identity.id)
        for parent in parents(of: identity.id) {
            _ = identities.change(parent) { $0.children.removeAll { $0 == identity.id } }
        }
        for rule in rules.found(identity.id) { rules.remove(rule.id) }
        brands[identity.id] = nil
        return Answer(status: 204, body: nil)
    }

    mutating func addIdentityChildren(_ call: Call) throws(Refusal) -> Answer {
        let parent = try identity(call)
        let ids = try childIDs(call.body?["children"])
        try checkNoCycle(parent.id, ids)
        for id in ids { if let child = identities[id] { try checkAllowed(parent.id, child.fields) } }
        let now = now
        _ = identities.change(parent.id) { identity in
            identity.children += ids.filter { !identity.children.contains($0) }
            identity.updatedAt = now
        }
        return try answer(identity: parent.id)
    }

    mutating func removeIdentityChildren(_ call: Call) throws(Refusal) -> Answer {
        let parent = try identity(call)
        let ids = call.body?["children"]?.array?.compactMap(\.string) ?? []
        for id in ids where !parent.children.contains(id) { throw .notFound("child", id) }
        let now = now
        _ = identities.change(parent.id) {
            $0.children.removeAll { ids.contains($0) }
            $0.updatedAt = now
        }
        return try answer(identity: parent.id)
    }

    mutating func addIdentityPermissions(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        let scopes = call.body?.array ?? []
        _ = identities.change(identity.id) { identity in
            for scope in scopes {
                let same = identity.permissions.firstIndex {
                    $0["resource"] == scope["resource"] && $0["reference"] == scope["reference"]
                }
                guard let same, var known = identity.permissions[same].object else {
                    identity.permissions.append(scope)
                    continue
                }
                let held = known["permissions"]?.array ?? []
                known["permissions"] = .array(held + (scope["permissions"]?.array ?? []).filter { !held.contains($0) })
                identity.permissions[same] = .object(known)
            }
        }
        return Answer(status: 201, body: [:])
    }

    func listIdentityPermissions(_ call: Call) throws(Refusal) -> Answer {
        Answer(status: 200, body: .array(try identity(call).permissions))
    }

    mutating func removeIdentityPermission(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        let reference = call.pathParameters["toRemoveId"] ?? ""
        guard identity.permissions.contains(where: { $0["reference"]?.string == reference }) else {
            throw .notFound("permission for", reference)
        }
        _ = identities.change(identity.id) { $0.permissions.removeAll { $0["reference"]?.string == reference } }
        return Answer(status: 204, body: nil)
    }

    /// Fee rules are shown in the identity's `rules`, and taken from its own payments of their transaction type.
    mutating func addIdentityFeeRule(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        let rule = try feeRule(call.body ?? [:], "")
        let now = now
        _ = identities.change(identity.id) {
            $0.feeRules.append(rule)
            $0.updatedAt = now
        }
        return try answer(identity: identity.id)
    }

    mutating func removeIdentityFeeRule(_ call: Call) throws(Refusal) -> Answer {
        let identity = try identity(call)
        let id = call.pathParameters["feeRuleId"] ?? ""
        guard identity.feeRules.contains(where: { $0["id"]?.string == id }) else { throw .notFound("fee rule", id) }
        let now = now
        _ = identities.change(identity.id) {
            $0.feeRules.removeAll { $0["id"]?.string == id }
            $0.updatedAt = now
        }
        return try answer(identity: identity.id)
    }
}

/// What telephone numbers of the contract's countries start with.
enum CallingCodes {
    static func prefix(of country: String) -> String? { prefixes[country] }

    private static let prefixes = [
        "CHL": "+56", "MEX": "+52", "COL": "+57", "BRA": "+55", "ARG": "+54", "PER": "+51", "BOL": "+591", "PRY": "+595",
        "AUS": "+61",
        "CRI": "+506", "DOM": "+1", "ECU": "+593", "PAN": "+507", "URY": "+598", "VEN": "+58", "USA": "+1", "CAN": "+1",
        "GBR": "+44",
        "FRA": "+33", "DEU": "+49", "ESP": "+34", "CHN": "+86", "HKG": "+852",
    ]
}
