import BursarEngine
import BursarJournal

/// What the program's exit code says; each means one thing.
enum BursarExit: Int32, CaseIterable {
    case done = 0
    case scriptFailed = 1
    case usage = 2
    /// The script, its input or the configuration is invalid.
    case invalid = 3
    /// A rehearsal found effects (with --detailed-exit-code).
    case effectsFound = 4
    /// Try again later.
    case temporary = 5
    case someRowsFailed = 6
    case credentials = 7
    case refusedByPolicy = 8
    case limitReached = 10
    case waitsForApproval = 11
    /// Effects are in doubt, or the bank and the journal differ, or the journal is damaged: somebody has to look.
    case inDoubt = 12
    /// The plan is not what would happen any more, or is spent.
    case stale = 13
    /// Another runner holds the job.
    case heldByAnother = 14
    case hungUp = 129
    case interrupted = 130
    case terminated = 143

    /// Nothing failed.
    var isSuccess: Bool { self == .done || self == .effectsFound }

    /// For people.
    var meaning: String {
        switch self {
        case .done: "done"
        case .scriptFailed: "the script failed, or the API said no to it"
        case .usage: "usage"
        case .invalid: "invalid script, input or configuration"
        case .effectsFound: "a rehearsal found effects (with --detailed-exit-code)"
        case .temporary: "temporary: run it again"
        case .someRowsFailed: "some rows failed"
        case .credentials: "credentials are missing or not accepted"
        case .refusedByPolicy: "refused"
        case .limitReached: "limit reached (time, memory, output, failures, ...)"
        case .waitsForApproval: "the plan waits for approval"
        case .inDoubt: "effects in doubt, the bank differs from the journal, or the journal is damaged"
        case .stale: "something is not as the plan has it, or it is spent"
        case .heldByAnother: "another runner holds the job"
        case .hungUp: "stopped by SIGHUP"
        case .interrupted: "stopped by SIGINT"
        case .terminated: "stopped by SIGTERM"
        }
    }

    /// - Parameter signal: the signal that stopped the run, if one did.
    init(_ report: RunReport, detailed: Bool, signal: Int32?) {
        if let signal { self = signal == 15 ? .terminated : signal == 1 ? .hungUp : .interrupted; return }
        // What is in doubt outweighs everything: somebody has to look.
        if report.openEffects + report.differences.count > 0 { self = .inDoubt; return }
        if let failure = report.failure { self.init(failure); return }
        if report.readBackGap != nil { self = .inDoubt; return }
        let progress = report.progress
        if progress.rowsInDoubt > 0 { self = .inDoubt; return }
        if progress.rowsFailed + progress.rowsPartlyDone + progress.rowsInvalid > 0 || report.leavesRows {
            self = .someRowsFailed
            return
        }
        self = detailed && report.isRehearsal && report.effects.count > 0 ? .effectsFound : .done
    }

    init(_ failure: RunFailure) {
        self =
            switch failure.kind {
            case .script: .scriptFailed
            case .usage: .usage
            case .invalid: .invalid
            case .temporary: .temporary
            case .credentials: .credentials
            case .refused: .refusedByPolicy
            case .limit: .limitReached
            case .inDoubt: .inDoubt
            case .interrupted: .interrupted
            case .journal: .temporary
            case .damaged: .inDoubt
            case .held: .heldByAnother
            case .changed: .invalid
            case .stale: .stale
            case .approval: .waitsForApproval
            }
    }

    init(_ error: JournalError) {
        self =
            switch error.kind {
            case .damaged: .inDoubt
            case .format, .conflict: .invalid
            case .storage: .temporary
            case .lease: .heldByAnother
            }
    }
}
