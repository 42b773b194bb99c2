import ConomyAPI
import Testing

@testable import BursarJournal

@Suite("One job an occasion")
struct OccasionTests {
    private static func slot(_ name: String = "nightly@2026-04-05T03:30:00Z", job: String = "refunds") -> Beginning {
        var beginning = beginning(job)
        beginning.identity.occasion = Occasion(.slot, name)
        return beginning
    }

    @Test("a job without an effect is done, too, when it was for an occasion; another occasion has its own")
    func finished() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold(Self.slot()).finish()
        guard case .finished = try await journal.begin(Self.slot()) else {
            Issue.record("a slot began twice")
            return
        }
        try await journal.hold(Self.slot("nightly@2026-04-06T03:30:00Z")).finish()
        var event = Self.slot()
        event.identity.occasion = Occasion(.event, "nightly@2026-04-05T03:30:00Z")
        try await journal.hold(event).finish()
        try await journal.hold().finish()
    }

    @Test("what another job did for an occasion of the same name is not taken for this one's: it is refused in words")
    func others() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold(Self.slot()).finish()
        do {
            _ = try await journal.begin(Self.slot(job: "payouts"))
            Issue.record("a slot of one schedule was done by another")
        } catch {
            #expect(error.kind == .conflict && error.message.contains("its job was refunds and is now payouts"), "\(error)")
        }
    }

    @Test("who changes nothing holds it, too")
    func held() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        var first = Self.slot()
        first.isReadOnly = true
        first.holder = .current
        let job = try await journal.hold(first)
        let again = first
        #expect(try await kind { _ = try await journal.begin(again) } == .lease)
        try await job.finish()
    }

    @Test("other arguments are no other job: it is refused in words, and --again does it anew")
    func changed() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        try await journal.hold(Self.slot()).stop()
        do {
            _ = try await journal.begin(Self.slot(job: "payouts"))
            Issue.record("a slot had two jobs")
        } catch {
            #expect(error.kind == .conflict)
            #expect(error.message.contains("the slot nightly@2026-04-05T03:30:00Z has its job since"))
            #expect(error.message.contains("its job was refunds and is now payouts"))
        }
        var again = Self.slot(job: "payouts")
        again.again = true
        let job = try await journal.hold(again)
        #expect(job.job.generation == 2)
        try await job.finish()
    }

    @Test("no two slots of a schedule are run at a time; those of another schedule, and events, are")
    func otherSlots() async throws {
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal)
        var first = Self.slot()
        first.holder = .current
        let job = try await journal.hold(first)
        do {
            _ = try await journal.begin(Self.slot("nightly@2026-04-06T03:30:00Z"))
            Issue.record("two slots of a schedule are run at a time")
        } catch {
            #expect(error.kind == .lease && error.message.contains("holds another slot of this schedule"))
        }
        try await journal.hold(Self.slot("nightly-2@2026-04-06T03:30:00Z")).finish()
        var event = Self.slot()
        event.identity.occasion = Occasion(.event, "nightly@2026-04-06T03:30:00Z")
        try await journal.hold(event).finish()
        try await job.finish()
        try await journal.hold(Self.slot("nightly@2026-04-06T03:30:00Z")).finish()
    }
}
