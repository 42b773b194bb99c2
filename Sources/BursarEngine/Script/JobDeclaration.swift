import BursarGate
import ConomyAPI
import ExactJSON
import Foundation

/// What a script says of itself in `job { ... }`.
struct JobDeclaration: Sendable {
    struct Argument: Sendable {
        enum Kind: String, Sendable, CaseIterable { case text, integer, boolean, file, amount, date }
        let name: String
        let kind: Kind
        let help: String
        /// Nil: the argument must be given.
        let fallback: JSON?
    }

    var name: String
    var about = ""
    var arguments: [Argument] = []
    /// Nil: policy alone decides.
    var effects: [String]?

    /// - Throws: `ScriptError` naming the field.
    init(_ table: JSONObject, script: String) throws(ScriptError) {
        func wrong(_ path: String, _ problem: String, _ hint: String? = nil) -> ScriptError {
            ScriptError("invalid", code: "invalid_job", "job: \(path) \(problem)", hint: hint, path: path)
        }
        name = script
        let known = ["name", "about", "args", "effects"]
        for (key, value) in table.members {
            switch key {
            case "name":
                guard let text = value.string, !text.isEmpty,
                    text.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
                else {
                    throw wrong("name", "must be a text of letters, digits, dashes, dots and underscores")
                }
                name = text
            case "about":
                guard let text = value.string else { throw wrong("about", "must be a text") }
                about = text
            case "effects":
                guard let items = value.array ?? (value.object?.isEmpty == true ? [] : nil) else {
                    throw wrong("effects", "must be a list of operations")
                }
                effects = []
                for (index, item) in items.enumerated() {
                    let path = "effects[\(index + 1)]"
                    guard let text = item.string else { throw wrong(path, "must be a text") }
                    let covers = Catalogue.conomy.operations.contains { DeclaredEffects.pattern(text, covers: $0.name) }
                    guard covers else {
                        throw wrong(
                            path, "is \"\(text)\", which is no operation",
                            Catalogue.conomy.suggestion(for: text).map { "did you mean \"\($0)\"?" })
                    }
                    effects?.append(text)
                }
            case "args":
                guard let declared = value.object ?? (value.array?.isEmpty == true ? [:] : nil) else {
                    throw wrong("args", "must be a table of arguments")
                }
                for (argument, declaration) in declared.members {
                    arguments.append(try JobDeclaration.argument(argument, declaration, wrong))
                }
            default:
                throw wrong(
                    key, "is not a field of job",
                    closest(to: key, among: known).map { "did you mean \"\($0)\"?" }
                        ?? "the fields are \(known.joined(separator: ", "))")
            }
        }
    }

    private static func argument(_ name: String, _ declaration: JSON, _ wrong: (String, String, String?) -> ScriptError)
        throws(ScriptError) -> Argument
    {
        let path = "args.\(name)"
        let object: JSONObject = declaration.object ?? ["type": declaration.array?.first ?? declaration]
        let kinds = Argument.Kind.allCases.map(\.rawValue)
        for key in object.keys where !["type", "help", "default"].contains(key) {
            throw wrong("\(path).\(key)", "is not known", "known here: type, help, default")
        }
        guard let text = object["type"]?.string, let kind = Argument.Kind(rawValue: text) else {
            let given = object["type"]?.string.map { "is declared as \"\($0)\"" } ?? "has no type"
            throw wrong(path, given, "the types are \(kinds.joined(separator: ", "))")
        }
        return Argument(name: name, kind: kind, help: object["help"]?.string ?? "", fallback: object["default"])
    }

    /// Checks and types the arguments of the command line. Files become absolute paths.
    /// - Throws: `ScriptError` with code `usage`, saying how to call the script.
    func bind(_ given: [(name: String, value: String)], folder: String) throws(ScriptError) -> JSONObject {
        func usage(_ problem: String, _ hint: String? = nil) -> ScriptError {
            let arguments = arguments.map {
                $0.fallback == nil
                    ? "\($0.name)=\($0.kind.rawValue.uppercased())" : "[\($0.name)=\($0.kind.rawValue.uppercased())]"
            }
            let how = arguments.isEmpty ? "\(name) takes no arguments" : "\(name) takes \(arguments.joined(separator: " "))"
            return ScriptError("invalid", code: "usage", problem, hint: hint.map { "\($0) \(how)" } ?? how)
        }
        var result = JSONObject()
        for (name, value) in given {
            guard let argument = arguments.first(where: { $0.name == name }) else {
                throw usage(
                    "there is no argument \"\(name)\"",
                    closest(to: name, among: arguments.map(\.name)).map { "did you mean \"\($0)\"?" })
            }
            guard result[name] == nil else { throw usage("the argument \"\(name)\" is given twice") }
            func wrong(_ what: String) -> ScriptError { usage("the argument \(name) is \"\(value)\", which is not \(what)") }
            switch argument.kind {
            case .text: result[name] = .string(value)
            case .integer:
                guard let number = Int(value) else { throw wrong("a whole number") }
                result[name] = .integer(number)
            case .boolean:
                guard ["true", "false"].contains(value) else { throw wrong("true or false") }
                result[name] = .bool(value == "true")
            case .amount:
                guard (try? Money(value, Currency("USDT"))) != nil else { throw wrong("an amount such as 150.00") }
                result[name] = .string(value)
            case .date:
                guard Timestamp(value + "T00:00:00Z") != nil else { throw wrong("a date as 2026-04-17") }
                result[name] = .string(value)
            case .file:
                let path = value.hasPrefix("/") ? value : folder + "/" + value
                guard FileManager.default.fileExists(atPath: path) else {
                    throw usage("the argument \(name) names the file \"\(value)\", which does not exist")
                }
                result[name] = .string(path)
            }
        }
        for argument in arguments where result[argument.name] == nil {
            guard let fallback = argument.fallback else {
                throw usage("the argument \"\(argument.name)\" is missing\(argument.help.isEmpty ? "" : " (\(argument.help))")")
            }
            if !fallback.isNull { result[argument.name] = fallback }
        }
        return result
    }
}
