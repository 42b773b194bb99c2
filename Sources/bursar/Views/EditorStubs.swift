import ConomyAPI
import ExactJSON

/// What an editor needs to complete, explain and check scripts: a file of declarations for the Lua language server, made from the
/// catalogue of the API and from the reference of what a script sees.
struct EditorStubs {
    private var lines: [String] = []
    /// Schemas that were named and are still to be declared, and those that are.
    private var wanted: [Schema] = []
    private var declared: Set<String> = []

    static func text(version: String) -> String {
        var stubs = EditorStubs()
        stubs.lines = [
            "---@meta bursar", "-- What a script of Bursar \(version) sees. Made by `bursar stubs`; changes to it are lost.", "",
            "---An exact amount: decimal text, or what money() gives. Never a number.",
            "---@alias conomy.Amount string|bursar.Money", "",
            "---@class bursar.Money", "---@field amount string", "---@field currency string", "",
        ]
        stubs.addLibrary()
        stubs.addOperations()
        stubs.addSchemas()
        // Each declaration ends with an empty line.
        return stubs.lines.joined(separator: "\n")
    }

    // MARK: What is Bursar's own

    /// The sections behind this one are of Lua's own functions, which the language server knows.
    private static let firstOfLua = "Lua's own"
    private static let ofLua: Set = ["error", "pcall", "xpcall", "assert", "print", "require", "load"]

    private mutating func addLibrary() {
        var tables: Set<String> = []
        for section in Reference.library.sections.prefix(while: { $0.title != EditorStubs.firstOfLua }) {
            for entry in section.entries where !EditorStubs.ofLua.contains(entry.name) && entry.name != "conomy" {
                if let dot = entry.name.firstIndex(of: "."), tables.insert(String(entry.name[..<dot])).inserted {
                    lines += ["\(entry.name[..<dot]) = {}", ""]
                }
                addText(entry.lines.joined(separator: "\n"))
                add(entry)
            }
        }
    }

    private mutating func add(_ entry: Reference.Entry) {
        guard let open = entry.signature.firstIndex(of: "(") else {
            lines += ["---@type \(entry.name == "args" ? "table<string, any>" : "any")", "\(entry.name) = nil", ""]
            return
        }
        let parameters = entry.signature[open...].dropFirst().dropLast().split(separator: ",").map { parameter in
            parameter.trimmed { $0 == " " }
        }
        // What stands behind one that may be left out may be left out at its place, too.
        var isOptional = false
        for parameter in parameters where parameter != "..." {
            isOptional = isOptional || parameter.hasPrefix("[")
            lines.append("---@param \(EditorStubs.identifier(parameter))\(isOptional ? "?" : "") any")
        }
        if parameters.contains("...") { lines.append("---@param ... any") }
        lines += [
            "---@return any", "function \(entry.name)(\(parameters.map(EditorStubs.identifier).joined(separator: ", "))) end", "",
        ]
    }

    private static func identifier(_ parameter: String) -> String { parameter.trimmed { $0 == "[" || $0 == "]" } }

    // MARK: The API

    private mutating func addOperations() {
        addText("The API. Path parameters come first, then one table.")
        lines += ["conomy = {}", ""]
        var resources: Set<String> = []
        for operation in Catalogue.conomy.operations {
            if resources.insert(operation.resource).inserted { lines += ["conomy.\(operation.resource) = {}", ""] }
            add(operation)
        }
    }

    private mutating func add(_ operation: Operation) {
        let table = argumentsClass(operation)
        let answer = operation.successStatuses.lazy.compactMap { operation.answers[$0] ?? nil }.first
        func add(_ name: String, returning type: String, _ text: String) {
            addText(text)
            for parameter in operation.pathParameters {
                lines.append("---@param \(parameter.name) string\(EditorStubs.remark(parameter.description))")
            }
            if let table { lines.append("---@param arguments\(table.isRequired ? "" : "?") \(table.type)") }
            lines.append("---@return \(type)")
            let names = operation.pathParameters.map(\.name) + (table == nil ? [] : ["arguments"])
            lines += ["function conomy.\(name)(\(names.joined(separator: ", "))) end", ""]
        }
        let older = operation.isOlder ? "\nDescribed by older public documents only." : ""
        let what = "\(operation.summary)\n\(operation.method.rawValue) \(operation.path), \(operation.effect.rawValue).\(older)"
        add(operation.name, returning: answer.map { type($0, isAnswer: true) } ?? "nil", what)
        if operation.isList {
            let name = operation.name.hasSuffix(".list") ? operation.resource + ".each" : operation.name + "_each"
            let item = answer.flatMap { EditorStubs.listed($0.resolved) }.map { type($0, isAnswer: true) } ?? "table"
            add(name, returning: "fun(): \(item)", "Walks all pages of `\(operation.name)`.")
        }
    }

    /// What a page lists.
    private static func listed(_ schema: Schema, depth: Int = 0) -> Schema? {
        if let items = schema.items { return items }
        guard depth < 3 else { return nil }
        return schema.properties.lazy.compactMap { listed($0.schema.resolved, depth: depth + 1) }.first
    }

    /// The type of the table that an operation takes; nil where it takes none.
    private mutating func argumentsClass(_ operation: Operation) -> (type: String, isRequired: Bool)? {
        let body = operation.body?.schema.resolved
        if let body, body.kinds == [.array] { return (type(body), true) }
        guard body != nil || !operation.queryParameters.isEmpty else { return nil }
        var fields = operation.queryParameters.map { Field($0.name, $0.schema, $0.isRequired, $0.description) }
        if let body { fields += EditorStubs.fields(of: body, isAnswer: false) }
        let name = "conomy.\(operation.name).arguments"
        declare(name, fields, isOpen: body?.isOpen ?? false, isAnswer: false)
        return (name, fields.contains { $0.isRequired })
    }

    // MARK: Schemas

    private struct Field {
        let name: String
        /// One for each shape that has it.
        var schemas: [Schema]
        let isRequired: Bool
        let description: String

        init(_ name: String, _ schema: Schema, _ isRequired: Bool, _ description: String) {
            self.name = name
            schemas = [schema]
            self.isRequired = isRequired
            self.description = description.isEmpty ? schema.resolved.description : description
        }
    }

    /// All members; of several shapes those of all, and required is what each of them requires.
    private static func fields(of schema: Schema, isAnswer: Bool) -> [Field] {
        let shapes = schema.alternatives.isEmpty ? [schema] : schema.alternatives.map(\.resolved).filter { $0.kinds != [.null] }
        var fields: [Field] = []
        for property in shapes.flatMap(\.properties) {
            guard isAnswer || !property.schema.isReadOnly && !property.schema.resolved.isReadOnly else { continue }
            if let known = fields.firstIndex(where: { $0.name == property.name }) {
                fields[known].schemas.append(property.schema)
            } else {
                let isRequired = shapes.allSatisfy { $0.required.contains(property.name) }
                fields.append(Field(property.name, property.schema, isRequired, property.schema.description))
            }
        }
        return fields
    }

    private mutating func type(ofAny schemas: [Schema], isAnswer: Bool) -> String {
        var types: [String] = []
        for schema in schemas {
            let one = type(schema, isAnswer: isAnswer)
            if !types.contains(one) { types.append(one) }
        }
        return types.joined(separator: "|")
    }

    private mutating func declare(_ name: String, _ fields: [Field], isOpen: Bool, isAnswer: Bool) {
        let described = fields.map { field in
            let key = EditorStubs.isName(field.name) ? field.name : "[\"\(field.name)\"]"
            return
                "---@field \(key)\(field.isRequired ? "" : "?") \(type(ofAny: field.schemas, isAnswer: isAnswer))\(EditorStubs.remark(field.description))"
        }
        lines += ["---@class \(name)"] + described + (isOpen ? ["---@field [string] any"] : []) + [""]
    }

    private mutating func addSchemas() {
        while let schema = wanted.popLast() {
            guard let name = schema.name, declared.insert(name).inserted else { continue }
            addText(schema.description)
            declare("conomy.\(name)", EditorStubs.fields(of: schema, isAnswer: true), isOpen: schema.isOpen, isAnswer: true)
        }
    }

    /// How the language server writes a schema.
    private mutating func type(_ schema: Schema, isAnswer: Bool = false) -> String {
        let schema = schema.resolved
        if schema.isAmount { return isAnswer ? "string" : "conomy.Amount" }
        let values = (schema.enumeration.compactMap(\.string) + schema.knownValues).map { "\"\($0)\"" }
        if !values.isEmpty {
            // An open list has others, too.
            return (schema.enumeration.isEmpty ? ["string"] + values : values).joined(separator: "|")
        }
        if let items = schema.items {
            let item = type(items, isAnswer: isAnswer)
            return item.contains("|") ? "(\(item))[]" : item + "[]"
        }
        if let name = schema.name, !schema.properties.isEmpty || !schema.alternatives.isEmpty {
            wanted.append(schema)
            return "conomy.\(name)"
        }
        if !schema.alternatives.isEmpty { return type(ofAny: schema.alternatives, isAnswer: isAnswer) }
        let kinds = schema.kinds.map { kind in
            switch kind {
            case .string, .integer, .number, .boolean: kind.rawValue
            case .object, .array: "table"
            case .null: "nil"
            }
        }
        return kinds.isEmpty ? "any" : kinds.joined(separator: "|")
    }

    // MARK: Text

    private mutating func addText(_ text: String) {
        let text = text.trimmed { $0.isNewline || $0 == " " }
        guard !text.isEmpty else { return }
        lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "---\($0)" }
    }

    /// What stands behind a type, on its line.
    private static func remark(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? "" : " \(line)"
    }

    private static func isName(_ text: String) -> Bool {
        text.first?.isNumber == false && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

extension StringProtocol {
    fileprivate func trimmed(_ isMargin: (Character) -> Bool) -> String {
        let start = drop(while: isMargin)
        guard let last = start.lastIndex(where: { !isMargin($0) }) else { return "" }
        return String(start[...last])
    }
}
