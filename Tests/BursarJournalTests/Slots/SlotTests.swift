import ConomyAPI
import Foundation
import Testing

@testable import BursarJournal

@Suite("What the journal knows of slots")
struct SlotTests {
    private static let name = "nightly@2026-04-05T03:30:00Z"

    private static func slot(_ name: String = name, fired: Bool = false, holder: Holder = .gone) -> Beginning {
        var beginning = beginning(holder: holder)
        beginning.identity.occasion = Occasion(.slot, name)
        beginning.isFired = fired
        return beginning
    }

    private func record(_ folder: TestFolder) throws -> SlotRecord? {
        try JournalReader(folder: folder.journal).slots(of: "nightly").first
    }

    @Test("a clock fires a slot once, however its run ended; a person goes on with it")
    func fired() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        let job = try await journal.hold(Self.slot(fired: true))
        try await job.end(state: "failed", exitCode: 1, report: "{}", finishesJob: false)
        do {
            _ = try await journal.begin(Self.slot(fired: true))
            Issue.record("a slot that had failed was fired again")
        } catch {
            #expect(error.kind == .lease)
            #expect(error.message.contains("ended at") && error.message.contains("with exit code 1"), "\(error.message)")
        }
        #expect(try record(folder)?.state == .failed)
        try await journal.hold(Self.slot()).finish()
        #expect(try record(folder)?.state == .done)
        #expect(try record(folder)?.runs == 2)
    }

    @Test("a slot that was cut off is fired again")
    func cutOff() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        _ = try await journal.hold(Self.slot(fired: true))
        #expect(try record(folder)?.state == .cutOff)
        #expect(try record(folder)?.isPast == false)
        try await journal.hold(Self.slot(fired: true)).finish()
    }

    @Test("a slot whose runner's host was started anew is cut off, once it has been silent for a minute")
    func otherBoot() async throws {
        let elsewhere = Holder(host: "till-4", user: "ana", pid: 4711, began: "1", boot: "another", namespace: "n")
        for (age, state) in [(0, SlotRecord.State.running), (61, .cutOff)] {
            let folder = try TestFolder()
            let system = JournalClock.system
            let clock = JournalClock(
                now: { Timestamp(millisecondsSince1970: system.now().millisecondsSince1970 - Int64(age) * 1000) },
                uptime: system.uptime)
            let journal = try Journal(folder: folder.journal, clock: clock)
            let job = try await journal.hold(Self.slot(holder: elsewhere))
            job.stopRenewing()
            #expect(try record(folder)?.state == state, "\(age)")
        }
    }

    @Test("a run that gives way to a later slot is told so by one only, and a later run of it by one again")
    func replaced() async throws {
        let folder = try TestFolder()
        let clock = TestClock()
        let journal = try Journal(folder: folder.journal, clock: clock.clock)
        // What was noted before of the slot does not count.
        try await journal.note(slot: Self.name, of: "nightly", .skipped)
        for _ in 0..<2 {
            clock.move(.seconds(1))
            let job = try await journal.hold(Self.slot())
            clock.move(.seconds(1))
            #expect(try await journal.note(replaced: Self.name, job.run, of: "nightly"))
            #expect(try await !journal.note(replaced: Self.name, job.run, of: "nightly"))
            try await job.stop()
        }
        #expect(try record(folder)?.state == .stopped)
    }
}
