import ConomyAPI
import ExactJSON

/// Nothing shows that a session that is ACTIVE was refreshed. It is what was asked for, and its answer says until when.
struct CheckoutSessionsRefreshProbe: Probe {
    let operation = "checkout_sessions.refresh"
    let search = "all checkout sessions: the status of the newest that has the token"
    let presence = "ACTIVE, PROCESSING_PAYMENT or FINISHED, whoever made it so; expiresAt says how long it has, renewed or not"
    let absence = "EXPIRED or FAILED: it was not refreshed, or its time has run out again"
    let repetition = "gives the session its time once more"
    let settling: Duration = .seconds(10)

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let token = doubt.pathID()
        let all = try await doubt.rows("checkout_sessions.list", query: [("sort", "createdAt:asc")], holdsWitness: false)
        guard all.allSatisfy({ $0["checkoutToken"]?.string != nil }) else { throw .unclear("a session does not show its token") }
        let sessions = all.filter { $0["checkoutToken"]?.string == token }
        let times = sessions.map { $0["createdAt"]?.string.flatMap(Timestamp.init) }
        let newest = zip(sessions, times).filter { sessions.count == 1 || ($1 != nil && $1 == times.compactMap { $0 }.max()) }
        guard newest.count == 1, sessions.count == 1 || !times.contains(nil), let (session, _) = newest.first else {
            return .unknown(
                sessions.isEmpty ? "no session has the token \(token)" : "nothing tells which session of \(token) is the newest")
        }
        switch session["status"]?.string {
        case let status? where ["ACTIVE", "PROCESSING_PAYMENT", "FINISHED"].contains(status):
            return .present(doubt.answer(session), evidence: "the session is \(status)")
        case let status? where ["EXPIRED", "FAILED"].contains(status): return .absent(evidence: "the session is \(status)")
        case let status: return .unknown("the session is \(status ?? "of no status")")
        }
    }
}
