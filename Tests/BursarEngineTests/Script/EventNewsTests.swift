import BursarJournal
import ConomyAPI
import Foundation
import Testing

@testable import BursarEngine

@Suite("News of what a script awaits")
struct EventNewsTests {
    @Test("come with an event about the object, and with no other; what came before the last look is none")
    func news() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("bursar-news-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = JournalFolder(path: path)
        let configuration = try Configuration(path: nil, searchingFrom: "/", environment: [:])
        var options = RunOptions(
            target: try TargetEnvironment(named: "local", in: configuration), workingFolder: "/", seed: 1)
        options.job.place = .folder(folder)
        // There is no journal yet.
        #expect(EventNews(options, about: "p1") == nil)
        let start = Timestamp(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
        let clock = JournalClock(now: { start.adding(milliseconds: 60_000) }, uptime: JournalClock.system.uptime)
        let journal = try Journal(folder: folder, clock: clock)
        defer { journal.close() }
        let news = try #require(EventNews(options, about: "p1"))
        news.look()
        func store(_ id: String) async throws {
            let body = Array(#"{"eventType":"payment.settled","transaction":{"id":"\#(id)","status":"SETTLED"}}"#.utf8)
            _ = try await journal.store(WebhookMessage(stored: body), body: body, listener: "a", isHandled: false)
        }
        try await store("p2")
        #expect(!news.hasCome)
        try await store("p1")
        #expect(news.hasCome)
        options.isRehearsal = true
        #expect(EventNews(options, about: "p1") == nil)
    }
}
