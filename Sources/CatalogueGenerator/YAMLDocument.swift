import ExactJSON
import Yams

/// A YAML document as JSON, in the order it was written.
enum YAMLDocument {
    /// - Throws: `GeneratorError` or the parser's own error, which names line and column.
    static func read(_ text: String) throws -> JSON {
        guard let node = try Yams.compose(yaml: text) else { throw GeneratorError("the document is empty") }
        return try convert(node)
    }

    private static func convert(_ node: Node) throws -> JSON {
        switch node {
        case .mapping(let mapping):
            return .object(JSONObject(try mapping.map { (try key($0.key), try convert($0.value)) }))
        case .sequence(let sequence):
            return .array(try sequence.map(convert))
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            switch scalar.string {
            case "true": return true
            case "false": return false
            case "null", "~", "": return nil
            default: return Int(scalar.string).map(JSON.integer) ?? .string(scalar.string)
            }
        case .alias:
            throw GeneratorError("aliases are not used in the contract")
        }
    }

    private static func key(_ node: Node) throws -> String {
        guard let scalar = node.scalar else { throw GeneratorError("a member's name is not a text") }
        return scalar.string
    }
}

/// The contract has a shape the generator does not know.
public struct GeneratorError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
