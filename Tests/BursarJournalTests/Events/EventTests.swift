import ConomyAPI
import Testing

@testable import BursarJournal

@Suite("Events in the journal")
struct EventTests {
    private func message(_ id: String = "p1", status: String = "SETTLED") throws -> (message: WebhookMessage, body: [UInt8]) {
        let text = #"{"eventType":"payment.settled","timestamp":"t","transaction":{"id":"\#(id)","status":"\#(status)"}}"#
        return (try WebhookMessage(stored: Array(text.utf8)), Array(text.utf8))
    }

    @Test("are stored once for a listener, byte for byte, and repetitions are counted, also after the journal was opened anew")
    func once() async throws {
        let folder = try TestFolder()
        let (told, body) = try message()
        for round in 0..<3 {
            let journal = try Journal(folder: folder.journal)
            let storing = try await journal.store(told, body: body, listener: "a", isHandled: true)
            if case .stored = storing { #expect(round == 0) } else { #expect(round > 0) }
            journal.close()
        }
        let journal = try Journal(folder: folder.journal)
        guard case .stored = try await journal.store(told, body: body, listener: "b", isHandled: false) else {
            Issue.record("another listener's event was taken for this one's")
            return
        }
        let reader = try JournalReader(folder: folder.journal)
        let events = try reader.events(most: 10)
        #expect(events.map(\.listener) == ["b", "a"] && events.map(\.repeats) == [0, 2])
        #expect(events.map(\.state) == [.unhandled, .waiting] && events[1].body == body)
        #expect(try reader.hasEvent(about: "p1", since: Timestamp(millisecondsSince1970: 0)))
        #expect(try !reader.hasEvent(about: "p2", since: Timestamp(millisecondsSince1970: 0)))
    }

    @Test("wait until they are due, and are put back by hand unless they are done")
    func due() async throws {
        let folder = try TestFolder()
        let clock = TestClock()
        let journal = try Journal(folder: folder.journal, clock: clock.clock)
        for id in ["p1", "p2"] {
            let (told, body) = try message(id)
            _ = try await journal.store(told, body: body, listener: "a", isHandled: true)
        }
        let reader = try JournalReader(folder: folder.journal)
        let now = clock.clock.now()
        let due = try reader.dueEvents(of: "a", at: now, most: 10)
        #expect(due.map(\.object) == ["p1", "p2"])
        #expect(try reader.dueEvents(of: "b", at: now, most: 10).isEmpty)
        try await journal.note(
            event: due[0].name, .waiting, attempts: 1, nextAt: now.adding(milliseconds: 10_000), problem: "exit code 1")
        try await journal.note(event: due[1].name, .done, attempts: 0, nextAt: now, problem: nil)
        #expect(try reader.dueEvents(of: "a", at: now, most: 10).isEmpty)
        #expect(try reader.dueEvents(of: "a", at: now.adding(milliseconds: 10_000), most: 10).map(\.name) == [due[0].name])
        #expect(try await journal.retry(events: due.map(\.name)) == 1)
        #expect(try reader.dueEvents(of: "a", at: now, most: 10).map(\.attempts) == [0])
    }
}
