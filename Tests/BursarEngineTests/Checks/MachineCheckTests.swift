import ConomyAPI
import Foundation
import Testing

@testable import BursarEngine

@Suite("Checks of the machine")
struct MachineCheckTests {
    private func clock(_ time: String, kept: Bool?, steady: [Duration] = [.zero, .seconds(1)]) throws -> CheckResult {
        let now = try #require(Timestamp(time))
        return try #require(ClockCheck(now: now, isKept: kept, steady: steady).results().first)
    }

    @Test("a clock that nobody keeps is a warning; one that is decades off, or a monotonic one that goes back, is a failure")
    func clocks() throws {
        #expect(try clock("2026-11-30T00:00:00Z", kept: true).state == .ok)
        #expect(try clock("2026-11-30T00:00:00Z", kept: nil).state == .ok)
        #expect(try clock("2026-11-30T00:00:00Z", kept: false).state == .warning)
        #expect(try clock("1970-01-01T00:00:30Z", kept: true).kind == .temporary)
        #expect(try clock("2026-11-30T00:00:00Z", kept: true, steady: [.seconds(2), .seconds(1)]).kind == .temporary)
    }

    @Test("a disk is judged by its free bytes and its free inodes")
    func disk() {
        func state(_ free: Int, _ inodes: Int?) -> CheckResult.State? {
            DiskCheck.results("/", free: free, inodes: inodes).first?.state
        }
        #expect(state(10 << 30, 100_000) == .ok)
        #expect(state(10 << 30, nil) == .ok)
        #expect(state(100 << 20, 100_000) == .warning)
        #expect(state(10 << 30, 500) == .warning)
        #expect(state(1 << 20, 100_000) == .failed)
        #expect(state(10 << 30, 0) == .failed)
    }

    @Test("few descriptors are a warning")
    func descriptors() {
        #expect(DescriptorCheck(limit: 1024).results().first?.state == .ok)
        #expect(DescriptorCheck(limit: 64).results().first?.state == .warning)
        #expect(DescriptorCheck(limit: nil).results().first?.state == .ok)
    }

    @Test("a system that knows no changes of the clocks is told to get tzdata")
    func zones() {
        #expect(TimeZoneCheck().results().first?.state == .ok)
        #expect(TimeZoneCheck(zone: nil).results().first?.kind == .invalid)
    }

    @Test("a running cron or systemd is found; having neither matters where there are schedules")
    func schedulers() throws {
        let folder = try TemporaryFolder()
        func state(_ hasSchedules: Bool, systemd: String = "none") -> CheckResult.State? {
            SchedulerCheck(hasSchedules: hasSchedules, processes: folder.path, systemd: folder.path + "/" + systemd).results()
                .first?.state
        }
        #expect(state(true) == .warning)
        #expect(state(false) == .ok)
        #expect(state(true, systemd: "") == .ok)
        try FileManager.default.createDirectory(atPath: folder.path + "/12", withIntermediateDirectories: true)
        try Data("cron\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/12/comm"))
        #expect(state(true) == .ok)
    }

    @Test("the disk's confirmation is tried without leaving a file, also where the journal's folder is missing still")
    func flush() throws {
        let folder = try TemporaryFolder()
        #expect(FlushCheck(journal: folder.path + "/not/yet").results().first?.state == .ok)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
