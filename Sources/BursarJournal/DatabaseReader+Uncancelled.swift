import GRDB

extension DatabaseReader {
    /// Reads whether or not the task was cancelled: a run that is told to stop still has to end in good order.
    func readUncancelled<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(JournalError)
        -> Value
    {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            asyncRead { access in
                continuation.resume(returning: Result { try body(access.get()) }.mapError(JournalError.init(storage:)))
            }
        }
        return try result.get()
    }
}
