public import ConomyAPI
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
        /// Those of them that this run has spoken of.
        var met: Set<Int64> = []
        /// How many effects are known to have happened.
        var settled: Int
        /// Its script or its input is not what it was in an earlier run: rows may have got other names.
        var hasChanged: Bool
    }

    public let job: JobRecord
    public let run: RunRecord
    /// True when no earlier run did anything of this job.
    public let isNew: Bool
    private let journal: Journal
    /// Nil for a run that changes nothing and so holds nothing.
    private let hold: Hold?
    private let allowRepeat: Bool
    /// When the journal was accepted with losses, or what may be losses, after the job was begun; nil where it was not.
    public let acceptedAt: Timestamp?
    private let state: Mutex<State>

    init(
        journal: Journal, job: JobRecord, run: RunRecord, hold: Hold?, isNew: Bool, memory: JobMemory, hasChanged: Bool,
        allowRepeat: Bool, acceptedAt: Timestamp? = nil
    ) {
        self.journal = journal
        self.job = job
        self.run = run
        self.hold = hold
        self.isNew = isNew
        self.allowRepeat = allowRepeat
        self.acceptedAt = acceptedAt
        state = Mutex(State(memory: memory, open: Set(memory.open), settled: memory.settled, hasChanged: hasChanged))
    }

    /// Asked in the last moment before a write leaves: nil when the job is still held for certain.
    ///
    /// A process that stood still for a while may have been overtaken. Then the lease is renewed first, and that fails where it was.
    public func mayLeave() async -> JournalError? { await hold?.confirm() }

    /// Stops giving signs of life; for a run that cannot write any more.
    public func stopRenewing() { hold?.stopRenewing() }

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

    /// True when earlier runs of the job left effects behind.
    public var hasEffects: Bool { state.withLock { !$0.memory.isEmpty } }

    /// True when the effect with this key happened in an earlier run, or may have.
    public func mayHaveHappened(_ key: String) -> Bool { state.withLock { $0.memory.mayHaveHappened(key) } }

    /// True when an earlier run settled the effect with this key.
    public func isSettled(_ key: String) -> Bool { state.withLock { $0.memory.isSettled(key) } }

    /// Hands out the effects of the job that are settled, whichever run did them, in the order of their intents.
    /// - Throws: `JournalError`: of kind damaged when fewer are found than are known to be settled.
    public func eachSettled(_ body: (RecordedEffect) -> Void) async throws(JournalError) {
        var (after, found) = (Int64(0), 0)
        while true {
            let page = try await settledEffects(after: after)
            guard let last = page.last else { break }
            page.forEach(body)
            (after, found) = (last.id, found + page.count)
        }
        let known = settledCount
        guard found >= known else {
            throw .damaged("its index of attempts hides \(known - found) of \(known) effects that are settled")
        }
    }

    /// At most a thousand of them.
    func settledEffects(after id: Int64) async throws(JournalError) -> [RecordedEffect] {
        try await read { [job] db in
            try RecordedEffect.page(of: job, after: id, outcome: .settled, most: 1000, db)
        }
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

    /// An effect of this run that an earlier one may have done, whose record was lost: as if it had been intended when the job was begun, and
    /// nothing were known of it since the journal was accepted.
    public func effectMaybeLost(_ id: Int64) async throws(JournalError) -> RecordedEffect {
        let effect = try await effect(id)
        guard let acceptedAt else { return effect }
        return RecordedEffect(
            id: effect.id, job: effect.job, run: effect.run, key: effect.key, row: effect.row, operation: effect.operation,
            object: effect.object, stamp: effect.stamp, amount: effect.amount, request: effect.request, location: effect.location,
            intendedAt: job.createdAt, outcome: effect.outcome, status: effect.status, result: effect.result,
            answer: effect.answer, detail: effect.detail, at: acceptedAt, attempt: effect.attempt, isDecided: effect.isDecided)
    }

    /// True when the API answered a sending of the effect with success, whatever became known since.
    public func wasAnswered(_ effect: Int64) async throws(JournalError) -> Bool {
        try await read { db in
            let sql = "SELECT 1 FROM attempts WHERE effect = ? AND kind = 'send' AND outcome = 'settled' LIMIT 1"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [effect]) != nil
        }
    }

    /// Records that a settled effect is in doubt after all. Not waited for.
    public func doubt(_ effect: Int64, _ reason: String) {
        state.withLock { state in
            if !state.open.contains(effect) { state.settled -= 1 }
        }
        note(Attempt(.probe, .inDoubt, detail: reason), of: effect)
    }

    /// What came of wanting to record an intent. Small, as almost all are recorded: what is rare lies elsewhere.
    public enum Intended: Sendable {
        /// It is durable. The number names the effect from now on.
        case recorded(Int64)
        /// Another job did, or may have done, the same to the same object; or this one did, before it was changed: nothing was recorded.
        indirect case repeats(RecordedEffect, job: JobRecord)
        /// A sum would pass its limit: nothing was recorded.
        indirect case exceeds(Reservation.Excess)
    }

    /// Records what is about to be sent. From its return on the intent survives the end of the process and of the machine's power.
    /// - Parameter reservation: what it adds to sums that are limited.
    /// - Throws: `JournalError`: nothing may be sent.
    public func intend(_ intent: Intent, reserving reservation: Reservation? = nil) async throws(JournalError) -> Intended {
        let now = journal.clock.now().millisecondsSince1970
        let changedRun = state.withLock { $0.hasChanged } ? run.id : nil
        let intended = try await journal.group.commit(under: hold?.permit) { [self] db, heads in
            if intent.mustNotRepeat, !allowRepeat, let object = intent.object,
                let earlier = try RecordedEffect.repeated(intent, object: object, by: job, changedIn: changedRun, db),
                let other = try JobRecord.find(earlier.job, db)
            {
                return Intended.repeats(earlier, job: other)
            }
            if let excess = try reservation?.excess(db) { return .exceeds(excess) }
            let id = try ChainedTable.effects.append(
                job.id, run.id, now, intent.key, intent.row, intent.operation, intent.object, intent.stamp, intent.amount?.text,
                intent.amount?.currency.code, intent.request, intent.location, to: &heads, db)
            try reservation?.take(for: id, db)
            return .recorded(id)
        }
        if case .recorded(let id) = intended {
            state.withLock { state in
                state.open.insert(id)
                state.met.insert(id)
            }
        }
        return intended
    }

    /// Records that an effect whose intent is known is about to be sent again; durable on return.
    /// - Parameter reservation: what it adds to sums that are limited, should that have been given back.
    /// - Returns: what would pass a limit: nothing was recorded then, and nothing may be sent.
    /// - Throws: `JournalError`: nothing may be sent.
    @discardableResult
    public func beginAgain(_ effect: Int64, reserving reservation: Reservation? = nil) async throws(JournalError)
        -> Reservation.Excess?
    {
        let (attempt, now) = (Attempt(.send, .begun), self.now())
        let excess = try await journal.group.commit(under: hold?.permit) { [self] db, heads -> Reservation.Excess? in
            if let reservation, try !Reservation.isHeld(effect, db) {
                if let excess = try reservation.excess(db) { return excess }
                try reservation.take(for: effect, db)
            }
            try append(attempt, to: effect, at: now, &heads, db)
            return nil
        }
        if excess == nil { remember(attempt, of: effect) }
        return excess
    }

    /// Records what is known of an effect now. It is written in order and before anything that is recorded later, and not waited for.
    public func note(_ attempt: Attempt, of effect: Int64) {
        remember(attempt, of: effect)
        let now = self.now()
        journal.group.submit(under: hold?.permit) { [self] db, heads in try append(attempt, to: effect, at: now, &heads, db) }
    }

    /// Records that an effect was found to have happened; durable on return.
    /// - Parameter alone: its result can be no other effect's.
    /// - Returns: false when the result is known as another effect's: nothing was recorded.
    public func adopt(_ attempt: Attempt, for effect: Int64, alone: Bool) async throws(JournalError) -> Bool {
        let now = self.now()
        let adopted = try await journal.group.commit(under: hold?.permit) { [self] db, heads in
            if alone, let result = attempt.result, try JobJournal.isResult(result, ofOtherThan: effect, db) { return false }
            try append(attempt, to: effect, at: now, &heads, db)
            return true
        }
        if adopted { remember(attempt, of: effect) }
        return adopted
    }

    private func append(_ attempt: Attempt, to effect: Int64, at: Timestamp, _ heads: inout Heads, _ db: Database) throws {
        try Reservation.follow(effect, attempt, db)
        _ = try ChainedTable.attempts.append(
            effect, job.id, run.id, at.millisecondsSince1970, attempt.kind.rawValue, attempt.outcome.rawValue, attempt.status,
            attempt.result, attempt.answer, attempt.detail, to: &heads, db)
    }

    /// What is known counts at once: should it not become durable, the run has ended by then.
    private func remember(_ attempt: Attempt, of effect: Int64) {
        state.withLock { state in
            if attempt.outcome.isOpen {
                state.open.insert(effect)
                state.met.insert(effect)
            } else if state.open.remove(effect) != nil, attempt.outcome == .settled {
                state.settled += 1
            }
        }
    }

    /// Effects that may have happened, and of which it is not known.
    public var openEffects: [Int64] { state.withLock { $0.open.sorted() } }

    /// How many effects of the job are known to have happened, whichever run did them.
    public var settledCount: Int { state.withLock { $0.settled } }

    /// Those of them that earlier runs left behind, and this one has not come to.
    public var openEffectsLeft: [Int64] { state.withLock { $0.open.subtracting($0.met).sorted() } }

    /// False once nothing can be written any more.
    public var isHeld: Bool { (hold?.failure ?? journal.group.failure) == nil }

    /// The journal's time of day.
    public var now: @Sendable () -> Timestamp { journal.clock.now }

    /// True when the object is known as the result of another effect, of whatever job.
    public func isResult(_ object: String, ofOtherThan effect: Int64) async throws(JournalError) -> Bool {
        try await read { db in try JobJournal.isResult(object, ofOtherThan: effect, db) }
    }

    /// The effects that an object is known as the result of, of whatever job.
    public func makers(of object: String, otherThan effect: Int64) async throws(JournalError) -> [RecordedEffect] {
        try await read { db in
            guard try JobJournal.isResult(object, ofOtherThan: effect, db) else { return [] }
            return try RecordedEffect.all(
                "e.id IN (SELECT effect FROM attempts WHERE result = ? AND effect <> ?) AND a.result = ? AND a.outcome = 'settled'",
                [object, effect, object], db)
        }
    }

    /// A person may have taken back what an attempt says.
    private static let isLast = "a.id = (SELECT max(id) FROM attempts WHERE effect = a.effect)"

    private static func isResult(_ object: String, ofOtherThan effect: Int64, _ db: Database) throws -> Bool {
        let sql = "SELECT 1 FROM attempts a WHERE a.result = ? AND a.effect <> ? AND a.outcome = 'settled' AND \(isLast) LIMIT 1"
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [object, effect]) != nil
    }

    /// Settled effects of the same operation that made or changed an object: those on the same object first, then the latest.
    public func neighbours(of effect: RecordedEffect, most: Int = 20) async throws(JournalError) -> [RecordedEffect] {
        try await read { [job] db in
            // The newest of its job lie at the end: a few are looked at, and none sorted.
            let condition = """
                +e.job = ? AND e.id > ? AND e.id <> ? AND +e.operation = ? AND a.outcome = 'settled' AND a.result IS NOT NULL
                """
            let arguments: StatementArguments = [effect.job, job.before.effects, effect.id, effect.operation]
            let sameObject =
                effect.object == nil
                ? []
                : try RecordedEffect.all(
                    condition + " AND e.object = ? ORDER BY e.id DESC LIMIT ?", arguments + [effect.object, most], db)
            return try sameObject + RecordedEffect.all(condition + " ORDER BY e.id DESC LIMIT ?", arguments + [most], db)
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
        let row = try await journal.group.commit(under: hold?.permit) { [job, run] db, heads in
            try ChainedTable.steps.append(job.id, run.id, now, name, value, to: &heads, db)
        }
        state.withLock { $0.memory.keep(step: name, row: row) }
    }

    // MARK: Sources

    /// What the script, its modules and its input were when they were last used or accepted, by name.
    public func sources() async throws(JournalError) -> [String: String] {
        try await read { [job] db in try FinishedJob.sources(of: job.id, db) }
    }

    /// Records what a source is now; durable on return.
    /// - Parameter isChange: it was another one in an earlier run.
    public func keep(source name: String, digest: String, isChange: Bool = false) async throws(JournalError) {
        let now = journal.clock.now().millisecondsSince1970
        if isChange { state.withLock { $0.hasChanged = true } }
        _ = try await journal.group.commit(under: hold?.permit) { [job, run] db, heads in
            try ChainedTable.jobEvents.append(job.id, run.id, now, "source", name, digest, to: &heads, db)
        }
    }

    // MARK: Rows

    /// Records what became of a row of a loop; the last word stands. Not waited for.
    public func note(row key: String, loop: String, line: Int?, status: String, reason: String) {
        journal.group.submit(under: hold?.permit) { [job, run] db, _ in
            let statement = try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO rows(job, loop, key, line, run, status, reason) VALUES (?, ?, ?, ?, ?, ?, ?)")
            try statement.execute(arguments: [job.id, loop, key, line, run.id, status, reason])
        }
    }

    /// The keys of rows whose last word is wanted, by loop. A row that succeeded in the job's first run has none.
    public func rows(_ isWanted: @escaping @Sendable (String) -> Bool) async throws(JournalError) -> [String: Set<String>] {
        try await read { [job] db in
            var found: [String: Set<String>] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT loop, key, status FROM rows WHERE job = ?", arguments: [job.id])
            while let row = try rows.next() {
                if isWanted(row[2]) { found[row[0], default: []].insert(row[1]) }
            }
            return found
        }
    }

    /// What the job's runs reported that came to an end, as JSON: those since its script or input was last another.
    public func reports() async throws(JournalError) -> [String] {
        try await read { [job] db in
            let sql = """
                SELECT report FROM runs WHERE job = ?1 AND report IS NOT NULL
                  AND id >= coalesce((SELECT max(run) FROM job_events WHERE job = ?1 AND kind = 'source'), 0)
                """
            return try String.fetchAll(db, sql: sql, arguments: [job.id])
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
    public func flush() async throws(JournalError) { try await journal.group.commit(under: hold?.permit) { _, _ in } }

    /// Ends the run: what it was goes into its record, and the job is let go.
    /// - Parameters:
    ///   - state: `done`, `failed` or `stopped`.
    ///   - finishesJob: nothing of the job is left to do: running it again will send nothing.
    public func end(state: String, exitCode: Int, report: String, finishesJob: Bool) async throws(JournalError) {
        stopRenewing()
        let now = journal.clock.now().millisecondsSince1970
        let settled = self.state.withLock { $0.settled }
        try await journal.group.commit(under: hold?.permit) { [job, run, hold] db, heads in
            try db.execute(
                sql: "UPDATE runs SET state = ?, exit_code = ?, ended_at = ?, report = ? WHERE id = ?",
                arguments: [state, exitCode, now, report, run.id])
            try RunSeal.write(run.id, at: now, &heads, db)
            if finishesJob {
                _ = try ChainedTable.jobEvents.append(job.id, run.id, now, "finished", run.name, String(settled), to: &heads, db)
            }
            if hold != nil { try Lease.release(job.id, db) }
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(JournalError) -> Value
    {
        try await journal.reader.readUncancelled(body)
    }
}
