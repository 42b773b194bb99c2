import BursarEngine
import BursarJournal
import BursarReport
import ConomyAPI
import ExactJSON

/// What a run's report is made of, whatever its form: from the journal, or from the run itself where nothing is recorded.
struct ReportContent {
    /// One case of JUnit's XML.
    struct Case {
        let name: String
        let kind: String
        var milliseconds: Int64?
        let outcome: JUnitReport.Outcome
    }

    var page: ReportedRun
    /// The run's summary as `--json` prints it; nil of a run that did not come to its end.
    var document: JSON?
    /// Each goes through all of them, and may be asked more than once.
    let effectCases: ((Case) throws -> Void) throws -> Void
    let rowCases: ((Case) throws -> Void) throws -> Void
    /// The cells of each effect, in the order of `EffectView.columns`.
    let effectLines: (([String]) throws -> Void) throws -> Void

    /// The run as a whole: it can fail without an effect or a row that did.
    var runCase: ((Case) throws -> Void) throws -> Void {
        let outcome: JUnitReport.Outcome =
            switch page.exitCode.map({ BursarExit(rawValue: Int32($0)) }) {
            case .some(.done), .some(.effectsFound): .passed
            case nil, .some(.inDoubt): .error(page.failure ?? page.state)
            default: .failed(page.failure ?? page.state)
            }
        let one = Case(name: page.job, kind: "run", outcome: outcome)
        return { try $0(one) }
    }

    /// A run of the journal.
    /// - Throws: `JournalError`.
    init(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws {
        page = try ReportedRunView.make(entry, reader)
        document = entry.run.report.map(FieldLines.parsed)
        effectCases = { take in
            try reader.eachEffect(of: entry.run, isForFile: true) { effect in
                let time = effect.at.millisecondsSince1970 - effect.intendedAt.millisecondsSince1970
                try take(
                    Case(
                        name: effect.key, kind: effect.operation, milliseconds: time, outcome: ReportContent.outcome(effect)))
            }
        }
        rowCases = { take in
            var last: JournalReader.RowRecord?
            repeat {
                let rows = try reader.unsuccessfulRows(job: entry.job.id, run: entry.run.id, after: last)
                for row in rows {
                    try take(
                        Case(
                            name: "\(row.loop)/\(row.key)", kind: "row",
                            outcome: ReportContent.outcome(row.status, row.reason)))
                }
                last = rows.last
            } while last != nil
        }
        effectLines = { take in
            var names = RunNames(reader)
            try reader.eachEffect(of: entry.run, isForFile: true) { effect in
                try take(EffectView.cells(effect, run: try names[effect.run]))
            }
        }
    }

    /// A run that is recorded nowhere, a rehearsal among them. Its effects are those that it kept, the first thousand or so.
    init(_ report: RunReport, _ exit: BursarExit) {
        page = ReportedRunView.make(report, exit)
        document = report.json
        // What was not done is kept apart where it came late.
        let kept = report.effects.effects
        let keys = Set(kept.map(\.key))
        let effects = kept + report.effects.notDone.filter { !keys.contains($0.key) }
        let left = report.effects.count - effects.count
        effectCases = { take in
            for effect in effects {
                try take(Case(name: effect.key, kind: effect.operation, outcome: ReportContent.outcome(effect)))
            }
            if left > 0 {
                try take(
                    Case(
                        name: "\(left) more", kind: "effects",
                        outcome: .skipped("they are counted and not listed: the run is recorded nowhere")))
            }
        }
        let groups = report.failures.groups
        rowCases = { take in
            for group in groups {
                let text = group.count == 1 ? group.example : "\(group.count) x \(group.cause): \(group.example)"
                try take(
                    Case(
                        name: group.places[0], kind: "row", outcome: ReportContent.outcome(group.kind, text)))
            }
        }
        effectLines = { take in for effect in effects { try take(EffectView.cells(effect)) } }
    }

    /// A run that could not begin.
    init(_ failure: RunFailure, script: String, document: JSON, now: Timestamp) {
        page = ReportedRun(job: script, run: "", state: "could not begin", startedAt: now)
        page.exitCode = Int(BursarExit(failure).rawValue)
        page.failure = FailureView.text(failure)
        self.document = document
        effectCases = { _ in }
        rowCases = { _ in }
        effectLines = { _ in }
    }

    private static func outcome(_ effect: RecordedEffect) -> JUnitReport.Outcome {
        let why = effect.detail ?? EffectView.words(effect, isRunning: false)
        return switch effect.outcome {
        case .settled: .passed
        case .declined: .failed(why)
        case .unsent, .absent: .skipped(why)
        case nil, .begun, .inDoubt: .error(why)
        }
    }

    private static func outcome(_ effect: Effect) -> JUnitReport.Outcome {
        let why = effect.reason ?? effect.state.rawValue.replacing("_", with: " ")
        return switch effect.state {
        case .settled, .assumed: .passed
        case .declined, .refused: .failed(why)
        case .unsent: .skipped(why)
        case .inDoubt: .error(why)
        }
    }

    private static func outcome(_ status: String, _ reason: String) -> JUnitReport.Outcome {
        switch status {
        case "in_doubt": .error(reason)
        case "not_run": .skipped(reason)
        default: .failed(reason)
        }
    }
}
