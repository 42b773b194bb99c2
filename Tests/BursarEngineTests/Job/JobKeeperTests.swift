import BursarJournal
import ExactJSON
import Logging
import Testing

@testable import BursarEngine

@Suite("A run's way to its job")
struct JobKeeperTests {
    private func keeper(_ journal: Journal?) throws -> JobKeeper {
        let options = RunOptions(
            target: try TargetEnvironment(named: "local", in: Configuration()), workingFolder: "/", seed: 7)
        return JobKeeper(
            journal: journal, script: ScriptFile(name: "refund.lua", source: "job {}", folder: "/"), options: options,
            target: "t",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("a journal in memory is made when the first effect comes, one for all that come at once")
    func awaited() async throws {
        let keeper = try keeper(nil)
        #expect(try await keeper.jobOfEffect() == nil, "it is not known yet what the job is")
        guard case .awaited = try await keeper.open(name: "refunds", arguments: [:], files: [], isReadOnly: false) else {
            Issue.record("a journal in memory was made before there was an effect")
            return
        }
        #expect(keeper.isKnown && keeper.job == nil)
        let jobs = try await withThrowingTaskGroup(of: ObjectIdentifier?.self) { group in
            for _ in 0..<50 { group.addTask { try await keeper.jobOfEffect().map { ObjectIdentifier($0) } } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let job = try #require(keeper.job)
        #expect(jobs == [ObjectIdentifier(job)] && job.isNew && job.job.seed == 7)
        #expect(job.job.identity.name == "refunds")
    }

    @Test("a journal that lasts is asked at once: what was done before counts before the first effect")
    func lasting() async throws {
        let keeper = try keeper(Journal())
        guard case .opened(let job) = try await keeper.open(name: "refunds", arguments: [:], files: [], isReadOnly: false) else {
            Issue.record("the job was not opened")
            return
        }
        #expect(try await keeper.jobOfEffect() === job)
    }
}
