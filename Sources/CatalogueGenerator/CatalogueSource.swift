import ExactJSON

/// Makes `Sources/ConomyAPI/Generated/Contract.swift` from the contract, `openapi.yaml`.
///
/// The Swift source holds JSON texts rather than Swift literals: they compile in no time, cost nothing at start-up, and
/// `ConomyAPI` parses only the operations and schemas a run touches.
public enum CatalogueSource {
    /// The whole Swift file. The same contract gives the same bytes.
    /// - Parameter contract: the text of `openapi.yaml`.
    /// - Throws: when the document is not YAML, or lacks what a catalogue needs.
    public static func make(contract: String) throws -> String {
        let document = try YAMLDocument.read(contract)
        guard let version = document["info"]?["version"]?.string, let paths = document["paths"]?.object,
            let schemas = document["components"]?["schemas"]?.object
        else { throw GeneratorError("info.version, paths or components.schemas is missing") }

        let reader = OperationReader(document: document)
        var operations: [JSON] = []
        for (path, methods) in paths.members {
            for (method, operation) in methods.object?.members ?? [] {
                operations.append(try reader.operation(method: method.uppercased(), path: path, operation))
            }
        }
        let webhooks = try (document["webhooks"]?.object?.members ?? []).map { name, item in
            guard let source = item["post"] else { throw GeneratorError("the webhook \(name) has no post") }
            return try reader.webhook(name: name, source)
        }
        return file(version: version, operations: operations, webhooks: webhooks, schemas: schemas)
    }

    private static func file(version: String, operations: [JSON], webhooks: [JSON], schemas: JSONObject) -> String {
        let webhookLines = webhooks.map { literal($0) }.joined(separator: ",\n        ")
        let operationLines = operations.map { literal($0) }.joined(separator: ",\n        ")
        let schemaCases = schemas.members
            .map { "        case \"\($0.key)\": \(literal(shortenReferences($0.value)))" }.joined(separator: "\n")
        let names = schemas.keys.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            // Made by scripts/generate from Sources/ConomyAPI/Contract/openapi.yaml. Change that file, then run the script.
            // swift-format-ignore-file

            enum GeneratedContract {
                static let version = "\(version)"

                /// One JSON object an operation, in the order of the contract.
                static let operations: [StaticString] = [
                    \(operationLines)
                ]

                /// One JSON object a webhook, in the order of the contract.
                static let webhooks: [StaticString] = [
                    \(webhookLines)
                ]

                static let schemaNames: [String] = [\(names)]

                /// One JSON object a schema; references are bare names.
                static func schema(_ name: String) -> StaticString? {
                    switch name {
            \(schemaCases)
                    default: nil
                    }
                }
            }

            """
    }

    private static func literal(_ value: JSON) -> String { "##\"" + value.text() + "\"##" }
}

/// `{"$ref": "#/components/schemas/Payment"}` becomes `{"$ref": "Payment"}`, at every depth.
func shortenReferences(_ value: JSON) -> JSON {
    switch value {
    case .array(let items): return .array(items.map(shortenReferences))
    case .object(let object):
        return .object(JSONObject(object.members.map { ($0.key, shortenReferences($0.value)) }))
    case .string(let text):
        let prefix = "#/components/schemas/"
        return text.hasPrefix(prefix) ? .string(String(text.dropFirst(prefix.count))) : value
    default: return value
    }
}
