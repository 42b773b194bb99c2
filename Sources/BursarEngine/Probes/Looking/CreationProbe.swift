import ConomyAPI
import ExactJSON

/// A probe that looks for the object a call made in the list where it belongs.
protocol CreationProbe: Probe {
    /// The list, with filters that only repeat what the call itself said.
    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)])
    /// What the call said of the object, under the names the list shows it with.
    func said(_ call: Call) -> JSON
    func likeness(_ sent: JSON) -> Likeness
    /// False for a row that no such call can have made.
    func isCandidate(_ row: JSON) -> Bool
}

extension CreationProbe {
    func said(_ call: Call) -> JSON { call.body ?? [:] }
    func isCandidate(_ row: JSON) -> Bool { true }

    func list(of call: Call) -> String? {
        let (operation, query) = listing(call)
        return ([operation] + query.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let (operation, query) = listing(doubt.call)
        let rows = try await doubt.rows(operation, query: query + bounds(operation, doubt), holdsWitness: true)
        let sent = said(doubt.call)
        return try await doubt.recognise(likeness(sent), as: sent, among: rows.filter(isCandidate)) { doubt.answer($0) }
    }

    /// Where the list takes them: a bound in time, and the order in which new rows come last and are read too.
    private func bounds(_ operation: String, _ doubt: Doubt) -> [(name: String, value: String)] {
        let known = Catalogue.conomy[operation]?.queryParameters.map(\.name) ?? []
        // Attempts do not say how their days are written.
        let since = known.contains("startDate") && operation != "payment_attempts.list" ? doubt.since : []
        return since + (known.contains("sort") ? [("sort", "createdAt:asc")] : [])
    }
}

/// A filter of a list, where the call said what to filter by.
func filter(_ name: String, _ value: String?) -> [(name: String, value: String)] {
    value.flatMap { $0.isEmpty ? nil : [(name, $0)] } ?? []
}
