import ConomyAPI
import ExactJSON

/// Does a successful answer have the form the contract gives it?
///
/// What makes an answer unusable is refused: a missing member, a value of another kind, an amount that is none. A text that is
/// no proper e-mail address, URL or date is not a reason to call an effect doubtful, and neither is null for a member
/// that may be absent.
enum AnswerShape {
    /// What is wrong, to be read after "the answer"; nil when it fits the schema or another documented form of the same answer.
    static func problem(_ value: JSON, _ schema: Schema, of operation: Operation) -> String? {
        let found = violations(value, schema)
        guard let first = found.first else { return nil }
        for alternate in alternates[operation.id] ?? [] where fits(value, alternate) { return nil }
        return "does not fit the contract: \(first)"
    }

    /// The other documented forms of an answer (`x-alternate-schemas` in the contract), by the contract's name of the operation.
    enum Alternate: Equatable {
        case schema(String)
        case array(of: String)
    }
    static let alternates: [String: [Alternate]] = [
        "listAccounts": [.array(of: "Account"), .schema("AccountPage")],
        "listUnassignedPayments": [.schema("LegacyUnassignedDepositPage")],
        "listCustomers": [.schema("LegacyCustomerPage")],
        "listRefunds": [.schema("LegacyRefundPage")],
    ]

    private static func fits(_ value: JSON, _ alternate: Alternate) -> Bool {
        switch alternate {
        case .schema(let name): Schema.named(name).map { violations(value, $0).isEmpty } ?? false
        case .array(let name):
            if let items = value.array, let schema = Schema.named(name) {
                items.allSatisfy { violations($0, schema).isEmpty }
            } else {
                false
            }
        }
    }

    private static func violations(_ value: JSON, _ schema: Schema) -> [Violation] {
        let checker = SchemaChecker(.answer)
        let found = checker.check(value, schema)
        if found.isEmpty { return [] }
        // A null is as good as an absent member where the member is optional, and as bad where it is not.
        let withoutNulls = Set(checker.check(value.withoutNullMembers, schema).map(\.path))
        return found.filter { withoutNulls.contains($0.path) && matters($0, schema) }
    }

    private static func matters(_ violation: Violation, _ schema: Schema) -> Bool {
        switch violation.code {
        case "missing_field": true
        // Pages are followed by whatever `next` is; it has been seen as a number and as text.
        case "wrong_type": !violation.path.hasSuffix("pagination.next") && !violation.path.hasSuffix("pagination.previous")
        case "bad_format": isAmount(violation.path, schema)
        default: false
        }
    }

    private static func isAmount(_ path: String, _ schema: Schema) -> Bool {
        var schemas = [schema.resolved]
        for step in path.split(separator: ".") {
            let parts = step.split(separator: "[")
            schemas = schemas.flatMap { [$0] + $0.alternatives.map(\.resolved) + $0.mapping.values.compactMap(Schema.named) }
            if let name = parts.first, !step.hasPrefix("[") { schemas = schemas.compactMap { $0.member(String(name)) } }
            let indices = step.hasPrefix("[") ? parts.count : parts.count - 1
            for _ in 0..<indices { schemas = schemas.compactMap { $0.resolved.items } }
        }
        return schemas.contains(where: \.isAmount)
    }
}

extension Schema {
    /// Unlike `property`, unresolved: a description of its own may be what says "amount".
    fileprivate func member(_ name: String) -> Schema? { resolved.properties.first { $0.name == name }?.schema }
}

extension JSON {
    /// The value without members that are null, at any depth. Nulls in lists stay: they take a place.
    fileprivate var withoutNullMembers: JSON {
        switch self {
        case .object(let object):
            .object(JSONObject(object.members.filter { !$0.value.isNull }.map { ($0.key, $0.value.withoutNullMembers) }))
        case .array(let items): .array(items.map(\.withoutNullMembers))
        default: self
        }
    }
}
