import ConomyAPI
import ExactJSON
import Foundation
import GRDB

/// What a person accepted.
public struct Acceptance: Sendable {
    /// How many rows each table had lost, where that is known.
    public let lost: [(table: String, rows: Int64)]
    /// What was wrong, in words.
    public let damage: String
}

extension Journal {
    /// Takes a journal for whole again whose chains are unbroken, and whose anchor is lost or says that there was more: after a person has
    /// compared it with the bank. That, why, and how much was lost stands in the journal from then on.
    ///
    /// Indexes are made anew from the rows, and tables that are in no chain from the chains.
    /// - Throws: `JournalError`: `conflict` when nothing is wrong, `damaged` when rows themselves are not what was written: then there
    ///   is nothing to accept, and nothing was changed.
    public static func accept(folder: JournalFolder, because reason: String, clock: JournalClock = .system) throws(JournalError)
        -> Acceptance
    {
        try folder.requireNoFile()
        do {
            // Where nothing is left of it, there is nothing to accept.
            _ = try JournalReader(folder: folder)
            let lock = try WriteLock(path: folder.lock)
            return try lock.whileHeld { try acceptLocked(folder, reason, clock) }
        } catch {
            let failure = JournalError(storage: error)
            throw failure.kind == .damaged ? failure.beyondAcceptance : failure
        }
    }

    private static func acceptLocked(_ folder: JournalFolder, _ reason: String, _ clock: JournalClock) throws -> Acceptance {
        try folder.makeDatabase()
        let database = try writer(folder)
        defer { try? database.close() }
        let anchor = Anchor.read(path: folder.anchor)
        return try database.writeWithoutTransaction { db in
            let secondPath = try folder.secondAnchor(ofJournal: Format.journalID(db))
            let second = secondPath.map { Anchor.read(path: $0) }
            var heads = Heads()
            for table in ChainedTable.allCases { heads[table] = try table.verify(db) }
            try Unchained.requireReferences(db)
            let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            var damage = problems == ["ok"] ? nil : JournalError.damaged("SQLite says: \(problems.joined())")
            do { try Unchained.verifyWhole(db) } catch { damage = JournalError(storage: error) }
            do { try compare(db, anchor, second, folder) } catch let error as JournalError { damage = error }
            guard let damage else {
                throw JournalError(.conflict, "nothing is wrong with the journal in \(folder.path)", hint: "run as before")
            }
            var lost = rowsLost(heads, [anchor, second])
            try db.inTransaction(.immediate) {
                let runs = try Unchained.mend(at: clock.now().millisecondsSince1970, &heads, db)
                if runs > 0 { lost.append(("runs", runs)) }
                try db.execute(sql: "REINDEX")
                let value: JSON = [
                    "because": .string(reason), "damage": .string(damage.message),
                    "lost": .object(JSONObject(lost.map { ($0.table, JSON.integer(Int($0.rows))) })),
                ]
                _ = try ChainedTable.jobEvents.append(
                    nothing, nothing, clock.now().millisecondsSince1970, "accepted", Holder.current.user, value.text(),
                    to: &heads, db)
                return .commit
            }
            let rest = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            guard rest == ["ok"] else { throw JournalError.damaged("SQLite says: \(rest.joined())") }
            try Anchors(path: folder.anchor, secondPath: secondPath, heads: heads).close()
            return Acceptance(lost: lost, damage: damage.message)
        }
    }

    /// By how much the anchors are ahead.
    private static func rowsLost(_ heads: Heads, _ anchors: [Anchor.Content?]) -> [(table: String, rows: Int64)] {
        ChainedTable.allCases.compactMap { table in
            let rows = anchors.map { content in
                if case .known(let known, _) = content { max(0, known[table].count - heads[table].count) } else { Int64(0) }
            }.max()
            return rows.flatMap { $0 > 0 ? (table.rawValue, $0) : nil }
        }
    }
}

extension JournalError {
    /// Damage that a person's word cannot mend.
    fileprivate var beyondAcceptance: JournalError {
        JournalError(kind, message, hint: JournalError.broken("").hint)
    }
}
