public import ExactJSON

/// One way in which a value does not fit its schema.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// `unknown_field`, `missing_field`, `wrong_type`, `not_in_list`, `bad_format`, `out_of_bounds`, `bad_amount`, `read_only`.
    public let code: String
    /// The field, `origins[1].account.accountNumber`; empty for the value itself.
    public let path: String
    /// What is wrong, to be read after the path: "has 2 decimals, and CLP has none".
    public let problem: String
    /// What to do.
    public let hint: String?

    public init(code: String, path: String, problem: String, hint: String?) {
        self.code = code
        self.path = path
        self.problem = problem
        self.hint = hint
    }

    public var description: String {
        let place = path.isEmpty ? problem : "\(path) \(problem)"
        return hint.map { "\(place); \($0)" } ?? place
    }
}

/// Checks values against schemas of the contract.
public struct SchemaChecker: Sendable {
    public enum Mode: Sendable {
        /// What we send: everything must be known, because a misspelt field is an instruction that is not followed.
        case request
        /// What we receive: unknown members and new values of a list are allowed, as the API's own rules ask of its clients.
        case answer
        /// What our simulator answers: like a request, except that members only the server sets are at home.
        case ownAnswer
    }

    public let mode: Mode

    public init(_ mode: Mode) { self.mode = mode }

    /// All violations, in the order of the value.
    public func check(_ value: JSON, _ schema: Schema, path: String = "") -> [Violation] {
        var found = Findings(path: path)
        check(value, schema.resolved, &found)
        return found.violations
    }

    /// What was found, and where the check is now: as text only when there is something to report.
    private struct Findings {
        private enum Step {
            case member(String)
            /// From 1 on.
            case item(Int)
        }

        var violations: [Violation] = []
        private let start: String
        private var steps: [Step] = []

        init(path: String) { start = path }

        var path: String {
            steps.reduce(start) { path, step in
                switch step {
                case .member(let name): join(path, name)
                case .item(let number): "\(path)[\(number)]"
                }
            }
        }

        mutating func at(_ member: String, _ body: (inout Findings) -> Void) { at(.member(member), body) }

        mutating func at(item number: Int, _ body: (inout Findings) -> Void) { at(.item(number), body) }

        private mutating func at(_ step: Step, _ body: (inout Findings) -> Void) {
            steps.append(step)
            body(&self)
            steps.removeLast()
        }

        mutating func add(_ code: String, _ problem: String, hint: String? = nil) {
            violations.append(Violation(code: code, path: path, problem: problem, hint: hint))
        }

        mutating func add(_ code: String, at member: String, _ problem: String, hint: String? = nil) {
            violations.append(Violation(code: code, path: join(path, member), problem: problem, hint: hint))
        }
    }

    private func check(_ value: JSON, _ schema: Schema, _ found: inout Findings) {
        if !schema.alternatives.isEmpty { return checkAlternatives(value, schema, &found) }

        guard accepts(value, schema.kinds) else {
            if schema.kinds.contains(.integer), case .decimal(let text) = value,
                text.drop(while: { $0 == "-" }).utf8.allSatisfy({ (0x30...0x39).contains($0) })
            {
                let bound = text.hasPrefix("-") ? "least is \(Int.min)" : "most is \(Int.max)"
                return found.add("out_of_bounds", "is \(text.prefix(40)), and the \(bound)")
            }
            let hint =
                schema.isAmount
                ? "an amount is decimal text in major units, such as \"150.00\", or money(\"150.00\", \"ARS\")" : nil
            return found.add("wrong_type", "is \(described(value)) where \(expected(schema)) belongs", hint: hint)
        }
        if !schema.enumeration.isEmpty, !schema.enumeration.contains(value), mode != .answer {
            let names = schema.enumeration.compactMap(\.string)
            let suggestion = value.string.flatMap { closest(to: $0, among: names) }.map { "did you mean \"\($0)\"?" }
            let list = names.count == 1 ? "must be \"\(names[0])\"" : "must be one of " + names.joined(separator: ", ")
            return found.add("not_in_list", "is \(described(value)), and \(list)", hint: suggestion)
        }
        switch value {
        case .string(let text): checkText(text, schema, &found)
        case .integer(let number):
            if let minimum = schema.minimum, number < minimum {
                found.add("out_of_bounds", "is \(number), and the least is \(minimum)")
            }
            if let maximum = schema.maximum, number > maximum {
                found.add("out_of_bounds", "is \(number), and the most is \(maximum)")
            }
        case .array(let items):
            if items.count < schema.minimumItems {
                found.add("out_of_bounds", "has \(items.count) items, and the least is \(schema.minimumItems)")
            }
            guard let itemSchema = schema.items?.resolved else { return }
            for (index, item) in items.enumerated() { found.at(item: index + 1) { check(item, itemSchema, &$0) } }
        case .object(let object): checkMembers(object, schema, &found)
        default: break
        }
    }

    private func checkAlternatives(_ value: JSON, _ schema: Schema, _ found: inout Findings) {
        if let discriminator = schema.discriminator {
            guard value.object != nil else {
                return found.add("wrong_type", "is \(described(value)) where an object belongs")
            }
            guard let tag = value[discriminator]?.string else {
                return found.add(
                    "missing_field", at: discriminator, "is missing",
                    hint: "it says which kind this is: one of " + schema.mapping.keys.sorted().joined(separator: ", "))
            }
            guard let chosen = schema.mapping[tag] else {
                if mode == .answer { return }
                let suggestion = closest(to: tag, among: schema.mapping.keys.sorted()).map { "did you mean \"\($0)\"?" }
                return found.add(
                    "not_in_list", at: discriminator,
                    "is \"\(tag)\", and must be one of " + schema.mapping.keys.sorted().joined(separator: ", "), hint: suggestion)
            }
            return check(value, Schemas.named(chosen), &found)
        }
        var first: [Violation]?
        for alternative in schema.alternatives.map(\.resolved) {
            let before = found.violations.count
            check(value, alternative, &found)
            let tried = Array(found.violations[before...])
            found.violations.removeSubrange(before...)
            if tried.isEmpty { return }
            // "X or null": what is wrong with a value that is not null is what X says.
            if alternative.kinds != [.null] { first = first ?? tried }
        }
        found.violations += first ?? []
    }

    private func checkMembers(_ object: JSONObject, _ schema: Schema, _ found: inout Findings) {
        // A schema without members describes a free object.
        let isOpen = mode == .answer || schema.isOpen || schema.properties.isEmpty
        for (key, value) in object.members {
            guard let property = schema.member(key) else {
                guard !isOpen else { continue }
                let names = schema.properties.map(\.name)
                let suggestion = closest(to: key, among: names).map { "did you mean \"\($0)\"?" }
                found.add(
                    "unknown_field", at: key, "is not a field of the contract",
                    hint: suggestion ?? "known here: " + names.joined(separator: ", "))
                continue
            }
            let memberSchema = property.resolved
            if mode == .request, property.isReadOnly || memberSchema.isReadOnly {
                found.add("read_only", at: key, "is set by the API", hint: "leave it out")
                continue
            }
            found.at(key) { found in
                check(value, memberSchema, &found)
                if mode != .answer, memberSchema.isAmount, let text = value.string {
                    checkDecimals(text, in: object, of: key, &found)
                }
            }
        }
        // Answers abbreviate a payment's nodes: the type is there, the payload of that type need not be.
        guard mode != .answer || schema.extensions["x-node-key"] == nil else { return }
        for name in schema.required where object[name] == nil {
            let about = schema.property(name)?.description ?? ""
            found.add("missing_field", at: name, "is missing", hint: about.isEmpty ? nil : "it is needed: \(about)")
        }
        for group in schema.oneRequiredOf where !group.isEmpty && !group.contains(where: { object[$0] != nil }) {
            let list = group.joined(separator: ", ")
            found.add("missing_field", found.path.isEmpty ? "one of \(list) is missing" : "lacks one of \(list)")
        }
        if object.count < schema.minimumProperties {
            found.add("missing_field", "has no members", hint: "give at least one")
        }
    }

    /// An amount whose currency stands beside it may not have more decimals than that currency.
    private func checkDecimals(_ text: String, in object: JSONObject, of key: String, _ found: inout Findings) {
        guard let code = currency(of: key, in: object) else { return }
        do { _ = try Money(text, Currency(code)) } catch {
            // Bad spelling was reported by the schema already.
            let path = found.path
            guard !found.violations.contains(where: { $0.path == path }) else { return }
            found.add("bad_amount", "is \"\(text)\" and \(error.problem)")
        }
    }

    private func checkText(_ text: String, _ schema: Schema, _ found: inout Findings) {
        if schema.isAmount {
            // The contract's own pattern for what is received; canonical spelling for what we send.
            if mode == .answer {
                if !isDecimal(text) { found.add("bad_format", malformed(text, "an amount")) }
            } else {
                do { _ = try DecimalText(text) } catch {
                    found.add(
                        "bad_amount", "is \"\(text.prefix(64))\", which \(error.problem)",
                        hint: "write digits with a dot before the decimals, such as 1000 or 150.00")
                }
            }
            return
        }
        // What is received is not refused for its spelling.
        guard mode != .answer else { return }
        if let pattern = schema.pattern, !Pattern.matches(text, pattern) {
            let example = schema.resolved.examples.first?.string.map { ", such as \"\($0)\"" } ?? ""
            found.add("bad_format", malformed(text, Pattern.described(pattern) + example))
        } else if let format = schema.format, let expected = Format.problem(text, format) {
            found.add("bad_format", malformed(text, expected))
        }
    }

    /// The contract's pattern for amounts, `^\d+(\.\d+)?$`, without a regular expression: every answer passes here.
    private func isDecimal(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }

    private func malformed(_ text: String, _ expected: String) -> String {
        "is \"\(text.prefix(64))\", which is not \(expected)"
    }

    private func accepts(_ value: JSON, _ kinds: [Schema.Kind]) -> Bool {
        guard !kinds.isEmpty else { return true }
        return kinds.contains { kind in
            switch (kind, value) {
            case (.string, .string), (.integer, .integer), (.number, .integer), (.number, .decimal), (.boolean, .bool),
                (.object, .object),
                (.array, .array), (.null, .null):
                true
            default: false
            }
        }
    }

    private func expected(_ schema: Schema) -> String {
        if schema.isAmount { return "decimal text" }
        let names: [Schema.Kind: String] = [
            .string: "a text", .integer: "a whole number", .number: "a number", .boolean: "true or false", .object: "an object",
            .array: "a list", .null: "null",
        ]
        return schema.kinds.compactMap { names[$0] }.joined(separator: " or ")
    }
}

/// The member that names an amount's currency: `purchaseCurrency` for `purchaseAmount`, `currency` for the others.
public func currencyField(of amountField: String) -> String { amountField == "purchaseAmount" ? "purchaseCurrency" : "currency" }

private func currency(of amountField: String, in object: JSONObject) -> String? { object[currencyField(of: amountField)]?.string }

func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

/// A value as an error text shows it: short, and with its kind.
func described(_ value: JSON) -> String {
    switch value {
    case .string(let text): "the text \"\(text.prefix(64))\""
    case .integer(let number): "the number \(number)"
    case .decimal(let text): "the number \(text.prefix(40))"
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .array, .object: value.kind
    }
}
