import Dispatch
import Foundation
import GRDB
import Synchronization

/// Writes in groups: what is waiting when a transaction begins is committed by it, and the disk is waited for once. The first to come that
/// is waited for begins, the others join the next. What nobody waits for joins them, and goes by itself only when none comes for a
/// while: a transaction of its own would hold up the next one that is waited for.
///
/// Writes happen in the order in which they were submitted. After the first failure nothing is written any more: every later write
/// fails with the same error.
final class GroupCommit: Sendable {
    /// One write: done within a transaction, and told of its end afterwards. It may throw a `JournalError` of its own; when it had
    /// written something by then, the others of its transaction are done a second time.
    private struct Entry {
        let permit: WriteGuard?
        let write: @Sendable (Database, inout Heads) throws -> Void
        let ended: (@Sendable (JournalError?) -> Void)?
    }

    private struct State {
        var waiting: [Entry] = []
        /// Somebody waits for one of them.
        var isAwaited = false
        var isBusy = false
        /// What nobody waits for is going to be written soon.
        var isTimed = false
        var failure: JournalError?

        /// How what waits is to be begun, where nothing is on its way to do that.
        mutating func begins() -> Begins? {
            guard !isBusy, !waiting.isEmpty else { return nil }
            guard !isAwaited else {
                isBusy = true
                return .now
            }
            defer { isTimed = true }
            return isTimed ? nil : .soon
        }
    }

    /// What only the queue touches.
    private final class Store {
        var heads: Heads
        /// How long the last transaction took, when a crowd waited for it; zero when few did.
        var lastTook = Duration.zero
        /// Nil before the first write.
        var dataVersion: Int?
        var anchors: Anchors?

        init(heads: Heads, anchors: Anchors?) {
            self.heads = heads
            self.anchors = anchors
        }
    }

    /// An entry that failed after it had written something.
    private struct Spoilt: Error {
        let index: Int
        let failure: JournalError
    }

    /// So many that wait for one transaction are a crowd.
    private static let crowd = 8
    private static let mostLingering = Duration.milliseconds(1)

    private let database: DatabaseQueue
    private let lock: WriteLock?
    private let files: [FileIdentity]
    private let patience: DispatchTimeInterval
    private let queue = DispatchQueue(label: "journal", qos: .userInitiated)
    private let state = Mutex(State())
    // Only touched in blocks of `queue`, one after the other, and by the end of the last reference.
    private nonisolated(unsafe) let store: Store

    /// - Parameters:
    ///   - lock: held for each transaction; nil where no other process can reach the database.
    ///   - heads: where the chains are known to have been.
    ///   - anchors: written after each commit.
    ///   - files: those that must still be in their places after each commit.
    ///   - patience: how long what nobody waits for may wait for company.
    init(
        database: DatabaseQueue, lock: WriteLock? = nil, heads: Heads = Heads(), anchors: Anchors? = nil,
        files: [FileIdentity] = [], patience: DispatchTimeInterval = .milliseconds(20)
    ) {
        self.database = database
        self.lock = lock
        self.files = files
        self.patience = patience
        store = Store(heads: heads, anchors: anchors)
    }

    deinit {
        // Left to itself the connection would close without the lock.
        closeFiles()
    }

    /// Writes and waits until it is durable.
    /// - Throws: `JournalError`: this write's own (then only it is undone), or the one that stopped all writing.
    func commit<Value: Sendable>(
        under permit: WriteGuard? = nil, _ write: @escaping @Sendable (Database, inout Heads) throws -> Value
    ) async throws(JournalError) -> Value {
        let result = Mutex<Value?>(nil)
        let failure: JournalError? = await withCheckedContinuation { continuation in
            submit(
                under: permit,
                { db, heads in
                    let value = try write(db, &heads)
                    result.withLock { $0 = value }
                }
            ) { continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
        guard let value = result.withLock({ $0 }) else {
            throw JournalError(.storage, "a write of the journal came to no end", hint: "run again; nothing further was sent")
        }
        return value
    }

    /// Writes without waiting. It is durable, at the latest, with whatever is committed next, and before anything submitted later.
    /// - Parameter permit: of the run that it is written for.
    func submit(
        under permit: WriteGuard? = nil, _ write: @escaping @Sendable (Database, inout Heads) throws -> Void,
        ended: (@Sendable (JournalError?) -> Void)? = nil
    ) {
        let (begins, failure) = state.withLock { state -> (Begins?, JournalError?) in
            if let failure = state.failure { return (nil, failure) }
            state.waiting.append(Entry(permit: permit, write: write, ended: ended))
            if ended != nil { state.isAwaited = true }
            return (state.begins(), nil)
        }
        if let failure { ended?(failure) }
        begin(begins)
    }

    private enum Begins { case now, soon }

    private func begin(_ begins: Begins?) {
        switch begins {
        case .now?: queue.async { self.drain() }
        case .soon?:
            queue.asyncAfter(deadline: .now() + patience) {
                self.state.withLock { $0.isTimed = false }
                self.drain(all: true)
            }
        case nil: break
        }
    }

    /// Why nothing is written any more; nil while all is well.
    var failure: JournalError? { state.withLock { $0.failure } }

    /// Ends writing: later writes fail. What was submitted before is written first.
    func close() {
        queue.sync {
            drain(all: true)
            fail(JournalError(.storage, "the journal is closed", hint: "nothing is written after the end of a run"))
            closeFiles()
        }
    }

    /// Waits until everything submitted so far is written, or failed.
    func flush() { queue.sync { drain(all: true) } }

    private func closeFiles() {
        store.anchors?.close()
        store.anchors = nil
        // The connection's end may move the write-ahead log.
        try? locked { try database.close() }
    }

    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        if let lock { try lock.whileHeld(body) } else { try body() }
    }

    /// - Parameter all: also what nobody waits for.
    private func drain(all: Bool = false) {
        while true {
            linger(all)
            let (entries, failure, later) = state.withLock { state -> ([Entry], JournalError?, Begins?) in
                guard state.isAwaited || all, !state.waiting.isEmpty else {
                    state.isBusy = false
                    return ([], nil, state.begins())
                }
                let entries = state.waiting
                state.waiting = []
                state.isAwaited = false
                return (entries, state.failure, nil)
            }
            guard !entries.isEmpty else { return begin(later) }
            do {
                if let failure { throw failure }
                let begun = ContinuousClock.now
                let failures = try locked { try self.write(entries) }
                let isCrowd = entries.count { $0.ended != nil } >= GroupCommit.crowd
                store.lastTook = isCrowd ? begun.duration(to: .now) : .zero
                for (entry, failure) in zip(entries, failures) {
                    entry.ended?(failure)
                    // Nobody hears of it otherwise, and what was to be written is lost.
                    if let failure, failure.kind == .damaged, entry.ended == nil { fail(failure) }
                }
            } catch {
                let failure = fail(JournalError(storage: error))
                for entry in entries { entry.ended?(failure) }
            }
        }
    }

    /// Where a crowd waited for the last transaction, more are on their way: to begin the next one at once would write a few at a time, and
    /// wait for the disk and write the same pages once more for each.
    private func linger(_ all: Bool) {
        let time = min(store.lastTook, GroupCommit.mostLingering)
        guard !all, time > .zero else { return }
        usleep(UInt32(time / .microseconds(1)))
    }

    /// - Returns: the first failure of all, which stays.
    @discardableResult
    private func fail(_ failure: JournalError) -> JournalError {
        state.withLock { state in
            let first = state.failure ?? failure
            state.failure = first
            return first
        }
    }

    /// One transaction for all entries; one more for each entry that failed after it had written something.
    private func write(_ entries: [Entry]) throws -> [JournalError?] {
        try database.writeWithoutTransaction { db in
            var spoilt: [Int: JournalError] = [:]
            while true {
                do { return try write(entries, but: spoilt, db) } catch let entry as Spoilt {
                    spoilt[entry.index] = entry.failure
                }
            }
        }
    }

    private func write(_ entries: [Entry], but spoilt: [Int: JournalError], _ db: Database) throws -> [JournalError?] {
        var heads = Heads()
        let failures = try inTransaction(db) {
            try catchUp(db)
            heads = store.heads
            return try write(entries, but: spoilt, &heads, db)
        }
        store.heads = heads
        try store.anchors?.write(heads)
        for file in files { try file.requireUnmoved() }
        return failures
    }

    /// As the library's own, with statements that are compiled once: there are hundreds of transactions a second.
    private func inTransaction<Value>(_ db: Database, _ body: () throws -> Value) throws -> Value {
        try db.cachedStatement(sql: "BEGIN IMMEDIATE TRANSACTION").execute()
        do {
            let value = try body()
            try db.cachedStatement(sql: "COMMIT TRANSACTION").execute()
            return value
        } catch {
            // What failed says more than what undoing it might; SQLite has undone it by itself where it had to.
            if db.isInsideTransaction { try? db.rollback() }
            throw error
        }
    }

    private func write(_ entries: [Entry], but spoilt: [Int: JournalError], _ heads: inout Heads, _ db: Database) throws
        -> [JournalError?]
    {
        var failures: [JournalError?] = []
        var asked: [ObjectIdentifier: JournalError?] = [:]
        for (index, entry) in entries.enumerated() {
            var failure = spoilt[index]
            if failure == nil, let permit = entry.permit {
                let answer = try asked[ObjectIdentifier(permit)] ?? permit.ask(db)
                asked[ObjectIdentifier(permit)] = .some(answer)
                failure = answer
            }
            if failure == nil { failure = try write(entry, index, &heads, db) }
            failures.append(failure)
        }
        return failures
    }

    private func write(_ entry: Entry, _ index: Int, _ heads: inout Heads, _ db: Database) throws -> JournalError? {
        let (before, changes) = (heads, db.totalChangesCount)
        do {
            try entry.write(db, &heads)
            return nil
        } catch let failure as JournalError {
            guard db.totalChangesCount == changes else { throw Spoilt(index: index, failure: failure) }
            heads = before
            return failure
        }
    }

    /// Learns where the chains end, when another process has written since. What was there before must be there still.
    private func catchUp(_ db: Database) throws {
        let version = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? -1
        guard version != store.dataVersion else { return }
        try store.heads.requireInside(db)
        store.heads = try Heads(db)
        store.dataVersion = version
        store.anchors?.catchUp()
    }
}
