import BursarJournal
import ConomyAPI
import ConomyClient
import ExactJSON
import Logging

/// The end of a run that is recorded: what is still unknown is looked for, what was done is read back, and the record is closed.
struct KeptRun: Sendable {
    let job: JobJournal
    let options: RunOptions
    let logger: Logger

    /// What is true of the job at the end of a run.
    struct Truth: Sendable {
        /// Effects that may have happened, and of which it is not known.
        var open = 0
        /// What reading back came to; nil where nothing was read.
        var readBack: Reconciliation.Outcome?
        /// Rows of the job that this run was not asked for are not done.
        var leavesRows = false
    }

    /// Looks for effects of earlier runs that the script has not come to again, then reads the job's effects back.
    /// - Parameter isComplete: false for a run that was stopped, or cannot reach anything: then only what is known is told.
    func findTruth(reads: any Performer, isComplete: Bool) async -> Truth {
        var truth = Truth()
        if isComplete {
            let doubts = DoubtResolver(reads: reads, options: options, now: job.now, logger: logger)
            for id in job.openEffectsLeft {
                guard let effect = try? await job.effect(id) else { break }
                // What stays in doubt is recorded as such.
                _ = try? await doubts.resolve(effect, job)
            }
            if job.isHeld {
                do throws(JournalError) {
                    try await job.flush()
                    truth.leavesRows = try await leavesRows()
                    let readBack = try await Reconciliation(reads: PatientReads(next: reads), catalogue: .conomy).run(job)
                    for (effect, reason) in readBack.misnamed { job.doubt(effect, options.redaction.redact(reason)) }
                    truth.readBack = readBack
                } catch { truth.readBack = Reconciliation.Outcome(gap: error.message) }
            }
        }
        truth.open = job.openEffects.count
        return truth
    }

    /// Whether a run of some rows is known to have left others that are not done.
    private func leavesRows() async throws(JournalError) -> Bool {
        guard let only = options.job.only else { return false }
        if try await job.unsuccessfulRows() > 0 { return true }
        // Rows that no run has come to are nowhere written down.
        guard case .statuses(_, withUnreached: false) = only else { return false }
        return try await !job.reports().contains(where: RunReport.cameToEveryRow)
    }

    /// Writes down how the run ended, and lets the job go.
    /// - Returns: the report; with a failure of its own where it could not be recorded.
    func end(_ report: RunReport, exitCode: @Sendable (RunReport) -> Int) async -> RunReport {
        var report = report
        do throws(JournalError) {
            try await job.flush()
            let code = exitCode(report)
            // A run of some rows says nothing of the others.
            let isDone = code == 0 && options.job.only == nil && report.failure == nil
            var isFinished = isDone ? try await job.unsuccessfulRows() == 0 : false
            // A plan has nothing to be run again for: what could not be done needs another plan.
            if report.applied != nil { isFinished = report.spendsPlan }
            let state = report.failure?.kind == .interrupted ? "stopped" : code == 0 ? "done" : "failed"
            try await job.end(
                state: state, exitCode: code, report: options.redaction.redact(report.json.text()), finishesJob: isFinished)
        } catch {
            job.stopRenewing()
            if report.failure?.endsAll != true { report.failure = RunFailure(error) }
        }
        return report
    }
}
