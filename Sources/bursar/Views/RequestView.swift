import BursarJournal
import ConomyAPI
import ExactJSON

/// The call of a recorded effect, taken apart for people: what travelled, and how to look for what it did.
struct RequestView {
    /// `POST /payments/p1/refund`
    let line: String
    let body: JSON?
    /// A `bursar api call` that reads what the effect would have changed or made; nil where no read of the API shows it.
    let look: String?

    init(_ effect: RecordedEffect, environment: String) {
        let request = FieldLines.parsed(effect.request)
        let operation = Catalogue.conomy[effect.operation]
        let parameters = RequestView.parameters(request, effect, operation)
        let path = request["path"]?.string ?? operation?.path(with: parameters)
        let method = request["method"]?.string ?? operation?.method.rawValue
        line = [method, path].compactMap(\.self).joined(separator: " ") + RequestView.query(request["query"])
        // A record of another form is shown as it is.
        body = request["body"] ?? (request["path"] == nil && request["method"] == nil ? request : nil)
        look = operation.flatMap { RequestView.look($0, parameters, effect, environment) }
    }

    private static func parameters(_ request: JSON, _ effect: RecordedEffect, _ operation: Operation?) -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in (request["path"]?.object ?? request["path_parameters"]?.object)?.members ?? [] {
            parameters[name] = value.string
        }
        // The object acted on is named by the first parameter of the path.
        if parameters.isEmpty, let first = operation?.pathParameters.first, let object = effect.object {
            parameters[first.name] = object
        }
        return parameters
    }

    private static func query(_ query: JSON?) -> String {
        let pairs =
            query?.object?.members.map { ($0.key, $0.value.string ?? $0.value.text()) }
            ?? query?.array?.compactMap { pair in
                pair.array.flatMap { $0.count == 2 ? ($0[0].string ?? "", $0[1].string ?? $0[1].text()) : nil }
            } ?? []
        guard !pairs.isEmpty else { return "" }
        return "?" + pairs.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
    }

    private static func look(
        _ operation: Operation, _ parameters: [String: String], _ effect: RecordedEffect, _ environment: String
    )
        -> String?
    {
        let catalogue = Catalogue.conomy
        func call(_ name: String, _ fields: [(String, String)]) -> String {
            let words = fields.map { " " + ShellText.quoted("\($0.0)=\($0.1)") }.joined()
            return "bursar api call \(name)\(words) --env \(ShellText.quoted(environment))"
        }
        if operation.name == "payments.refund", let id = parameters["id"] { return call("payments.refunds", [("id", id)]) }
        if let get = catalogue["\(operation.resource).get"], let name = get.pathParameters.first?.name, let id = parameters[name]
        {
            return call(get.name, [(name, id)])
        }
        guard parameters.isEmpty, let list = catalogue["\(operation.resource).list"] else { return nil }
        let filters = Set(list.queryParameters.map(\.name))
        if filters.contains("externalId"), let mark = effect.stamp ?? effect.object {
            return call(list.name, [("externalId", mark)])
        }
        // The bank's clock may differ: the day before, too.
        let day = String(effect.intendedAt.adding(milliseconds: -86_400_000).description.prefix(10))
        return call(list.name, (filters.contains("startDate") ? [("startDate", day)] : []) + [("limit", "50")])
    }
}
