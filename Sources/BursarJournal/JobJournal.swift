import ConomyAPI
import Foundation
import GRDB
import Synchronization

/// One run's hold on one job, and the record of what it does. Safe to use from any number of tasks.
///
/// Every write first compares the fencing number of the lease: once another runner has taken the job over, or any write has failed, all
/// further ones fail.
public final class JobJournal: Sendable {
    private struct State {
        var memory: JobMemory
        /// Effects whose outcome is not known.
        var open: Set<Int64>
        /// How many effects are known to have happened.
        var settled: Int
    }

    public let job: JobRecord
    public let run: RunRecord
    /// True when no earlier run did anything of this job.
    public let isNew: Bool
    private let journal: Journal
    private let hold: Hold
    private let allowRepeat: Bool
    private let state: Mutex<State>

    init(
        journal: Journal, job: JobRecord, run: RunRecord, hold: Hold, isNew: Bool, memory: JobMemory, allowRepeat: Bool
    ) {
        self.journal = journal
        self.job = job
        self.run = run
        self.hold = hold
        self.isNew = isNew
        self.allowRepeat = allowRepeat
        state = Mutex(State(memory: memory, open: Set(memory.open), settled: memory.settled))
    }

    /// Asked in the last moment before a write leaves: nil when the job is still held for certain.
    ///
    /// A process that stood still for a while may have been overtaken. Then the lease is renewed first, and that fails where it was.
    public func mayLeave() async -> JournalError? { await hold.confirm() }

    /// Stops giving signs of life; for a run that cannot write any more.
    public func stopRenewing() { hold.stopRenewing() }

    // MARK: Effects

    /// What is recorded under a key by earlier runs; nil for a new one.
    /// - Throws: `JournalError` when the record cannot be read, or is not as it was written.
    public func recorded(_ key: String) async throws(JournalError) -> RecordedEffect? {
        guard let known = state.withLock({ $0.memory[key] }) else { return nil }
        let effect = try await effect(known)
        guard effect.key == key.withoutNUL ?? key else {
            throw .damaged("effect \(known) is not what it was when the run began")
        }
        return effect
    }

    /// An effect that is known to be there.
    public func effect(_ id: Int64) async throws(JournalError) -> RecordedEffect {
        let attempt = state.withLock { $0.memory.attempt(of: id) }
        return try await read { db in
            guard let effect = try RecordedEffect.find(id, db) else {
                throw JournalError.damaged("effect \(id), which was there when the run began, is missing")
            }
            // An index that is damaged could hide the last of them.
            guard effect.attempt >= attempt else {
                throw JournalError.damaged("attempt \(attempt), which was there when the run began, is not found")
            }
            return effect
        }
    }

    /// What came of wanting to record an intent.
    public enum Intended: Sendable {
        /// It is durable. The number names the effect from now on.
        case recorded(Int64)
        /// Another job did, or may have done, the same to the same object: nothing was recorded.
        case repeats(RecordedEffect, job: JobRecord)
    }

    /// Records what is about to be sent. From its return on the intent survives the end of the process and of the machine's power.
    /// - Throws: `JournalError`: nothing may be sent.
    public func intend(_ intent: Intent) async throws(JournalError) -> Intended {
        let now = journal.clock.now().millisecondsSince1970
        let intended = try await journal.group.commit(under: hold.permit) { [job, run, allowRepeat] db, heads in
            if intent.mustNotRepeat, !allowRepeat, let object = intent.object,
                let earlier = try RecordedEffect.repeated(intent, object: object, by: job, db),
                let other = try JobRecord.find(earlier.job, db)
            {
                return Intended.repeats(earlier, job: other)
            }
            let id = try ChainedTable.effects.append(
                [
                    job.id, run.id, now, intent.key, intent.row, intent.operation, intent.object, intent.stamp,
                    intent.amount?.text, intent.amount?.currency.code, intent.request, intent.location,
                ], to: &heads, db)
            return .recorded(id)
        }
        if case .recorded(let id) = intended { state.withLock { _ = $0.open.insert(id) } }
        return intended
    }

    /// Records that an effect whose intent is known is about to be sent again; durable on return.
    /// - Throws: `JournalError`: nothing may be sent.
    public func beginAgain(_ effect: Int64) async throws(JournalError) {
        let attempt = Attempt(.send, .begun)
        try await journal.group.commit(under: hold.permit) { [self] db, heads in try append(attempt, to: effect, &heads, db) }
        remember(attempt, of: effect)
    }

    /// Records what is known of an effect now. It is written in order and before anything that is recorded later, and not waited for.
    public func note(_ attempt: Attempt, of effect: Int64) {
        remember(attempt, of: effect)
        journal.group.submit(under: hold.permit) { [self] db, heads in try append(attempt, to: effect, &heads, db) }
    }

    private func append(_ attempt: Attempt, to effect: Int64, _ heads: inout Heads, _ db: Database) throws {
        _ = try ChainedTable.attempts.append(
            [
                effect, job.id, run.id, journal.clock.now().millisecondsSince1970, attempt.kind.rawValue,
                attempt.outcome.rawValue,
                attempt.status, attempt.result, attempt.answer, attempt.detail,
            ], to: &heads, db)
    }

    /// What is known counts at once: should it not become durable, the run has ended by then.
    private func remember(_ attempt: Attempt, of effect: Int64) {
        state.withLock { state in
            if attempt.outcome.isOpen {
                state.open.insert(effect)
            } else if state.open.remove(effect) != nil, attempt.outcome == .settled {
                state.settled += 1
            }
        }
    }

    /// Effects that may have happened, and of which it is not known.
    public var openEffects: [Int64] { state.withLock { $0.open.sorted() } }

    /// True when the object is known as the result of another effect, of whatever job.
    public func isResult(_ object: String, ofOtherThan effect: Int64) async throws(JournalError) -> Bool {
        try await read { db in
            let sql = "SELECT 1 FROM attempts WHERE result = ? AND effect <> ? AND outcome = 'settled' LIMIT 1"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [object, effect]) != nil
        }
    }

    /// The object that an earlier effect of the same operation, on the same object where it has one, is known to have made or changed.
    public func witness(for effect: RecordedEffect) async throws(JournalError) -> String? {
        try await read { db in
            let sql = """
                SELECT a.result FROM effects e JOIN attempts a ON a.effect = e.id
                WHERE e.id < ? AND e.job = ? AND e.operation = ? AND e.object IS ? AND a.outcome = 'settled' AND a.result IS NOT NULL
                ORDER BY e.id DESC LIMIT 1
                """
            return try String.fetchOne(db, sql: sql, arguments: [effect.id, effect.job, effect.operation, effect.object])
        }
    }

    // MARK: Steps

    /// The memoised result of a step; nil when it was not taken yet.
    public func step(_ name: String) async throws(JournalError) -> String? {
        guard let row = state.withLock({ $0.memory.step(name) }) else { return nil }
        return try await read { [job] db in
            let sql = "SELECT value FROM steps WHERE id = ? AND job = ? AND name = ?"
            let arguments: StatementArguments = [row, job.id, name.withoutNUL ?? name]
            guard let value = try String.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) else {
                throw JournalError.damaged("row \(row) of its table steps is not what it was when the run began")
            }
            return value
        }
    }

    /// Keeps the result of a step; durable on return.
    public func keep(step name: String, _ value: String) async throws(JournalError) {
        let now = journal.clock.now().millisecondsSince1970
        let row = try await journal.group.commit(under: hold.permit) { [job, run] db, heads in
            try ChainedTable.steps.append([job.id, run.id, now, name, value], to: &heads, db)
        }
        state.withLock { $0.memory.keep(step: name, row: row) }
    }

    // MARK: Sources

    /// What the script, its modules and its input were when they were last used or accepted, by name.
    public func sources() async throws(JournalError) -> [String: String] {
        try await read { [job] db in try FinishedJob.sources(of: job.id, db) }
    }

    /// Records what a source is now; durable on return.
    public func keep(source name: String, digest: String) async throws(JournalError) {
        let now = journal.clock.now().millisecondsSince1970
        _ = try await journal.group.commit(under: hold.permit) { [job, run] db, heads in
            try ChainedTable.jobEvents.append([job.id, run.id, now, "source", name, digest], to: &heads, db)
        }
    }

    // MARK: Rows

    /// Records what became of a row of a loop; the last word stands. Not waited for.
    public func note(row key: String, loop: String, line: Int?, status: String, reason: String) {
        journal.group.submit(under: hold.permit) { [job, run] db, _ in
            let statement = try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO rows(job, loop, key, line, run, status, reason) VALUES (?, ?, ?, ?, ?, ?, ?)")
            try statement.execute(arguments: [job.id, loop, key, line, run.id, status, reason])
        }
    }

    /// The keys of a loop's rows whose last word is one of these.
    public func rows(loop: String, statuses: [String]) async throws(JournalError) -> Set<String> {
        try await read { [job] db in
            let places = statuses.map { _ in "?" }.joined(separator: ", ")
            let arguments = StatementArguments([job.id.databaseValue, loop.databaseValue] + statuses.map(\.databaseValue))
            return try String.fetchSet(
                db, sql: "SELECT key FROM rows WHERE job = ? AND loop = ? AND status IN (\(places))", arguments: arguments)
        }
    }

    /// How many rows of this job have a last word other than success.
    public func unsuccessfulRows() async throws(JournalError) -> Int {
        try await flush()
        return try await read { [job] db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM rows WHERE job = ? AND status <> 'succeeded'", arguments: [job.id])
                ?? 0
        }
    }

    // MARK: The end

    /// Waits until everything noted so far is durable.
    public func flush() async throws(JournalError) { try await journal.group.commit(under: hold.permit) { _, _ in } }

    /// Ends the run: what it was goes into its record, and the job is let go.
    /// - Parameters:
    ///   - state: `done`, `failed` or `stopped`.
    ///   - finishesJob: nothing of the job is left to do: running it again will send nothing.
    public func end(state: String, exitCode: Int, report: String, finishesJob: Bool) async throws(JournalError) {
        stopRenewing()
        let now = journal.clock.now().millisecondsSince1970
        let settled = self.state.withLock { $0.settled }
        try await journal.group.commit(under: hold.permit) { [job, run] db, heads in
            try db.execute(
                sql: "UPDATE runs SET state = ?, exit_code = ?, ended_at = ?, report = ? WHERE id = ?",
                arguments: [state, exitCode, now, report, run.id])
            if finishesJob {
                _ = try ChainedTable.jobEvents.append(
                    [job.id, run.id, now, "finished", run.name, String(settled)], to: &heads, db)
            }
            try Lease.release(job.id, db)
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(JournalError) -> Value
    {
        try await journal.reader.readUncancelled(body)
    }
}
