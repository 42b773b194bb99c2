import ConomyAPI
import ExactJSON
import GRDB

/// The hold of one runner on a job. A decision over values and one row of the database.
///
/// Each new holder gets the next fencing number, and every transaction of a run begins by comparing it: whoever was overtaken,
/// because it stood still for longer than the term, cannot write any more.
struct Lease: Sendable, Equatable {
    let job: Int64
    let fence: Int64
    /// Nil when nobody holds it.
    let holder: Holder?
    /// The number of the holder's run.
    let run: Int64?
    /// How often it was renewed: a number that stands still is a sign of a dead holder, whatever the clocks say.
    let renewals: Int64
    /// When it was last renewed, on the holder's clocks.
    let renewedAt: Timestamp
    let uptime: Duration

    /// How long a holder that gives no sign of life keeps the job.
    static let term = Duration.seconds(15)
    /// How often a holder gives one.
    static let renewalInterval = Duration.seconds(3)

    enum Verdict: Equatable {
        /// It can be taken at once.
        case free
        case held
        /// Whether its holder lives cannot be seen from here: watch whether it is renewed.
        case watch
    }

    func verdict(observer: Holder, uptime now: Duration) -> Verdict {
        guard let holder else { return .free }
        switch holder.isAlive(seenFrom: observer) {
        case false?: return .free
        // It may stand still between its last look at the lease and the first byte that it sends: nothing but its end, or its going on,
        // makes sure that it does not send.
        case true?: return .held
        case nil: break
        }
        // Uptime compares only within one boot.
        guard holder.boot == observer.boot else { return .watch }
        return now - uptime > Lease.term ? .free : .held
    }

    static func find(_ job: Int64, _ db: Database) throws -> Lease? {
        let statement = try db.cachedStatement(
            sql: "SELECT fence, run, holder, renewals, renewed_at, uptime FROM leases WHERE job = ?")
        guard let row = try Row.fetchOne(statement, arguments: [job]) else { return nil }
        return Lease(
            job: job, fence: row[0], holder: (row[2] as String?).flatMap(Holder.init(json:)), run: row[1], renewals: row[3],
            renewedAt: Timestamp(millisecondsSince1970: row[4]), uptime: .milliseconds(row[5] as Int64))
    }

    /// Takes the job, whoever had it.
    /// - Returns: the new fencing number.
    static func take(_ job: Int64, run: Int64, holder: Holder, _ clock: JournalClock, _ db: Database) throws -> Int64 {
        let fence = (try find(job, db)?.fence ?? 0) + 1
        try db.execute(
            sql:
                "INSERT OR REPLACE INTO leases(job, fence, run, holder, renewals, renewed_at, uptime) VALUES (?, ?, ?, ?, 0, ?, ?)",
            arguments: [
                job, fence, run, holder.json.text(), clock.now().millisecondsSince1970, Lease.milliseconds(clock.uptime()),
            ])
        return fence
    }

    static func renew(_ job: Int64, _ clock: JournalClock, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE leases SET renewals = renewals + 1, renewed_at = ?, uptime = ? WHERE job = ?",
            arguments: [clock.now().millisecondsSince1970, Lease.milliseconds(clock.uptime()), job])
    }

    /// To be called only for the one who holds it.
    static func release(_ job: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE leases SET holder = NULL WHERE job = ?", arguments: [job])
    }

    /// Shuts out whoever held the job: it is over, and another one takes its place.
    static func revoke(_ job: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE leases SET fence = fence + 1, run = NULL, holder = NULL WHERE job = ?", arguments: [job])
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
