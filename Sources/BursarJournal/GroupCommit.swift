import Dispatch
import Foundation
import GRDB
import Synchronization

/// Writes in groups: what is waiting when a transaction begins is committed by it, and the disk is waited for once. Nobody waits for
/// a timer: the first to come begins, the others join the next.
///
/// Writes happen in the order in which they were submitted. After the first failure nothing is written any more: every later write
/// fails with the same error.
final class GroupCommit: Sendable {
    /// One write: done within a transaction, told of its end afterwards. It may throw a `JournalError` of its own before it has written
    /// anything.
    private struct Entry {
        let write: @Sendable (Database, inout Heads) throws -> Void
        let ended: (@Sendable (JournalError?) -> Void)?
    }

    private struct State {
        var waiting: [Entry] = []
        var isBusy = false
        var failure: JournalError?
        var isAllowed: (@Sendable (Database) throws -> Void)?
    }

    /// What only the queue touches.
    private final class Store {
        var heads = Heads()
        var dataVersion = -1
        var anchor: Anchor?
        init(anchor: Anchor?) { self.anchor = anchor }
    }

    private let database: DatabaseQueue
    private let lock: WriteLock?
    private let queue = DispatchQueue(label: "journal", qos: .userInitiated)
    private let state = Mutex(State())
    // Only touched in blocks of `queue`, one after the other.
    private nonisolated(unsafe) let store: Store

    /// - Parameters:
    ///   - lock: held for each transaction; nil where no other process can reach the database.
    ///   - anchor: written after each commit.
    init(database: DatabaseQueue, lock: WriteLock?, anchor: Anchor?) {
        self.database = database
        self.lock = lock
        store = Store(anchor: anchor)
    }

    /// Writes and waits until it is durable.
    /// - Throws: `JournalError`: this write's own (then only it is undone), or the one that stopped all writing.
    func commit<Value: Sendable>(_ write: @escaping @Sendable (Database, inout Heads) throws -> Value) async throws(JournalError)
        -> Value
    {
        let result = Mutex<Value?>(nil)
        let failure: JournalError? = await withCheckedContinuation { continuation in
            submit({ db, heads in
                let value = try write(db, &heads)
                result.withLock { $0 = value }
            }) { continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
        guard let value = result.withLock({ $0 }) else {
            throw JournalError(.storage, "a write of the journal came to no end", hint: "run again; nothing further was sent")
        }
        return value
    }

    /// Writes without waiting. It is durable, at the latest, with whatever is committed next, and before anything submitted later.
    func submit(
        _ write: @escaping @Sendable (Database, inout Heads) throws -> Void, ended: (@Sendable (JournalError?) -> Void)? = nil
    ) {
        let (begins, failure) = state.withLock { state -> (Bool, JournalError?) in
            if let failure = state.failure { return (false, failure) }
            state.waiting.append(Entry(write: write, ended: ended))
            defer { state.isBusy = true }
            return (!state.isBusy, nil)
        }
        if let failure { ended?(failure) }
        if begins { queue.async { self.drain() } }
    }

    /// Asked at the beginning of each transaction from now on; what it throws stops all writing.
    func guardWrites(_ isAllowed: @escaping @Sendable (Database) throws -> Void) { state.withLock { $0.isAllowed = isAllowed } }

    /// Why nothing is written any more; nil while all is well.
    var failure: JournalError? { state.withLock { $0.failure } }

    /// Ends writing: later writes fail. What was submitted before is written first.
    func close() {
        queue.sync {
            state.withLock {
                $0.failure =
                    $0.failure
                    ?? JournalError(.storage, "the journal is closed", hint: "nothing is written after the end of a run")
            }
            store.anchor?.close()
            store.anchor = nil
            // The connection's end may move the write-ahead log.
            try? locked { try database.close() }
        }
    }

    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        if let lock { try lock.whileHeld(body) } else { try body() }
    }

    private func drain() {
        while true {
            let entries = state.withLock { state -> [Entry] in
                let entries = state.waiting
                state.waiting = []
                if entries.isEmpty { state.isBusy = false }
                return entries
            }
            guard !entries.isEmpty else { return }
            var failures: [JournalError?] = []
            do {
                failures = try locked { try self.write(entries) }
            } catch {
                let failure = JournalError(storage: error)
                let rest = state.withLock { state -> [Entry] in
                    state.failure = state.failure ?? failure
                    defer { state.waiting = [] }
                    return state.waiting
                }
                failures = entries.map { _ in failure }
                for entry in rest { entry.ended?(failure) }
            }
            for (entry, failure) in zip(entries, failures) { entry.ended?(failure) }
        }
    }

    /// One transaction for all entries. An entry that fails by a `JournalError` of its own has written nothing.
    private func write(_ entries: [Entry]) throws -> [JournalError?] {
        try database.writeWithoutTransaction { db in
            var failures: [JournalError?] = []
            var heads = store.heads
            try db.inTransaction(.immediate) {
                let version = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? -1
                if version != store.dataVersion {
                    // Another process has written since.
                    heads = try Heads(db)
                    store.dataVersion = version
                }
                if let isAllowed = state.withLock({ $0.isAllowed }) { try isAllowed(db) }
                for entry in entries {
                    do {
                        try entry.write(db, &heads)
                        failures.append(nil)
                    } catch let failure as JournalError {
                        failures.append(failure)
                    }
                }
                return .commit
            }
            store.heads = heads
            try store.anchor?.write(heads)
            return failures
        }
    }

}
