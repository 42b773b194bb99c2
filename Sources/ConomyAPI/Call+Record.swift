public import ExactJSON

extension Call {
    /// The call as JSON: all that decides what travels, and nothing else. Equal calls have equal records.
    public var record: JSON {
        var object: JSONObject = ["operation": .string(operation.name)]
        if !pathParameters.isEmpty {
            object["path"] = .object(JSONObject(pathParameters.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        if !query.isEmpty { object["query"] = .array(query.map { [.string($0.name), .string($0.value)] }) }
        object["body"] = body
        if !money.isEmpty {
            let amounts = money.sorted { $0.key < $1.key }
            object["money"] = .object(
                JSONObject(amounts.map { ($0.key, [.string($0.value.text), .string($0.value.currency.code)]) }))
        }
        return .object(object)
    }

    /// The call that made this record; nil when it is none of this catalogue's.
    public init?(record: JSON, in catalogue: Catalogue) {
        guard let operation = record["operation"]?.string.flatMap({ catalogue[$0] }) else { return nil }
        var path: [String: String] = [:]
        for (name, value) in record["path"]?.object?.members ?? [] { path[name] = value.string }
        var query: [(name: String, value: String)] = []
        for pair in record["query"]?.array ?? [] {
            guard let name = pair.array?.first?.string, let value = pair.array?.last?.string else { return nil }
            query.append((name, value))
        }
        var money: [String: Money] = [:]
        for (name, value) in record["money"]?.object?.members ?? [] {
            guard let text = value.array?.first?.string, let code = value.array?.last?.string,
                let amount = try? Money(text, Currency(code))
            else { return nil }
            money[name] = amount
        }
        self.init(operation, pathParameters: path, query: query, body: record["body"], money: money)
    }
}
