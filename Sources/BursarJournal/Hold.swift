import Dispatch
import Foundation
import GRDB
import Synchronization

/// One run's hold on its job: gives signs of life from the moment the lease was taken, and lets nothing be written for the run once
/// another one has it.
final class Hold: Sendable {
    private struct State {
        /// When the lease was asked for, at the last time that it was had: by then everybody who looks knows that this run lives.
        var confirmedAt: Duration
        var renewal: TimerBox?
    }

    let job: Int64
    let run: Int64
    let permit: WriteGuard
    private let group: GroupCommit
    private let clock: JournalClock
    private let state: Mutex<State>

    /// - Parameter takenAt: the uptime before the lease was taken.
    init(job: JobRecord, run: Int64, fence: Int64, takenAt: Duration, group: GroupCommit, clock: JournalClock) {
        self.job = job.id
        self.run = run
        self.group = group
        self.clock = clock
        permit = WriteGuard { [id = job.id] db in
            let statement = try db.cachedStatement(sql: "SELECT fence, run, holder IS NOT NULL FROM leases WHERE job = ?")
            let row = try Row.fetchOne(statement, arguments: [id])
            guard let row, row[0] == fence, row[1] == run else { return Hold.overtaken(id, db) }
            return row[2] ? nil : Hold.ended
        }
        state = Mutex(State(confirmedAt: takenAt))
        startRenewing()
    }

    deinit { stopRenewing() }

    private static var ended: JournalError {
        JournalError(.lease, "this run has ended, and let its job go", hint: "nothing further was sent; run it again")
    }

    private static func overtaken(_ job: Int64, _ db: Database) -> JournalError {
        let holder = (try? Lease.find(job, db))??.holder?.description ?? "another runner"
        return JournalError(
            .lease, "\(holder) has taken this job over, because this run gave no sign of life for longer than \(Lease.term)",
            hint: "nothing further was sent by this one; look at the other with bursar runs")
    }

    /// Why nothing is written for this run any more; nil while all is well.
    var failure: JournalError? { permit.failure ?? group.failure }

    private func startRenewing() {
        // Its queue is nobody else's: a process that is busy still renews.
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "lease"))
        timer.schedule(deadline: .now() + Lease.renewalInterval / .seconds(1), repeating: Lease.renewalInterval / .seconds(1))
        timer.setEventHandler { [weak self] in self?.renew() }
        timer.activate()
        let box = TimerBox(timer: timer)
        state.withLock { $0.renewal = box }
    }

    /// Stops giving signs of life.
    func stopRenewing() {
        let timer = state.withLock { state in
            defer { state.renewal = nil }
            return state.renewal
        }
        timer?.timer.cancel()
    }

    func renew(_ ended: (@Sendable (JournalError?) -> Void)? = nil) {
        let asked = clock.uptime()
        let job = job
        group.submit(under: permit, { [clock] db, _ in try Lease.renew(job, clock, db) }) { [weak self] failure in
            if failure == nil { self?.state.withLock { $0.confirmedAt = max($0.confirmedAt, asked) } }
            ended?(failure)
        }
    }

    /// Nil when the job is still held for certain. After half a term without a sign of life it gives one first, and that fails when the
    /// job was taken over.
    func confirm() async -> JournalError? {
        if let failure { return failure }
        let confirmed = state.withLock { $0.confirmedAt }
        guard clock.uptime() - confirmed > Lease.term / 2 else { return nil }
        return await withCheckedContinuation { continuation in renew { continuation.resume(returning: $0) } }
    }

    /// Lets the job go, of a run that did nothing.
    func abandon() async {
        stopRenewing()
        let (job, run) = (job, run)
        try? await group.commit(under: permit) { db, _ in
            try db.execute(sql: "UPDATE runs SET state = 'failed', ended_at = started_at WHERE id = ?", arguments: [run])
            try Lease.release(job, db)
        }
    }
}

/// Carries a timer between places that are each used by one thread at a time.
// The protocol lacks Sendable; the library's timers may be cancelled from any thread.
private struct TimerBox: @unchecked Sendable { let timer: any DispatchSourceTimer }
