import Synchronization

/// Wakes one sleeper, who is told of everything that was rung since it last woke at once.
final class Bell: Sendable {
    private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

    func ring() { listener.withLock { _ = $0?.yield() } }

    /// What is rung from now on. A new listener takes the place of the one before.
    func listen() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        listener.withLock { $0 = continuation }
        return stream
    }
}
