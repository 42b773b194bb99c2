import ConomyAPI
import Foundation
import GRDB
import Testing

@testable import BursarJournal

@Suite("Sums that are limited")
struct ReservationTests {
    func reservation(_ units: Int64, most: Int64, scope: String = "day", object: String? = nil) -> Reservation {
        Reservation([.init(scope: scope, unit: "ARS", units: units, most: most, isMoney: true)], object: object)
    }

    func sum(_ journal: Journal, _ scope: String = "day") async throws -> Int64 {
        try await journal.group.commit { db, _ in try Reservation.sum(scope, "ARS", db) }
    }

    /// The number of the effect; nil when a sum would have passed its limit.
    func take(_ job: JobJournal, _ key: String, _ reservation: Reservation) async throws -> Int64? {
        switch try await job.intend(intent(key), reserving: reservation) {
        case .recorded(let id): return id
        case .exceeds: return nil
        case .repeats: throw NotHeld()
        }
    }

    @Test("go to the limit and not one unit further, and what is refused is not recorded")
    func edge() async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        #expect(try await take(job, "a", reservation(99, most: 100)) != nil)
        guard case .exceeds(let excess) = try await job.intend(intent("b"), reserving: reservation(2, most: 100)) else {
            throw NotHeld()
        }
        #expect(excess.line == 0 && excess.sum == 99)
        #expect(try await take(job, "c", reservation(1, most: 100)) != nil)
        #expect(try await take(job, "d", reservation(1, most: 100)) == nil)
        #expect(try await take(job, "e", reservation(.max, most: .max)) == nil)
        #expect(job.openEffects.count == 2)
        #expect(try await sum(journal) == 100)
    }

    @Test(
        "are given back once for what did not happen, and taken again for what did after all",
        arguments: [EffectOutcome.declined, .unsent, .absent])
    func givenBack(outcome: EffectOutcome) async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        let effect = try #require(try await take(job, "a", reservation(60, most: 100)))
        for _ in 0..<2 { job.note(Attempt(outcome == .absent ? .probe : .send, outcome), of: effect) }
        try await job.flush()
        #expect(try await sum(journal) == 0)
        // Sent again: taken once more, and only where there is room.
        _ = try #require(try await take(job, "b", reservation(50, most: 100)))
        #expect(try await job.beginAgain(effect, reserving: reservation(60, most: 100)) != nil)
        #expect(try await job.beginAgain(effect, reserving: reservation(60, most: 110)) == nil)
        #expect(try await job.beginAgain(effect, reserving: reservation(60, most: 110)) == nil)
        #expect(try await sum(journal) == 110)
        job.note(Attempt(.send, .settled, status: 201), of: effect)
        try await job.flush()
        #expect(try await sum(journal) == 110)
    }

    @Test("what is in doubt stays taken, and a person's word on it counts")
    func decided() async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        let effect = try #require(try await take(job, "a", reservation(60, most: 100)))
        job.note(Attempt(.send, .inDoubt), of: effect)
        try await job.stop()
        #expect(try await sum(journal) == 60)
        _ = try await journal.resolve(key: "a", job: nil, Attempt(.resolve, .absent))
        #expect(try await sum(journal) == 0)
        _ = try await journal.resolve(key: "a", job: nil, Attempt(.resolve, .settled, result: "x"))
        #expect(try await sum(journal) == 60)
    }

    @Test("money of a payment is counted by the first effect that moves it, and other payments by their own")
    func once() async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        let made = try #require(try await take(job, "create", reservation(60, most: 200)))
        job.note(Attempt(.send, .settled, status: 200, result: "p1"), of: made)
        _ = try await take(job, "capture", reservation(60, most: 200, object: "p1"))
        #expect(try await sum(journal) == 60)
        _ = try await take(job, "another", reservation(60, most: 200, object: "p2"))
        _ = try await take(job, "refund", reservation(60, most: 200))
        #expect(try await sum(journal) == 180)
    }

    @Test("hold for many tasks and several openings of one journal at once")
    func shared() async throws {
        let folder = try TestFolder()
        let most: Int64 = 10_000
        let taken = try await withThrowingTaskGroup(of: Int64.self) { group in
            for opening in 0..<3 {
                let journal = try Journal(folder: folder.journal)
                let job = try await journal.hold(beginning("job \(opening)"))
                for task in 0..<64 {
                    group.addTask {
                        var taken: Int64 = 0
                        for round in 0..<4 {
                            let units = Int64(task * 7 + round * 13 + opening + 1)
                            let key = "\(task)/\(round)"
                            guard let effect = try await take(job, key, reservation(units, most: most)) else { continue }
                            if (task + round) % 5 == 0 {
                                job.note(Attempt(.send, .declined, status: 422), of: effect)
                            } else {
                                taken += units
                            }
                        }
                        try await job.flush()
                        return taken
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        let journal = try Journal(folder: folder.journal)
        #expect(try await sum(journal) == taken)
        #expect(taken <= most && taken > most - 500)
        journal.close()
        _ = try JournalReader(folder: folder.journal).verify()
    }

    @Test("a sum that was changed is noticed")
    func changed() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        _ = try await take(job, "a", reservation(60, most: 100))
        try await job.stop()
        journal.close()
        let database = try DatabaseQueue(path: folder.journal.database)
        try await database.write { try $0.execute(sql: "UPDATE sums SET units = 10") }
        try database.close()
        #expect(try await kind { _ = try JournalReader(folder: folder.journal).verify() } == .damaged)
    }

    @Test("a journal of the first format gets them, and keeps what it has")
    func migrated() async throws {
        let folder = try TestFolder()
        let old = try Journal(folder: folder.journal)
        try await old.hold().record("before")
        try await old.group.commit { db, _ in
            let tables = ["sums", "reservations", "slots", "schedules", "events"].map { "DROP TABLE \($0);" }.joined()
            try db.execute(sql: tables + "DROP INDEX job_events_slot; PRAGMA user_version = 1")
        }
        old.close()
        // Who only looks does not change the format.
        _ = try JournalReader(folder: folder.journal).verify()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold()
        #expect(try await job.recorded("before")?.outcome == .settled)
        #expect(try await take(job, "a", reservation(60, most: 100)) != nil)
        #expect(try await sum(journal) == 60)
    }
}
