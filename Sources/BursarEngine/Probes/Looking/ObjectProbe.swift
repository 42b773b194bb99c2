import ConomyAPI
import ExactJSON

/// A probe that reads the one object that the call's path names.
protocol ObjectProbe: Probe {
    /// The read of the object.
    var reading: String { get }
    /// False when the answer is about another object.
    func isIt(_ object: JSON, _ id: String) -> Bool
}

extension ObjectProbe {
    var settling: Duration { .seconds(10) }

    func isIt(_ object: JSON, _ id: String) -> Bool { object["id"]?.string == id }

    /// Nil when the API itself knows no such object.
    func object(for doubt: Doubt) async throws(CallFailure) -> JSON? {
        let id = doubt.pathID()
        guard let object = try await doubt.object(reading, id, naming: nil) else { return nil }
        guard isIt(object, id) else { throw .unclear("the answer of \(reading) is not about \(id)") }
        return object
    }
}

/// Accounts go by their number too. The documents speak of the identity's id as well, which would name any of its accounts.
func isAccount(_ object: JSON, _ id: String) -> Bool { object["id"]?.string == id || object["accountNumber"]?.string == id }
