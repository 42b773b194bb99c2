import ConomyAPI
import ExactJSON

/// Checks what came in against the contract, before any handler sees it.
enum ArgumentCheck {
    static func check(_ call: Call) throws(Refusal) {
        for parameter in call.operation.queryParameters {
            let values = call.query.filter { $0.name == parameter.name }.map(\.value)
            guard values.count < 2 else { throw .invalid("the query parameter \(parameter.name) is given \(values.count) times") }
            let schema = parameter.schema.resolved
            let value = values.first ?? ""
            if value.isEmpty, parameter.isRequired { throw .missing("the query parameter \(parameter.name) is missing") }
            guard !values.isEmpty else { continue }
            var read = JSON.string(value)
            // An empty text filters nothing; where the schema has no empty value, it is a mistake like any other.
            if schema.kinds == [.integer] {
                guard let number = wholeNumber(value) else {
                    throw .invalid("\(parameter.name) is \"\(value)\" where a whole number belongs")
                }
                read = .integer(number)
            }
            try refuse(SchemaChecker(.request).check(read, schema, path: parameter.name))
        }
        guard let expected = call.operation.body else { return }
        guard let body = call.body else {
            if expected.isRequired { throw .missing("the body is missing") }
            return
        }
        // Older samples of the documents send an empty text where there is nothing to say.
        if body == "", !expected.isRequired { return }
        let violations = SchemaChecker(.request).check(body, expected.schema)
        // The documents answer a colour that is none with 422, and everything else of this kind with 400.
        if let colour = violations.first, colour.code == "bad_format",
            call.operation.id == Handled.updateOrganizationBrand.rawValue
        {
            throw .state(colour.description)
        }
        try refuse(violations)
    }

    /// A field that is missing is code 12, every other fault 11; the first one decides, the sentence names up to five.
    private static func refuse(_ violations: [Violation]) throws(Refusal) {
        guard let first = violations.first else { return }
        let detail = violations.prefix(5).map(\.description).joined(separator: "; ")
        throw Refusal(first.code == "missing_field" ? .missingParam : .invalidParam, detail)
    }
}

/// Reads plain digits, after a minus or none; what is too large becomes the largest there is, which means the same to a list.
func wholeNumber(_ text: String) -> Int? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text) ?? (text.hasPrefix("-") ? .min : .max)
}
