import ConomyAPI
import ExactJSON

/// A probe of a change of some fields: all that were sent must read back.
///
/// That they do is no proof that this call did it. It is what was asked for, and the same change again would change nothing.
protocol PatchProbe: Probe {
    /// The read of the object.
    var reading: String { get }
    /// The member of the answer that names the object.
    var naming: String? { get }
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
    var settling: Duration { .seconds(10) }
    var naming: String? { "id" }

    func comparable(sent: JSONObject) -> JSONObject { sent }
    func comparable(shown: JSON) -> JSON { shown }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let body = try await doubt.knownObject(reading, doubt.pathID(), naming: naming)
        let sent = comparable(sent: doubt.call.body?.object ?? [:])
        let shown = comparable(shown: body)
        func members(_ wanted: Agreement) -> String {
            sent.members.filter { Agreement(sent: $0.value, shown: shown[$0.key], name: $0.key) == wanted }.map(\.key)
                .joined(separator: ", ")
        }
        switch Agreement(sent: .object(sent), shown: shown) {
        case .same: return .present(doubt.answer(body), evidence: "\(members(.same)) read back as sent")
        case .different: return .absent(evidence: "\(members(.different)) read back otherwise than sent")
        case .hidden: return .unknown("\(reading) does not show \(members(.hidden)) whole")
        }
    }
}
