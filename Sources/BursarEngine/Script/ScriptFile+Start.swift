import ConomyAPI
import ExactJSON

extension ScriptFile {
    /// What a script's process is sent: the script, its arguments, and what it can call.
    /// - Parameter event: the one that is to be handled; nil for a script that runs by itself.
    func startPayload(arguments: [(name: String, value: String)], event: JSONObject? = nil) -> [UInt8] {
        let operations = Catalogue.conomy.operations
        var payload: JSONObject = [
            "script": .string(source), "name": .string(name),
            "args": .object(JSONObject(arguments.map { ($0.name, .string($0.value)) })),
            "operations": .array(operations.map { .string($0.name) }),
            "lists": .array(operations.filter(\.isList).map { .string($0.name) }),
            "currencies": .object(JSONObject(Currency.exponents.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
            "default_exponent": .integer(Currency.defaultExponent),
        ]
        if let event { payload["event"] = .object(event) }
        return JSON.object(payload).bytes()
    }
}
