import ConomyAPI
import GRDB

extension Journal {
    /// Records a person's decision on an effect in doubt.
    /// - Parameter attempt: of kind `resolve`; `settled` with the id, or `absent`.
    /// - Throws: `JournalError`: `conflict` when there is no such effect or it is not in doubt, `lease` while a runner holds its job.
    public func resolve(key: String, job: Int64?, _ attempt: Attempt) async throws(JournalError) -> RecordedEffect {
        let clock = clock
        return try await group.commit { db, heads in
            let newest = "e.id = (SELECT max(id) FROM effects WHERE job = e.job AND key = e.key)"
            let found = try RecordedEffect.all(
                "e.key = ? AND (? IS NULL OR e.job = ?) AND (\(RecordedEffect.isOpenCondition) OR a.kind = 'resolve') AND \(newest)",
                [key, job, job], db)
            guard let effect = found.first else {
                throw JournalError(
                    .conflict, "no effect with the key \(key) is in doubt", hint: "bursar doubts lists those that are")
            }
            guard found.count == 1 else {
                throw JournalError(
                    .conflict, "\(found.count) jobs have an effect with the key \(key) in doubt",
                    hint: "say which with --job NUMBER; bursar doubts shows them")
            }
            if let lease = try Lease.find(effect.job, db), let holder = lease.holder, lease.mayLive(clock) {
                throw JournalError(
                    .lease, "\(holder.description) is running this job", hint: "decide once that run has ended")
            }
            try Reservation.follow(effect.id, attempt, db)
            _ = try ChainedTable.attempts.append(
                effect.id, effect.job, nothing, clock.now().millisecondsSince1970, attempt.kind.rawValue,
                attempt.outcome.rawValue, attempt.status, attempt.result, attempt.answer, attempt.detail, to: &heads, db)
            // A job that was done is not any more: its next run has something to send.
            if attempt.outcome == .absent, let job = try JobRecord.find(effect.job, db), try FinishedJob.find(job, db) != nil {
                _ = try ChainedTable.jobEvents.append(
                    job.id, nothing, clock.now().millisecondsSince1970, "reopened", nothing, nothing, to: &heads, db)
            }
            return effect
        }
    }
}

extension Lease {
    /// Whether its holder is at work, as far as one look can tell. Of one that cannot be seen from here the time of day is all there is to go by.
    func mayLive(_ clock: JournalClock) -> Bool {
        switch verdict(observer: .current, uptime: clock.uptime()) {
        case .free: false
        case .held: true
        case .watch: clock.now().millisecondsSince1970 - renewedAt.millisecondsSince1970 < 60_000
        }
    }
}
