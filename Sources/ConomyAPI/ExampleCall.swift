public import ExactJSON

/// A call of an operation that would pass the contract's checks, made from the schemas alone.
public enum ExampleCall {
    /// The arguments: path parameters first, then the table, with what is required and nothing else.
    public static func arguments(_ operation: Operation) -> [JSON] {
        var arguments = operation.pathParameters.map { value($0.schema.resolved, name: $0.name, depth: 0) }
        if let body = operation.body?.schema.resolved {
            var table = value(body, name: "", depth: 0)
            if let field = operation.amountFields.first, var object = table.object, object[field] == nil {
                object[field] = "1000"
                table = .object(object)
            }
            if table.object?.isEmpty != true { arguments.append(table) }
        } else {
            let required = operation.queryParameters.filter(\.isRequired)
            if !required.isEmpty {
                arguments.append(
                    .object(JSONObject(required.map { ($0.name, value($0.schema.resolved, name: $0.name, depth: 0)) })))
            }
        }
        return arguments
    }

    /// The same as a line of a script.
    public static func lua(_ operation: Operation) -> String {
        let texts = arguments(operation).map { luaText($0, indent: 0) }
        return "local answer = conomy.\(operation.name)(\(texts.joined(separator: ", ")))"
    }

    private static func value(_ schema: Schema, name: String, depth: Int) -> JSON {
        if let first = schema.enumeration.first { return first }
        if schema.isAmount { return "1000" }
        if let chosen = alternative(schema, name: name) { return value(chosen, name: name, depth: depth) }
        if let example = schema.examples.first { return example }
        if let known = schema.knownValues.first { return .string(known) }
        switch schema.kinds.first {
        case .integer?: return .integer(schema.minimum ?? 1)
        case .number?: return .integer(1)
        case .boolean?: return true
        case .array?: return .array(schema.items.map { [value($0.resolved, name: name, depth: depth + 1)] } ?? [])
        case .object?, nil: return .object(members(schema, depth: depth))
        default: return .string(text(schema, name: name))
        }
    }

    /// Of a payment's nodes: a card pays in, an account receives.
    private static func alternative(_ schema: Schema, name: String) -> Schema? {
        guard !schema.alternatives.isEmpty else { return nil }
        if name.hasPrefix("destination"), let account = schema.mapping["ACCOUNT"] { return Schemas.named(account) }
        return schema.alternatives.map(\.resolved).first { $0.kinds != [.null] }
    }

    private static func members(_ schema: Schema, depth: Int) -> JSONObject {
        guard depth < 8 else { return [:] }
        var names = schema.required
        for group in schema.oneRequiredOf where Set(group).isDisjoint(with: names) { names += group.prefix(1) }
        if names.isEmpty, schema.minimumProperties > 0 { names = schema.properties.prefix(1).map(\.name) }
        // An account's number is what its payload is for, even where the contract does not insist.
        if schema.name == "AccountPayload" { names.append("accountNumber") }
        return JSONObject(
            schema.properties.filter { names.contains($0.name) }.map {
                ($0.name, value($0.schema.resolved, name: $0.name, depth: depth + 1))
            })
    }

    private static func text(_ schema: Schema, name: String) -> String {
        switch schema.format {
        case "email": return "ana@example.com"
        case "uri": return "https://example.com/back"
        case "date-time": return "2026-04-17T14:37:44Z"
        default: break
        }
        switch schema.pattern {
        case "^[A-Z0-9_]+:[A-Z0-9_]+$"?: return "CLP:CLP"
        case "^\\d{2}/\\d{2}/\\d{4}$"?: return "17/04/2026"
        case let pattern? where pattern.hasPrefix("^\\d{"):
            return String(repeating: "1", count: Int(pattern.dropFirst(4).dropLast(2)) ?? 1)
        default: break
        }
        return name.isEmpty ? "text" : name
    }

    private static func luaText(_ value: JSON, indent: Int) -> String {
        switch value {
        case .object(let object):
            if object.isEmpty { return "{}" }
            let pad = String(repeating: "  ", count: indent + 1)
            let lines = object.members.map { "\(pad)\(luaKey($0.key)) = \(luaText($0.value, indent: indent + 1))," }
            return "{\n" + lines.joined(separator: "\n") + "\n" + String(repeating: "  ", count: indent) + "}"
        case .array(let items): return "{ " + items.map { luaText($0, indent: indent) }.joined(separator: ", ") + " }"
        case .null: return "null"
        default: return value.text()
        }
    }

    private static func luaKey(_ key: String) -> String {
        key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } ? key : "[\"\(key)\"]"
    }
}
