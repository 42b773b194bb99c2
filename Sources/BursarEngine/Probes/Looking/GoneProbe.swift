import ConomyAPI
import ExactJSON

/// A probe of a deletion: what cannot be read any more is gone.
protocol GoneProbe: ObjectProbe {}

extension GoneProbe {
    var presence: String { "the API itself answers 404: it was deleted, or never was there, and either is what was asked for" }
    var absence: String { "it can be read" }
    var repetition: String { "is answered with 404: ids do not come again" }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        guard try await object(for: doubt) != nil else {
            return .present(doubt.emptyAnswer, evidence: "\(doubt.pathID()) is not there any more")
        }
        return .absent(evidence: "\(doubt.pathID()) can be read")
    }
}

extension Doubt {
    /// What the operation answers where it has nothing to say: no body, or an empty object.
    var emptyAnswer: Answer {
        let status = call.operation.successStatuses.first ?? 204
        return Answer(status: status, body: status == 204 ? JSON?.none : [:])
    }
}
