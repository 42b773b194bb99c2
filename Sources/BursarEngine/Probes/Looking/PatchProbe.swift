import ConomyAPI
import ExactJSON

/// A probe of a change of some fields: all that were sent must read back.
///
/// That they do is no proof that this call did it. It is what was asked for, and the same change again would change nothing.
protocol PatchProbe: ObjectProbe {
    /// What was sent and what the answer shows, in one form, where the API writes them differently.
    func comparable(sent: JSONObject) -> JSONObject
    func comparable(shown: JSON) -> JSON
}

extension PatchProbe {
    var presence: String {
        "every field that was sent reads back as sent, whoever wrote it; a null reads back as null or nothing"
    }
    var absence: String { "a field that was sent reads back otherwise" }
    var repetition: String { "writes the same values again" }

    func comparable(sent: JSONObject) -> JSONObject { sent }
    func comparable(shown: JSON) -> JSON { shown }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        guard let body = try await object(for: doubt) else { throw .unclear("\(reading) knows no \(doubt.pathID())") }
        let sent = comparable(sent: doubt.call.body?.object ?? [:])
        let shown = comparable(shown: body)
        func members(_ wanted: Agreement) -> String {
            sent.members.filter { Agreement(sent: $0.value, shown: shown[$0.key], name: $0.key) == wanted }.map(\.key)
                .joined(separator: ", ")
        }
        switch Agreement(sent: .object(sent), shown: shown) {
        case .same: return .present(doubt.answer(body), evidence: "as sent: \(members(.same))")
        case .different: return .absent(evidence: "otherwise than sent: \(members(.different))")
        case .hidden: return .unknown("\(reading) does not show all of \(members(.hidden))")
        }
    }
}
