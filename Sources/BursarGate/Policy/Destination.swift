public import ConomyAPI
import ExactJSON

/// A place that a call sends money to.
public struct Destination: Sendable, Equatable {
    /// True for an account at the API, false for one elsewhere.
    public let isInternal: Bool
    /// The words that name it; empty where the call does not say it in a way that can be compared.
    public let names: [String]
    /// Where it stands in the request: `destinations[1]`.
    public let path: String

    /// Everything the call names as a receiver.
    public static func all(of call: Call) -> [Destination] {
        if call.operation.name == "payments.assign" {
            return [Destination(isInternal: true, names: texts(call.body, ["accountNumber", "accountId"]), path: "")]
        }
        let nodes = call.body?["destinations"]?.array ?? []
        return nodes.enumerated().map { index, node in Destination(node, path: "destinations[\(index + 1)]") }
    }

    private init(isInternal: Bool, names: [String], path: String) {
        self.isInternal = isInternal
        self.names = names
        self.path = path
    }

    /// A node of a payment. An account elsewhere is named by the number in its rail's part; a person's name is no account.
    init(_ node: JSON, path: String) {
        let type = node["type"]?.string
        isInternal = type == "ACCOUNT" || type == nil && (node["account"] != nil || node["accountNumber"] != nil)
        self.path = path
        if isInternal {
            names = Destination.texts(node["account"], ["accountNumber"]) + Destination.texts(node, ["accountNumber"])
            return
        }
        var names: [String] = []
        for (member, value) in node.object?.members ?? [] where member != "account" && member != "identity" {
            names += Destination.texts(value, ["accountNumber", "clabe", "code", "iban", "address"])
            names += Destination.texts(value["bank"], ["accountNumber"])
        }
        self.names = names
    }

    private static func texts(_ object: JSON?, _ members: [String]) -> [String] {
        members.compactMap { object?[$0]?.string }.filter { !$0.isEmpty }
    }
}
