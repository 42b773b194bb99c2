import ConomyAPI
import Synchronization

/// Does something once for each key, whoever asks at the same time: the others wait and are given the same. What failed is done again
/// when it is asked for again.
final class Once<Value: Sendable>: Sendable {
    private let underWay = Mutex<[String: Task<Result<Value, CallFailure>, Never>]>([:])

    /// - Parameters:
    ///   - known: what was done before; asked for again just before `body` is started.
    ///   - keep: makes `known` know it.
    func value(
        _ key: String, known: @Sendable (String) -> Value?, keep: @escaping @Sendable (String, Value) -> Void,
        _ body: @escaping @Sendable () async throws(CallFailure) -> Value
    ) async throws(CallFailure) -> Value {
        if let value = known(key) { return value }
        let task = underWay.withLock { tasks -> Task<Result<Value, CallFailure>, Never>? in
            if let task = tasks[key] { return task }
            // It may have ended between the two looks.
            if known(key) != nil { return nil }
            let task = Task { [self] () -> Result<Value, CallFailure> in
                let result: Result<Value, CallFailure>
                do throws(CallFailure) { result = .success(try await body()) } catch { result = .failure(error) }
                if case .success(let value) = result { keep(key, value) }
                underWay.withLock { $0[key] = nil }
                return result
            }
            tasks[key] = task
            return task
        }
        guard let task else { return try await value(key, known: known, keep: keep, body) }
        return try await task.value.get()
    }
}
