import ExactJSON
import Synchronization

/// What a rehearsal remembers of objects beside what its banks hold: that they were taken in, and that an effect acted on them.
final class ObjectMemory: Sendable {
    private struct State {
        /// By what was done once.
        var taken: [String: Taken] = [:]
        /// `payments/42`.
        var acted: Set<String> = []
    }
    private let state = Mutex(State())
    /// Payments that are not there, or cannot be read: after very many others they are asked for again.
    private let missing = RecentMemory<Taken>(most: 4096)

    subscript(taken key: String) -> Taken? {
        get { state.withLock { $0.taken[key] } ?? missing[key] }
        set {
            guard let newValue, !newValue.isHere, key.hasPrefix("payments/") else {
                return state.withLock { $0.taken[key] = newValue }
            }
            missing[key] = newValue
        }
    }

    func hasActed(on object: String) -> Bool { state.withLock { $0.acted.contains(object) } }
    func act(on object: String) { state.withLock { _ = $0.acted.insert(object) } }

    // Payments that are set aside

    /// - Returns: what is remembered of payments, and from now on is not.
    func forget(payments ids: [String]) -> JSON {
        state.withLock { state in
            var taken = JSONObject()
            var acted: [JSON] = []
            for id in ids {
                for key in ["payments/\(id)", "refunds of \(id)"] {
                    guard let known = state.taken.removeValue(forKey: key) else { continue }
                    taken[key] = .array(known.assumptions.map(JSON.string))
                }
                if let object = state.acted.remove("payments/\(id)") { acted.append(.string(object)) }
            }
            return ["taken": .object(taken), "acted": .array(acted)]
        }
    }

    /// - Parameter remembered: as `forget` gave it.
    func remember(_ remembered: JSON) {
        state.withLock { state in
            for (key, assumptions) in remembered["taken"]?.object?.members ?? [] {
                state.taken[key] = Taken(place: .here, assumptions: assumptions.array?.compactMap(\.string) ?? [])
            }
            for object in remembered["acted"]?.array ?? [] { if let object = object.string { state.acted.insert(object) } }
        }
    }
}
