public import ConomyAPI
import GRDB

extension Journal {
    /// Notes what became of a slot without a job; durable on return. A slot that has a job keeps what that says.
    /// - Parameter exitCode: of a run that could not begin.
    public func note(
        slot: String, of schedule: String, _ state: SlotNote, exitCode: Int? = nil
    ) async throws(JournalError) {
        let now = clock.now().millisecondsSince1970
        try await group.commit { db, _ in
            try db.execute(
                sql: "INSERT OR REPLACE INTO slots(schedule, name, state, exit_code, at) VALUES (?, ?, ?, ?, ?)",
                arguments: [schedule, slot, state.rawValue, exitCode, now])
        }
    }

    /// Notes that a slot's run gives way to a later slot; durable on return.
    /// - Returns: false when somebody noted it before, and tells the run: told twice, it would stop at once.
    public func note(replaced slot: String, _ run: RunRecord, of schedule: String) async throws(JournalError) -> Bool {
        let now = clock.now().millisecondsSince1970
        return try await group.commit { db, _ in
            try db.execute(
                sql: """
                    INSERT INTO slots(schedule, name, state, at) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT DO UPDATE SET state = ?3, at = ?4 WHERE state <> ?3 OR at < ?5
                    """,
                arguments: [
                    schedule, slot, SlotNote.replaced.rawValue, now, run.startedAt.millisecondsSince1970,
                ])
            return db.changesCount > 0
        }
    }

    /// Notes since when a schedule is in force: slots before are nobody's. Durable on return.
    /// - Parameter definition: when it fires. Another one counts from its own instant.
    public func note(schedule: String, definition: String, since: Timestamp) async throws(JournalError) {
        try await group.commit { db, _ in
            try db.execute(
                sql: "INSERT OR REPLACE INTO schedules(name, definition, since) VALUES (?, ?, ?)",
                arguments: [schedule, definition, since.millisecondsSince1970])
        }
    }

    /// Forgets a schedule that is not in force any more; durable on return. Its slots stay known.
    public func forget(schedule: String) async throws(JournalError) {
        try await group.commit { db, _ in
            try db.execute(sql: "DELETE FROM schedules WHERE name = ?", arguments: [schedule])
        }
    }
}

/// What can be noted of a slot that has no job.
public enum SlotNote: String, Sendable {
    case queued
    case skipped
    /// Its run could not begin, and nothing of it was recorded.
    case notBegun = "not_begun"
    /// Its run was told to make place for a later slot.
    case replaced
}
