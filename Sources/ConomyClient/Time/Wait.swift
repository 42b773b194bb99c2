import Synchronization

/// One suspended caller, resumed exactly once by whoever comes first: what it waits for, its deadline or its cancellation.
package final class Wait<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case settled(Value)
        case done
    }
    private let state = Mutex(State.open)

    package init() {}

    /// Ends the wait with `value`. False when somebody else was first; then `value` reaches nobody.
    @discardableResult package func settle(_ value: Value) -> Bool {
        let (first, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .settled(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .done
                return (true, continuation)
            case .settled, .done: return (false, nil)
            }
        }
        continuation?.resume(returning: value)
        return first
    }

    /// What it was settled with. To be asked once.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Value? in
                if case .settled(let value) = state {
                    state = .done
                    return value
                }
                state = .awaited(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
