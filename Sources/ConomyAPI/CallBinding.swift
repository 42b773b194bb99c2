public import ExactJSON

/// The arguments given to an operation do not fit the contract. Nothing was sent.
public struct InvalidArguments: Error, Sendable, CustomStringConvertible {
    public let operation: String
    /// At least one, in the order of the arguments.
    public let violations: [Violation]

    public init(operation: String, violations: [Violation]) {
        self.operation = operation
        self.violations = violations
    }

    public var description: String {
        let first = violations.prefix(5).map(\.description).joined(separator: "; ")
        let more = violations.count > 5 ? "; and \(violations.count - 5) more" : ""
        return "\(operation): \(first)\(more)"
    }

    /// The same, as the failure a performer reports.
    public var failure: CallFailure {
        let first = violations[0]
        let message =
            violations.count == 1 && first.hint != nil
            ? "\(operation): \(first.path.isEmpty ? "" : first.path + " ")\(first.problem)" : description
        return CallFailure(
            .invalid, code: first.code, message, hint: violations.count == 1 ? first.hint : nil,
            path: first.path.isEmpty ? nil : first.path)
    }
}

extension Call {
    /// Binds arguments as scripts give them: the path parameters in the order of the path, then one table that holds the
    /// body's fields and the query's.
    ///
    /// An amount may be decimal text or the tagged form of a money value, `{"$money": ["150.00", "ARS"]}`. Where the API
    /// would take everything that is left when an amount is absent, the amount must be given, or `"all"` in words.
    /// - Throws: `InvalidArguments` with every violation found.
    public init(binding operation: Operation, _ arguments: [JSON]) throws(InvalidArguments) {
        var pathParameters: [String: JSON] = [:]
        for (parameter, argument) in zip(operation.pathParameters, arguments) { pathParameters[parameter.name] = argument }
        let rest = arguments.dropFirst(operation.pathParameters.count)
        if rest.count > 1 {
            let usage = operation.usage
            throw InvalidArguments(
                operation: operation.name,
                violations: [
                    Violation(
                        code: "too_many_arguments", path: "", problem: "was given \(arguments.count) arguments",
                        hint: "call it as \(usage)")
                ])
        }
        try self.init(binding: operation, path: pathParameters, table: rest.first ?? .null)
    }

    /// Binds arguments by name, as the command line gives them.
    /// - Throws: `InvalidArguments` with every violation found.
    public init(binding operation: Operation, path: [String: JSON], table: JSON) throws(InvalidArguments) {
        var binder = CallBinder(operation: operation)
        let parameters = binder.pathParameters(path)
        let (query, body) = binder.split(table)
        guard binder.violations.isEmpty else { throw InvalidArguments(operation: operation.name, violations: binder.violations) }
        self.init(operation, pathParameters: parameters, query: query, body: body, money: binder.money)
    }
}

extension Operation {
    /// How scripts call it: `conomy.payments.refund(id, {...})`.
    public var usage: String {
        let hasTable = body != nil || !queryParameters.isEmpty
        let arguments = pathParameters.map(\.name) + (hasTable ? ["{...}"] : [])
        return "conomy.\(name)(\(arguments.joined(separator: ", ")))"
    }
}

private struct CallBinder {
    let operation: Operation
    var violations: [Violation] = []
    var money: [String: Money] = [:]

    init(operation: Operation) { self.operation = operation }

    mutating func report(_ code: String, _ path: String, _ problem: String, hint: String? = nil) {
        violations.append(Violation(code: code, path: path, problem: problem, hint: hint))
    }

    mutating func pathParameters(_ given: [String: JSON]) -> [String: String] {
        var result: [String: String] = [:]
        for parameter in operation.pathParameters {
            switch given[parameter.name] {
            case .string(let text)?:
                if text.isEmpty || text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                    report("bad_format", parameter.name, text.isEmpty ? "is empty" : "has control characters")
                }
                // Much that lies between here and the API reads them, written %2E too, as "this folder" and "the one above".
                if text == "." || text == ".." { report("bad_format", parameter.name, "is \"\(text)\", which is no id") }
                let found = SchemaChecker(.request).check(.string(text), parameter.schema, path: parameter.name)
                violations += found
                result[parameter.name] = text
            case nil, .null?:
                report("missing_field", parameter.name, "is missing", hint: "call it as \(operation.usage)")
            case let other?:
                report(
                    "wrong_type", parameter.name, "is \(described(other)) where a text belongs",
                    hint: "call it as \(operation.usage)")
            }
        }
        return result
    }

    /// Sorts the table's members into query and body, and checks both.
    mutating func split(_ table: JSON) -> (query: [(name: String, value: String)], body: JSON?) {
        let bodySchema = operation.body?.schema.resolved
        if let bodySchema, bodySchema.kinds == [.array] {
            let body = plain(table, bodySchema, "")
            violations += SchemaChecker(.request).check(body.isNull ? .array([]) : body, bodySchema)
            return ([], body)
        }
        let object: JSONObject
        switch table {
        case .object(let members): object = members
        case .null: object = JSONObject()
        case .array(let items) where items.isEmpty: object = JSONObject()
        default:
            report(
                "wrong_type", "", "was given \(described(table)) where a table of fields belongs",
                hint: "call it as \(operation.usage)")
            return ([], nil)
        }
        var queryMembers = JSONObject()
        var bodyMembers = JSONObject()
        for (key, value) in object.members {
            let inBody = bodySchema.map { knows($0, key) } ?? false
            if !inBody, operation.queryParameters.contains(where: { $0.name == key }) {
                queryMembers[key] = value
            } else if bodySchema != nil {
                bodyMembers[key] = value
            } else {
                let names = operation.queryParameters.map(\.name)
                let suggestion = closest(to: key, among: names).map { "did you mean \"\($0)\"?" }
                let known = names.isEmpty ? "it takes no fields" : "known here: \(names.joined(separator: ", "))"
                report("unknown_field", key, "is not a field of the contract", hint: suggestion ?? known)
            }
        }
        let query = self.query(queryMembers)
        guard let bodySchema else { return (query, nil) }
        return (query, body(bodyMembers, bodySchema))
    }

    private func knows(_ schema: Schema, _ key: String) -> Bool {
        schema.property(key) != nil || schema.alternatives.contains { $0.resolved.property(key) != nil }
    }

    private mutating func query(_ members: JSONObject) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        for parameter in operation.queryParameters {
            guard let given = members[parameter.name], !given.isNull else {
                if parameter.isRequired { report("missing_field", parameter.name, "is missing", hint: parameter.description) }
                continue
            }
            let schema = parameter.schema.resolved
            var value = plain(given, schema, parameter.name)
            // The API takes lists in the query as one text with commas.
            if case .array(let items) = value, schema.kinds == [.string] {
                value = .string(items.compactMap(\.string).joined(separator: ","))
            }
            violations += SchemaChecker(.request).check(value, schema, path: parameter.name)
            switch value {
            case .string(let text): result.append((parameter.name, text))
            case .integer(let number): result.append((parameter.name, String(number)))
            case .bool(let flag): result.append((parameter.name, flag ? "true" : "false"))
            default: break
            }
        }
        return result
    }

    private mutating func body(_ members: JSONObject, _ schema: Schema) -> JSON? {
        var members = members
        requireAmountInWords(&members, schema)
        let body = plain(.object(members), schema, "")
        violations += SchemaChecker(.request).check(body, schema)
        checkMoney(in: body)
        if members.isEmpty, operation.body?.isRequired == false { return nil }
        return body
    }

    /// Where an absent amount means "everything that is left", silence is not enough.
    private mutating func requireAmountInWords(_ members: inout JSONObject, _ schema: Schema) {
        let fields = operation.amountFields
        guard !fields.isEmpty else { return }
        let shape =
            schema.discriminator.flatMap { members[$0]?.string }.flatMap { schema.mapping[$0] }.flatMap(Schema.named) ?? schema
        // A shape that requires an amount is checked by the schema itself.
        guard shape.discriminator == nil, !shape.required.contains(where: fields.contains),
            !shape.oneRequiredOf.contains(where: { !Set($0).isDisjoint(with: fields) })
        else { return }
        let given = fields.filter { members[$0] != nil && members[$0] != .null }
        if given.isEmpty {
            report(
                "missing_field", fields[0], "is missing",
                hint:
                    "without it the API takes everything that is left: give an amount, or \(fields[0]) = \"all\" if that is what you mean"
            )
        } else if given.allSatisfy({ members[$0] == "all" }) {
            for field in given { members[field] = nil }
        }
    }

    /// Replaces money values by their text, and remembers their currency. An empty Lua table becomes what the schema asks for.
    private mutating func plain(_ value: JSON, _ schema: Schema?, _ path: String) -> JSON {
        switch value {
        case .object(let object):
            if let parts = object["$money"]?.array, object.count == 1 {
                guard parts.count == 2, let text = parts[0].string, let code = parts[1].string,
                    let amount = try? Money(text, Currency(code))
                else {
                    report("bad_amount", path, "is not a money value")
                    return value
                }
                money[path] = amount
                return .string(text)
            }
            if object.isEmpty, schema?.kinds == [.array] { return .array([]) }
            let shape =
                schema.flatMap { schema in
                    schema.discriminator.flatMap { object[$0]?.string }.flatMap { schema.mapping[$0] }.flatMap(Schema.named)
                } ?? schema
            return .object(
                JSONObject(object.members.map { ($0.key, plain($0.value, shape?.property($0.key), join(path, $0.key))) }))
        case .array(let items):
            if items.isEmpty, let schema, schema.kinds.contains(.object), !schema.kinds.contains(.array) {
                return .object(JSONObject())
            }
            return .array(items.enumerated().map { plain($1, schema?.items?.resolved, "\(path)[\($0 + 1)]") })
        default: return value
        }
    }

    /// A money value whose currency differs from the one written beside it is two instructions.
    private mutating func checkMoney(in body: JSON) {
        for (path, amount) in money.sorted(by: { $0.key < $1.key }) {
            let dot = path.lastIndex(of: ".")
            let field = String(dot.map { path[path.index(after: $0)...] } ?? path[...])
            let parent = dot.map { String(path[..<$0]) } ?? ""
            guard let code = body.at(parent)?[currencyField(of: field)]?.string, code != amount.currency.code else { continue }
            report("bad_amount", path, "is \(amount), and \(currencyField(of: field)) beside it is \"\(code)\"")
        }
    }
}

extension JSON {
    /// The value at a path as error texts write it, `origins[1].amount`; lists count from 1. The empty path is the value itself.
    public func at(_ path: String) -> JSON? {
        var value: JSON? = self
        for step in path.split(separator: ".") {
            let parts = step.split(separator: "[")
            if !step.hasPrefix("[") { value = value?[String(parts[0])] }
            for index in parts.dropFirst(step.hasPrefix("[") ? 0 : 1) {
                guard let number = Int(index.dropLast()), let items = value?.array, items.indices.contains(number - 1) else {
                    return nil
                }
                value = items[number - 1]
            }
        }
        return value
    }
}
