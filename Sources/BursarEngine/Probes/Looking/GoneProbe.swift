import ConomyAPI
import ExactJSON

/// A probe of a deletion: what cannot be read any more is gone.
protocol GoneProbe: Probe {
    /// The read of the object.
    var reading: String { get }
    /// False when another object was answered, where the path takes other names than the id.
    func isIt(_ object: JSON, _ id: String) -> Bool
}

extension GoneProbe {
    var presence: String { "the API itself answers 404: it was deleted, or never was there, and either is what was asked for" }
    var absence: String { "it can be read" }
    var repetition: String { "is answered with 404: ids do not come again" }
    var settling: Duration { .seconds(10) }

    func isIt(_ object: JSON, _ id: String) -> Bool { object["id"]?.string == id }

    func look(for doubt: Doubt) async throws(CallFailure) -> Finding {
        let id = doubt.pathID()
        guard let object = try await doubt.object(reading, id, naming: nil) else {
            return .present(doubt.emptyAnswer, evidence: "\(id) is not there any more")
        }
        guard isIt(object, id) else { throw .unclear("the answer of \(reading) is not about \(id)") }
        return .absent(evidence: "\(id) can be read")
    }
}

extension Doubt {
    /// What the operation answers where it has nothing to say: no body, or an empty object.
    var emptyAnswer: Answer {
        let status = call.operation.successStatuses.first ?? 204
        return Answer(status: status, body: status == 204 ? JSON?.none : [:])
    }
}
