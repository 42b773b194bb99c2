import ConomyAPI
import ExactJSON

/// What a column of an input file holds, as a script declares it: `"money(currency)"`, `"integer?"`.
struct ColumnType: Sendable {
    enum Kind: Sendable {
        case text, integer, boolean, date
        /// Decimal text in the currency that another column of the row names.
        case money(column: String)
        case moneyOf(Currency)
        case oneOf([String])
    }
    let kind: Kind
    /// Written with a question mark: an empty field is no value.
    let isOptional: Bool

    static let names = ["text", "integer", "boolean", "date", "money(column)", "money(ARS)", "one_of(a, b)"]

    /// - Parameter columns: the header's columns; nil for JSON lines, which have none to check against.
    /// - Throws: `InputProblem` without a line when the declaration is not one.
    init(_ declaration: String, column: String, file: String, columns: [String]?) throws(InputProblem) {
        func wrong(_ problem: String) -> InputProblem { InputProblem(file: file, column: column, problem) }
        isOptional = declaration.hasSuffix("?")
        let text = isOptional ? String(declaration.dropLast()) : declaration
        let open = text.firstIndex(of: "(")
        let name = String(text[..<(open ?? text.endIndex)])
        var argument: String?
        if let open {
            guard text.hasSuffix(")") else { throw wrong("is declared as \"\(declaration)\": the bracket is not closed") }
            argument = trimmed(String(text[text.index(after: open)...].dropLast()))
        }
        switch (name, argument) {
        case ("text", nil): kind = .text
        case ("integer", nil): kind = .integer
        case ("boolean", nil): kind = .boolean
        case ("date", nil): kind = .date
        case ("one_of", let values?): kind = .oneOf(values.split(separator: ",").map { trimmed(String($0)) })
        case ("money", let argument?):
            if columns?.contains(argument) == true {
                kind = .money(column: argument)
            } else if Currency.exponents[argument] != nil {
                kind = .moneyOf(Currency(argument))
            } else if columns == nil, !argument.isEmpty {
                kind = .money(column: argument)
            } else {
                let suggestion = closest(to: argument, among: columns ?? []).map { "; did you mean \"\($0)\"?" } ?? ""
                throw wrong(
                    "is declared as \"\(declaration)\", and \"\(argument)\" is neither a column nor a currency\(suggestion)")
            }
        case ("money", nil): throw wrong("is declared as money: say in which currency, money(column) or money(ARS)")
        default:
            let suggestion =
                closest(to: name, among: ["text", "integer", "boolean", "date", "money", "one_of"]).map {
                    "; did you mean \"\($0)\"?"
                } ?? ""
            throw wrong(
                "is declared as \"\(declaration)\", and the types are \(ColumnType.names.joined(separator: ", "))\(suggestion)")
        }
    }

    /// What is wrong with a field, or its value. An optional empty field has the value null.
    /// - Parameter other: the row's field of another column, by name.
    func read(_ field: String, other: (String) -> String?) -> Result<JSON, Problem> {
        if field.isEmpty {
            if isOptional { return .success(.null) }
            if case .money = kind { return .failure(Problem("is empty, and an amount belongs there")) }
            return .failure(Problem("is empty"))
        }
        switch kind {
        case .text: return .success(.string(field))
        case .integer:
            guard let number = Int(field), String(number) == field else {
                return .failure(Problem("is \"\(field.prefix(64))\", which is not a whole number"))
            }
            return .success(.integer(number))
        case .boolean:
            switch field.lowercased() {
            case "true", "yes", "1": return .success(true)
            case "false", "no", "0": return .success(false)
            default: return .failure(Problem("is \"\(field.prefix(64))\", which is neither true nor false"))
            }
        case .date:
            guard Timestamp(field.utf8.count == 10 ? field + "T00:00:00Z" : field) != nil else {
                return .failure(Problem("is \"\(field.prefix(64))\", which is not a date as 2026-04-17"))
            }
            return .success(.string(field))
        case .oneOf(let values):
            guard values.contains(field) else {
                return .failure(Problem("is \"\(field.prefix(64))\", which is not one of \(values.joined(separator: ", "))"))
            }
            return .success(.string(field))
        case .money(let column):
            let code = other(column) ?? ""
            guard !code.isEmpty else { return .failure(Problem("has no currency: \(column) is empty")) }
            return money(field, Currency(code), column)
        case .moneyOf(let currency): return money(field, currency, nil)
        }
    }

    private func money(_ field: String, _ currency: Currency, _ column: String?) -> Result<JSON, Problem> {
        if Currency.exponents[currency.code] == nil, let column {
            let suggestion =
                closest(to: currency.code, among: Currency.exponents.keys.sorted()).map { "; did you mean \($0)?" } ?? ""
            return .failure(
                Problem(
                    "cannot be read: \(column) is \"\(currency.code.prefix(16))\", which is not a currency of the API\(suggestion)"
                ))
        }
        do throws(MoneyError) {
            let money = try Money(field, currency)
            // Scripts count the smallest unit in 64 bits.
            guard money.minorUnits <= Int128(Int64.max) else {
                return .failure(Problem("is \"\(field.prefix(64))\", which is too large"))
            }
            return .success(.string(money.text))
        } catch {
            return .failure(Problem("is \"\(error.text.prefix(64))\", which \(error.problem)"))
        }
    }

    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
