internal import CScriptHost
internal import Glibc
internal import ScriptWire
internal import Synchronization

/// What the worker's thread and its callers hand each other. Messages wait here, bounded; answers wait until the thread takes
/// them all at once, which is how they become one frame.
final class Mailbox: Sendable {
    /// The thread reads no more from the worker while this many bytes of messages wait to be taken.
    static let most = 1 << 20

    private struct Contents {
        var messages: [WorkerMessage] = []
        var bytes = 0
        var reader: CheckedContinuation<[WorkerMessage]?, Never>?
        var answers: [WorkerAnswer] = []
        var script: [UInt8]?
        var confinement: Confinement?
        var confinementWaiters: [CheckedContinuation<Confinement?, Never>] = []
        var mustTerminate = false
        var end: WorkerEnd?
        var endWaiters: [CheckedContinuation<WorkerEnd, Never>] = []
    }

    private let contents = Mutex(Contents())
    /// An eventfd that becomes readable when the thread has something to look at.
    let wake: Int32

    init() { wake = bursar_event() }

    deinit { Glibc.close(wake) }

    // The callers' side

    func nextMessages() async -> [WorkerMessage]? {
        await withCheckedContinuation { reader in
            let (ready, previous, wasFull) = contents.withLock {
                contents -> ([WorkerMessage]??, CheckedContinuation<[WorkerMessage]?, Never>?, Bool) in
                if !contents.messages.isEmpty {
                    let wasFull = contents.bytes >= Self.most
                    let messages = contents.messages
                    contents.messages = []
                    contents.bytes = 0
                    return (.some(messages), nil, wasFull)
                }
                if contents.end != nil { return (.some(nil), nil, false) }
                let previous = contents.reader
                contents.reader = reader
                return (nil, previous, false)
            }
            precondition(previous == nil, "two readers of one worker's messages")
            if let ready { reader.resume(returning: ready) }
            if wasFull { ring() }
        }
    }

    func post(_ answers: [WorkerAnswer]) {
        let wasEmpty = contents.withLock { contents in
            guard contents.end == nil else { return false }
            defer { contents.answers += answers }
            return contents.answers.isEmpty
        }
        if wasEmpty { ring() }
    }

    func post(script: [UInt8]) {
        contents.withLock { $0.script = script }
        ring()
    }

    var confinement: Confinement? {
        get async {
            await withCheckedContinuation { waiter in
                let (confinement, mustWait) = contents.withLock { contents in
                    let mustWait = contents.confinement == nil && contents.end == nil
                    if mustWait { contents.confinementWaiters.append(waiter) }
                    return (contents.confinement, mustWait)
                }
                if !mustWait { waiter.resume(returning: confinement) }
            }
        }
    }

    func terminate() {
        contents.withLock { $0.mustTerminate = true }
        ring()
    }

    var hasEnded: Bool { contents.withLock { $0.end != nil } }

    var end: WorkerEnd {
        get async {
            await withCheckedContinuation { waiter in
                let end = contents.withLock { contents in
                    if contents.end == nil { contents.endWaiters.append(waiter) }
                    return contents.end
                }
                if let end { waiter.resume(returning: end) }
            }
        }
    }

    // The thread's side

    var isFull: Bool { contents.withLock { $0.bytes >= Self.most } }

    /// What to send, and whether to terminate.
    func take() -> (script: [UInt8]?, answers: [WorkerAnswer], mustTerminate: Bool) {
        var count: UInt64 = 0
        _ = read(wake, &count, 8)
        return contents.withLock { contents in
            defer {
                contents.script = nil
                contents.answers = []
            }
            return (contents.script, contents.answers, contents.mustTerminate)
        }
    }

    func confined(_ confinement: Confinement) {
        let waiters = contents.withLock { contents in
            contents.confinement = confinement
            defer { contents.confinementWaiters = [] }
            return contents.confinementWaiters
        }
        for waiter in waiters { waiter.resume(returning: confinement) }
    }

    func deliver(_ messages: [WorkerMessage], bytes: Int) {
        guard !messages.isEmpty else { return }
        let reader = contents.withLock { contents -> CheckedContinuation<[WorkerMessage]?, Never>? in
            defer { contents.reader = nil }
            if contents.reader == nil {
                contents.messages += messages
                contents.bytes += bytes
            }
            return contents.reader
        }
        reader?.resume(returning: messages)
    }

    func close(with end: WorkerEnd) {
        let (reader, confinementWaiters, waiters) = contents.withLock { contents in
            contents.end = end
            // Nobody waits for these answers any more.
            contents.messages.removeAll { if case .request = $0 { true } else { false } }
            defer {
                contents.reader = nil
                contents.confinementWaiters = []
                contents.endWaiters = []
            }
            return (contents.reader, contents.confinementWaiters, contents.endWaiters)
        }
        reader?.resume(returning: nil)
        for waiter in confinementWaiters { waiter.resume(returning: nil) }
        for waiter in waiters { waiter.resume(returning: end) }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }
}
