public import ExactJSON

/// One schema of the contract, in the form checks and documentation need. References are followed when they are used;
/// `allOf` is merged when the schema is read.
public final class Schema: Sendable {
    public enum Kind: String, Sendable { case string, integer, number, boolean, object, array, null }

    public struct Property: Sendable {
        public let name: String
        public let schema: Schema
    }

    private let fields: SchemaFields
    /// The places of properties by their names.
    private let places: [String: Int]

    /// The name in the contract, `Payment`; nil for a schema written in place.
    public var name: String? { fields.name }
    /// Empty where the contract names no type.
    public var kinds: [Kind] { fields.kinds }
    public var description: String { fields.description }
    public var properties: [Property] { fields.properties }
    public var required: [String] { fields.required }
    /// The values of a closed list; empty where the list is open.
    public var enumeration: [JSON] { fields.enumeration }
    /// Values the documents name of an open list.
    public var knownValues: [String] { fields.knownValues }
    public var pattern: String? { fields.pattern }
    public var format: String? { fields.format }
    public var minimum: Int? { fields.minimum }
    public var maximum: Int? { fields.maximum }
    public var minimumItems: Int { fields.minimumItems }
    public var minimumProperties: Int { fields.minimumProperties }
    public var examples: [JSON] { fields.examples }
    public var isReadOnly: Bool { fields.isReadOnly }
    public var isDeprecated: Bool { fields.isDeprecated }
    /// True where members the schema does not name are part of the contract.
    public var isOpen: Bool { fields.isOpen }
    /// Alternatives of `oneOf`; `mapping` picks one by the value of the member `discriminator`.
    public var alternatives: [Schema] { fields.alternatives }
    public var discriminator: String? { fields.discriminator }
    public var mapping: [String: String] { fields.mapping }
    /// Of each group at least one member must be there (`anyOf` of `required`).
    public var oneRequiredOf: [[String]] { fields.oneRequiredOf }
    /// The `x-` members, for readers that know them: `x-node-key`, `x-required-fields`, `x-direction`.
    public var extensions: [String: JSON] { fields.extensions }

    /// What an array holds.
    public var items: Schema? { fields.itemList.first }

    /// The schema itself, or the one it refers to.
    public var resolved: Schema { fields.reference.map { Schemas.named($0) } ?? self }

    /// The schema of a member, for objects.
    public func property(_ name: String) -> Schema? { member(name)?.resolved }

    /// The same as it is written, with what stands beside a reference.
    func member(_ name: String) -> Schema? { places[name].map { fields.properties[$0].schema } }

    /// True for amounts of money (the contract's `DecimalAmount`), directly or under a description of its own.
    public var isAmount: Bool { resolved.name == Schema.amountName || resolved.extensions["amount"] == true }
    private static let amountName = "DecimalAmount"

    /// The schema of the contract with this name, `PaymentNode`; nil when it has none.
    public static func named(_ name: String) -> Schema? {
        GeneratedContract.schemaNames.contains(name) ? Schemas.named(name) : nil
    }

    init(json: JSON, name: String? = nil) {
        fields = SchemaFields(json: json, name: name)
        let numbered = fields.properties.enumerated().map { ($0.element.name, $0.offset) }
        places = Dictionary(numbered) { first, _ in first }
    }
}

/// What a schema says, while it is read.
private struct SchemaFields: Sendable {
    var name: String?
    var kinds: [Schema.Kind] = []
    var description = ""
    var properties: [Schema.Property] = []
    var required: [String] = []
    var enumeration: [JSON] = []
    var knownValues: [String] = []
    var pattern: String?
    var format: String?
    var minimum: Int?
    var maximum: Int?
    var minimumItems = 0
    var minimumProperties = 0
    var examples: [JSON] = []
    var isReadOnly = false
    var isDeprecated = false
    var isOpen = false
    var alternatives: [Schema] = []
    var discriminator: String?
    var mapping: [String: String] = [:]
    var oneRequiredOf: [[String]] = []
    var extensions: [String: JSON] = [:]
    var reference: String?
    var itemList: [Schema] = []

    init(json: JSON, name: String? = nil) {
        self.name = name
        for (key, value) in json.object?.members ?? [] {
            switch key {
            case "$ref": reference = value.string
            case "type": kinds = (value.array ?? [value]).compactMap { $0.string.flatMap(Schema.Kind.init) }
            case "description": description = value.string ?? ""
            case "properties":
                properties = (value.object?.members ?? []).map { Schema.Property(name: $0.key, schema: Schema(json: $0.value)) }
            case "required": required = value.array?.compactMap(\.string) ?? []
            case "enum": enumeration = value.array ?? []
            case "const": enumeration = [value]
            case "pattern": pattern = value.string
            case "format": format = value.string
            case "minimum": minimum = value.integer
            case "maximum": maximum = value.integer
            case "minItems": minimumItems = value.integer ?? 0
            case "minProperties": minimumProperties = value.integer ?? 0
            case "examples": examples = value.array ?? []
            case "readOnly": isReadOnly = value.bool ?? false
            case "deprecated": isDeprecated = value.bool ?? false
            case "additionalProperties": isOpen = value.bool ?? true
            case "items": itemList = [Schema(json: value)]
            case "oneOf": alternatives = (value.array ?? []).map { Schema(json: $0) }
            case "anyOf": oneRequiredOf = [(value.array ?? []).compactMap { $0["required"]?.array?.first?.string }]
            case "discriminator":
                discriminator = value["propertyName"]?.string
                for (tag, schema) in value["mapping"]?.object?.members ?? [] { mapping[tag] = schema.string }
            case "x-known-values": knownValues = value.array?.compactMap(\.string) ?? []
            default: if key.hasPrefix("x-") { extensions[key] = value }
            }
        }
        for part in json["allOf"]?.array ?? [] { merge(Schema(json: part).resolved) }
    }

    /// Takes in one part of an `allOf`; what is written beside the `allOf` wins.
    private mutating func merge(_ part: Schema) {
        if part.isAmount { extensions["amount"] = true }
        if kinds.isEmpty { kinds = part.kinds }
        if description.isEmpty { description = part.description }
        for property in part.properties {
            if let index = properties.firstIndex(where: { $0.name == property.name }) {
                // A later part narrows an earlier one: a node's `type` is one constant there.
                properties[index] = property
            } else {
                properties.append(property)
            }
        }
        required += part.required.filter { !required.contains($0) }
        if enumeration.isEmpty { enumeration = part.enumeration }
        if knownValues.isEmpty { knownValues = part.knownValues }
        pattern = pattern ?? part.pattern
        format = format ?? part.format
        minimum = minimum ?? part.minimum
        maximum = maximum ?? part.maximum
        minimumItems = max(minimumItems, part.minimumItems)
        if examples.isEmpty { examples = part.examples }
        isReadOnly = isReadOnly || part.isReadOnly
        oneRequiredOf += part.oneRequiredOf
        extensions.merge(part.extensions) { own, _ in own }
    }
}
