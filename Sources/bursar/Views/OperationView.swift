import BursarEngine
import ConomyAPI
import ExactJSON

/// One operation of the API, for people and programs.
enum OperationView {
    static func summary(_ operation: Operation) -> JSON {
        [
            "name": .string(operation.name), "effect": .string(operation.effect.rawValue),
            "method": .string(operation.method.rawValue), "path": .string(operation.path),
            "summary": .string(operation.summary), "older": .bool(operation.isOlder),
        ]
    }

    static func document(_ operation: Operation) -> JSON {
        var object = summary(operation).object ?? [:]
        object["usage"] = .string(operation.usage)
        object["fields"] = .array(
            fields(of: operation).map { field in
                [
                    "path": .string(field.path), "type": .string(field.type), "required": .bool(field.isRequired),
                    "in": .string(field.place),
                    "values": .array(field.values.map(JSON.string)), "description": .string(field.description),
                ]
            })
        object["answers"] = .array(operation.answers.keys.sorted().map(JSON.integer))
        object["example"] = .string(ExampleCall.lua(operation))
        return .object(object)
    }

    static func text(_ operation: Operation, width: Int) -> String {
        var lines = [
            "\(operation.name)  (\(operation.effect.rawValue))", "  \(operation.summary)",
            "  \(operation.method.rawValue) \(operation.path)",
        ]
        if operation.isOlder { lines.append("  Described by older public documents only.") }
        if let availability = operation.availability { lines += ReportView.wrapped("  \(availability)", width, indent: 4) }
        if operation.isSandboxOnly { lines.append("  Exists in the sandbox only.") }
        lines += ["", "  \(operation.usage)", ""]
        let fields = fields(of: operation)
        if !fields.isEmpty { lines.append("Fields") }
        for field in fields {
            let required = field.isRequired ? ", required" : ""
            let values = field.values.isEmpty ? "" : ": " + field.values.joined(separator: ", ")
            lines += ReportView.wrapped("  \(field.path)  (\(field.type)\(required))\(values)", width, indent: 6)
            if !field.description.isEmpty { lines += ReportView.wrapped("      \(field.description)", width, indent: 6) }
        }
        lines += ["", "Answers  \(operation.answers.keys.sorted().map(String.init).joined(separator: ", "))", "", "Example"]
        lines += ExampleCall.lua(operation).split(separator: "\n").map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    struct Field {
        let path: String
        let type: String
        let isRequired: Bool
        let place: String
        let values: [String]
        let description: String
    }

    /// All fields, members of objects below their parent; a node's payloads are told apart by their type.
    static func fields(of operation: Operation) -> [Field] {
        var fields = operation.pathParameters.map { field($0.name, $0.schema, true, "path", $0.description) }
        fields += operation.queryParameters.map { field($0.name, $0.schema, $0.isRequired, "query", $0.description) }
        if let body = operation.body { walk(body.schema.resolved, "", 0, &fields) }
        return fields
    }

    private static func walk(_ schema: Schema, _ path: String, _ depth: Int, _ fields: inout [Field]) {
        guard depth < 3 else { return }
        if let items = schema.items, schema.properties.isEmpty, depth == 0, path.isEmpty {
            return walk(items.resolved, "[]", depth, &fields)
        }
        let shapes = schema.alternatives.isEmpty ? [schema] : schema.alternatives.map(\.resolved).filter { $0.kinds != [.null] }
        // More than a few shapes, as a payment's nodes have, would be a wall: their common fields and the list of types say more.
        for shape in shapes.count > 4 ? [] : shapes {
            for property in shape.properties where !property.schema.resolved.isReadOnly && !property.schema.isReadOnly {
                let name = path.isEmpty ? property.name : "\(path).\(property.name)"
                guard !fields.contains(where: { $0.path == name }) else { continue }
                let member = property.schema.resolved
                let description = property.schema.description.isEmpty ? member.description : property.schema.description
                fields.append(field(name, property.schema, shape.required.contains(property.name), "body", description))
                let inner = member.items?.resolved ?? member
                walk(inner, member.items == nil ? name : name + "[]", depth + 1, &fields)
            }
        }
    }

    private static func field(_ path: String, _ schema: Schema, _ isRequired: Bool, _ place: String, _ description: String)
        -> Field
    {
        let resolved = schema.resolved
        let inner = resolved.items?.resolved
        var values = (resolved.enumeration + (inner?.enumeration ?? [])).compactMap(\.string)
        if values.isEmpty { values = resolved.mapping.keys.sorted() + (inner?.mapping.keys.sorted() ?? []) }
        let type =
            resolved.isAmount
            ? "amount" : resolved.kinds.isEmpty ? "object" : resolved.kinds.map(\.rawValue).joined(separator: " or ")
        return Field(path: path, type: type, isRequired: isRequired, place: place, values: values, description: description)
    }
}
