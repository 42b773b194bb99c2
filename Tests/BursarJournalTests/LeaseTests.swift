import ConomyAPI
import Foundation
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

@Suite("One runner a job")
struct LeaseTests {
    /// Somebody else: not this process, and not known to be dead.
    static func stranger(boot: String = Holder.current.boot, namespace: String = "pid:[another]") -> Holder {
        Holder(host: "till-3", user: "ana", pid: 4711, began: "99", boot: boot, namespace: namespace)
    }

    static func lease(_ holder: Holder?, renewed: Duration = .seconds(1000)) -> Lease {
        Lease(
            job: 1, fence: 1, holder: holder, run: 1, renewals: 0, renewedAt: Timestamp(millisecondsSince1970: 0),
            uptime: renewed)
    }

    @Test("whether a job can be taken")
    func verdicts() {
        let now = Duration.seconds(1000)
        func verdict(_ lease: Lease, _ now: Duration) -> Lease.Verdict { lease.verdict(observer: .current, uptime: now) }
        #expect(verdict(Self.lease(nil), now) == .free)
        #expect(verdict(Self.lease(Holder.gone), now) == .free)
        #expect(verdict(Self.lease(.current), now) == .held)
        #expect(verdict(Self.lease(.current), now + Lease.term) == .held)
        // It lives: it may be about to send.
        #expect(verdict(Self.lease(.current), now + .seconds(8 * 3600)) == .held)
        #expect(verdict(Self.lease(Self.stranger()), now + Lease.term) == .held)
        #expect(verdict(Self.lease(Self.stranger()), now + .seconds(8 * 3600)) == .free)
        #expect(verdict(Self.lease(Self.stranger(boot: "another")), now + .seconds(8 * 3600)) == .watch)
        #expect(verdict(Self.lease(Self.stranger(boot: "")), now) == .watch)
    }

    @Test("this process lives, one that has its number does not, and a zombie is dead")
    func life() throws {
        #expect(Holder.current.isAlive() == true)
        let me = Holder.current
        let namesake = Holder(
            host: me.host, user: me.user, pid: me.pid, began: me.began + "0", boot: me.boot, namespace: me.namespace)
        #expect(namesake.isAlive() == false)
        #expect(Holder.gone.isAlive() == false)
        #expect(Self.stranger().isAlive() == nil)
        var pid: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&pid, "/bin/sleep", nil, nil, &arguments, nil) == 0)
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let began = String(stat[stat.index(after: stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")[19])
        let child = Holder(host: me.host, user: me.user, pid: pid, began: began, boot: me.boot, namespace: me.namespace)
        #expect(child.isAlive() == true)
        kill(pid, SIGKILL)
        var information = siginfo_t()
        waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        #expect(child.isAlive() == false)
        waitpid(pid, nil, 0)
        #expect(child.isAlive() == false)
    }

    @Test("a second runner is told who has the job, and gets it when the first lets go")
    func second() async throws {
        let folder = try TestFolder()
        let first = try Journal(folder: folder.journal)
        let job = try await first.hold(beginning(holder: .current))
        let second = try Journal(folder: folder.journal)
        do {
            _ = try await second.hold(beginning(holder: .current))
            Issue.record("two runners have one job")
        } catch let error as JournalError {
            #expect(error.kind == .lease && error.message.contains("process \(getpid())") && error.hint.contains("--wait"))
        }
        try await job.record("a")
        try await job.stop()
        #expect(try await second.hold().recorded("a") != nil)
        #expect(try await kind { try await job.record("b") } == .lease)
        #expect(await job.mayLeave()?.kind == .lease)
    }

    @Test("of fifty that begin at once, with a journal each, one has the job")
    func fifty() async throws {
        let folder = try TestFolder()
        _ = try Journal(folder: folder.journal)
        let place = folder.journal
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let journal = try Journal(folder: place)
                    do {
                        let job = try await journal.hold(beginning(holder: .current))
                        try await job.record("once")
                        // Held until all the others have been told.
                        withExtendedLifetime(job) { job.stopRenewing() }
                        return true
                    } catch let error as JournalError {
                        guard error.kind == .lease else { throw error }
                        return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 1)
        #expect(try JournalReader(folder: place).effects(.job(1)).count == 1)
    }

    @Test("fifty other jobs begin at once, none in another's way")
    func fiftyJobs() async throws {
        let journal = try Journal()
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let job = try await journal.hold(beginning("job \(number)"))
                    try await job.record("a")
                    return job.run.name
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(names.count == 50)
    }

    @Test("what a dead process held is taken at once, also when it died before it did anything")
    func deadHolder() async throws {
        let clock = TestClock()
        let folder = try TestFolder()
        let first = try Journal(folder: folder.journal, clock: clock.clock)
        let job = try await first.hold(beginning(holder: Holder.gone))
        let second = try Journal(folder: folder.journal, clock: clock.clock)
        let taken = try await second.hold(pause: { _ in Issue.record("it waited") })
        #expect(taken.job.id == job.job.id && !taken.isNew)
        #expect(try JournalReader(folder: folder.journal).run(job.run.id)?.state == "killed")
        try await taken.record("a")
        #expect(try await kind { try await job.record("b") } == .lease)
    }

    @Test("a holder of another boot is watched for a term: taken over when it gives no sign of life, left alone when it does")
    func watched() async throws {
        for isAlive in [false, true] {
            let clock = TestClock()
            let folder = try TestFolder()
            let first = try Journal(folder: folder.journal, clock: clock.clock)
            let job = try await first.hold(beginning(holder: Self.stranger(boot: "another")))
            job.stopRenewing()
            let second = try Journal(folder: folder.journal, clock: clock.clock)
            let told = Mutex(0)
            let begun = try await kind {
                _ = try await second.begin(
                    beginning(), waits: { _ in told.withLock { $0 += 1 } },
                    pause: { time in
                        clock.move(time)
                        if isAlive { try? await first.group.commit { db, _ in try Lease.renew(1, clock.clock, db) } }
                    })
            }
            #expect(begun == (isAlive ? .lease : nil))
            #expect(told.withLock { $0 } == 1)
            #expect(try await kind { try await job.record("a") } == (isAlive ? nil : .lease))
        }
    }

    @Test("who was overtaken writes nothing more, by whatever call")
    func overtaken() async throws {
        let clock = TestClock()
        let folder = try TestFolder()
        let first = try Journal(folder: folder.journal, clock: clock.clock)
        let job = try await first.hold(beginning(holder: Self.stranger()))
        let effect = try await job.record("a", nil)
        job.stopRenewing()
        clock.move(Lease.term + .seconds(1))
        let second = try Journal(folder: folder.journal, clock: clock.clock)
        let taken = try await second.hold(beginning(holder: .current))
        let before = try JournalReader(folder: folder.journal).verify().map(\.rows)
        let words = await job.mayLeave()
        #expect(words?.kind == .lease && words?.message.contains("process \(getpid())") == true)
        job.note(Attempt(.send, .settled), of: effect)
        job.note(row: "r", loop: "l", line: nil, status: "succeeded", reason: "")
        #expect(try await kind { try await job.record("b") } == .lease)
        #expect(try await kind { try await job.beginAgain(effect) } == .lease)
        #expect(try await kind { try await job.keep(step: "s", "v") } == .lease)
        #expect(try await kind { try await job.keep(source: "s", digest: "v") } == .lease)
        #expect(try await kind { try await job.flush() } == .lease)
        #expect(try await kind { try await job.finish() } == .lease)
        let reader = try JournalReader(folder: folder.journal)
        #expect(try reader.verify().map(\.rows) == before)
        #expect(try reader.rows(job: nil).isEmpty)
        #expect(try await taken.recorded("a")?.isOpen == true)
        try await taken.record("c")
        // Another job through the same journal goes on.
        try await first.hold(beginning("another")).record("d")
    }

    @Test("beginning anew shuts out the one that had the job before")
    func again() async throws {
        let clock = TestClock()
        let journal = try Journal(clock: clock.clock)
        let job = try await journal.hold(beginning(holder: Self.stranger()))
        job.stopRenewing()
        clock.move(Lease.term + .seconds(1))
        var anew = beginning()
        anew.again = true
        let next = try await journal.hold(anew)
        #expect(next.isNew && next.job.id != job.job.id && next.job.generation == 2)
        #expect(try await kind { try await job.record("a") } == .lease)
    }

    @Test("beginning anew is refused while an effect is in doubt")
    func againWithDoubts() async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        try await job.record("a", .inDoubt)
        try await job.stop()
        var anew = beginning()
        anew.again = true
        #expect(try await kind { _ = try await journal.hold(anew) } == .conflict)
    }

    @Test(
        "a write may leave at once for half a term after the last sign of life; later a sign of life goes first, over a suspended machine, too"
    )
    func mayLeave() async throws {
        let clock = TestClock()
        let journal = try Journal(clock: clock.clock)
        let job = try await journal.hold(beginning(holder: .current))
        job.stopRenewing()
        func renewals() async throws -> Int64? { try await journal.group.commit { db, _ in try Lease.find(1, db)?.renewals } }
        clock.move(Lease.term / 2)
        #expect(await job.mayLeave() == nil)
        #expect(try await renewals() == 0)
        clock.move(.milliseconds(1))
        #expect(await job.mayLeave() == nil)
        #expect(try await renewals() == 1)
        clock.move(.seconds(8 * 3600))
        #expect(await job.mayLeave() == nil)
        #expect(try await renewals() == 2)
        #expect(await job.mayLeave() == nil)
        #expect(try await renewals() == 2)
    }

    @Test("with patience it waits for a living holder to be done")
    func patience() async throws {
        let clock = TestClock()
        let journal = try Journal(clock: clock.clock)
        let job = try await journal.hold(beginning(holder: .current))
        job.stopRenewing()
        let looks = Mutex(0)
        let begun = try await journal.begin(
            beginning(), patience: .seconds(10),
            pause: { time in
                clock.move(time)
                let look = looks.withLock { count in
                    count += 1
                    return count
                }
                if look == 5 { try? await job.stop() }
            })
        guard case .held = begun else { throw NotHeld() }
        #expect(looks.withLock { $0 } == 5)
    }

    @Test("patience ends")
    func impatience() async throws {
        let clock = TestClock()
        let journal = try Journal(clock: clock.clock)
        let job = try await journal.hold(beginning(holder: .current))
        let begun = try await kind {
            _ = try await journal.begin(
                beginning(), patience: .seconds(10),
                pause: { time in
                    clock.move(time)
                    _ = try? await journal.group.commit { db, _ in try Lease.renew(1, clock.clock, db) }
                })
        }
        #expect(begun == .lease)
        try await job.record("a")
    }

    @Test("a person's decision waits for the run that has the job")
    func resolve() async throws {
        let clock = TestClock()
        let folder = try TestFolder()
        let journal = try Journal(folder: folder.journal, clock: clock.clock)
        let job = try await journal.hold(beginning(holder: .current))
        try await job.record("a", .inDoubt)
        try await job.flush()
        let other = try Journal(folder: folder.journal, clock: clock.clock)
        let decision = Attempt(.resolve, .settled, result: "x", detail: "seen at the bank")
        #expect(try await kind { _ = try await other.resolve(key: "a", job: nil, decision) } == .lease)
        try await job.stop()
        // A second decision takes the place of the first.
        _ = try await other.resolve(key: "a", job: nil, Attempt(.resolve, .absent, detail: "not seen at first"))
        _ = try await other.resolve(key: "a", job: nil, decision)
        #expect(try await kind { _ = try await other.resolve(key: "b", job: nil, decision) } == .conflict)
        let found = try await journal.hold().recorded("a")
        #expect(found?.outcome == .settled && found?.result == "x" && found?.detail == "seen at the bank")
    }

    @Test("a job that was done goes on when a person decides that one of its effects did not happen")
    func resolveAfterTheEnd() async throws {
        let journal = try Journal(folder: TestFolder().journal)
        let job = try await journal.hold(beginning(holder: .current))
        try await job.record("a", .inDoubt)
        try await job.record("b")
        try await job.stop()
        _ = try await journal.resolve(key: "a", job: nil, Attempt(.resolve, .settled, result: "x", detail: "seen"))
        try await journal.hold(beginning(holder: .current)).finish()
        guard case .finished = try await journal.begin(beginning(holder: .current)) else { throw NotHeld() }
        _ = try await journal.resolve(key: "a", job: nil, Attempt(.resolve, .absent, detail: "it was another's"))
        let again = try await journal.hold(beginning(holder: .current))
        #expect(try await again.recorded("a")?.outcome == .absent)
        try await again.finish()
        // What is decided to be there needs no run.
        _ = try await journal.resolve(key: "a", job: nil, Attempt(.resolve, .settled, result: "x", detail: "seen after all"))
        guard case .finished = try await journal.begin(beginning(holder: .current)) else { throw NotHeld() }
    }

    @Test("a run that is told to stop still reads, and ends in good order")
    func cancelled() async throws {
        let journal = try Journal()
        let job = try await journal.hold()
        try await job.record("a")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await job.effect(1)
            _ = try await job.unsuccessfulRows()
            try await job.finish()
        }
        try await task.value
        guard case .finished(let finished) = try await journal.begin(beginning()) else { throw NotHeld() }
        #expect(finished.settled == 1)
    }
}
