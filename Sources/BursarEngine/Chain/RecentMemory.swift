import Synchronization

/// What was noted last, by key, in two generations: a run over millions of rows stays small, and the last `most` keys are always there.
final class RecentMemory<Value: Sendable>: Sendable {
    private struct Generations {
        var young: [String: Value] = [:]
        var old: [String: Value] = [:]
    }
    private let most: Int
    private let generations = Mutex(Generations())

    init(most: Int) { self.most = most }

    subscript(key: String) -> Value? {
        get { generations.withLock { $0.young[key] ?? $0.old[key] } }
        set {
            generations.withLock {
                if $0.young.count >= most { ($0.old, $0.young) = ($0.young, [:]) }
                $0.young[key] = newValue
            }
        }
    }

    /// Notes a value where none is known under the key.
    /// - Returns: what is known under it then.
    func first(_ key: String, _ value: Value) -> Value {
        generations.withLock {
            if let known = $0.young[key] ?? $0.old[key] { return known }
            if $0.young.count >= most { ($0.old, $0.young) = ($0.young, [:]) }
            $0.young[key] = value
            return value
        }
    }
}
