import BursarJournal
public import ConomyAPI
public import ExactJSON

/// How a run ended, as a value: what views print and programs read.
public struct RunReport: Sendable {
    public let script: String
    public let job: String?
    /// The run's name in the journal; nil where nothing is recorded.
    public let run: String?
    public let environment: String
    public let isRehearsal: Bool
    public let startedAt: Timestamp
    public let seconds: Double
    public let seed: UInt64
    public let hasLoops: Bool
    public let progress: RunObserver.Progress
    public let effects: EffectLedger.Snapshot
    public let failures: FailureGroups
    public let results: [String]
    public let emitted: [JSON]
    /// Emitted values that were passed on and not kept.
    public let emittedLeftOut: Int
    /// Malformed input that kept the run from starting.
    public let invalidInput: InvalidInput?
    /// The job was done by an earlier run: nothing was sent.
    let alreadyDone: FinishedJob?
    /// What is true of the job at the end; nil where nothing is recorded.
    let truth: KeptRun.Truth?
    /// What a rehearsal found out beside its effects; nil for a real run.
    public let rehearsal: RehearsalReport?
    /// Why the run as a whole did not end well; nil when the script came to its end.
    public internal(set) var failure: RunFailure?
    /// The plan that a rehearsal made; nil where none was asked for, or the rehearsal did not come to its end.
    public internal(set) var plan: Plan?
    /// The events that the script has handlers for.
    public internal(set) var handlers: [String] = []
    /// What became of the plan that was applied.
    public internal(set) var applied: AppliedReport?

    /// Nothing of the plan that was applied is left that another run of it could do.
    var spendsPlan: Bool {
        guard let applied else { return false }
        return failure == nil && alreadyDone == nil && openEffects == 0 && applied.left == 0 && rowsNotRun == 0
    }

    /// When the job was done, by which run, and how many effects it has: where an earlier run did it, and this one sent nothing.
    public var doneBefore: (at: Timestamp, run: String, effects: Int)? {
        alreadyDone.map { ($0.at, $0.run, $0.settled) }
    }

    /// Effects of the job that may have happened, and of which it is not known.
    public var openEffects: Int { truth?.open ?? effects.count(.inDoubt) }

    /// What differs between the journal and the bank, one sentence each, and how many there are.
    public var differences: (first: [String], count: Int) {
        (truth?.readBack?.differences ?? [], truth?.readBack?.differenceCount ?? 0)
    }

    /// The run was asked for some rows only, and others of its job are not done.
    public var leavesRows: Bool { truth?.leavesRows ?? false }

    /// Why not all effects could be read back; nil when they could.
    public var readBackGap: String? { truth?.readBack?.gap }
    /// Effects that were read back and are as the journal has them.
    public var readBack: Int? { truth?.readBack?.agreed }

    /// Rows that were not run because the run ended first, where their number is known.
    public var rowsNotRun: Int { max(0, (progress.rowsTotal ?? 0) - progress.rowsDone) }

    /// The whole report as one JSON document.
    public var json: JSON {
        var document: JSONObject = [
            "script": .string(script), "environment": .string(environment), "rehearsal": .bool(isRehearsal),
            "started_at": .string(startedAt.description), "seconds": .decimal(String((seconds * 1000).rounded() / 1000)),
            "seed": .string(String(seed)),
            "ok": .bool(
                failure == nil && openEffects + differences.count == 0 && readBackGap == nil && !leavesRows
                    && progress.rowsFailed + progress.rowsPartlyDone + progress.rowsInvalid + progress.rowsInDoubt == 0
            ),
        ]
        document["job"] = job.map(JSON.string)
        document["run"] = run.map(JSON.string)
        if let doneBefore {
            document["done_before"] = [
                "at": .string(doneBefore.at.description), "run": .string(doneBefore.run), "effects": .integer(doneBefore.effects),
            ]
        }
        if let applied {
            document["plan"] = [
                "seal": .string(applied.seal), "planned": .integer(applied.planned), "settled": .integer(applied.settled),
                "declined": .integer(applied.declined), "drifted": .integer(applied.drifted),
                "not_done": .integer(applied.notDone), "spent": .bool(spendsPlan),
            ]
        }
        if let truth {
            document["in_doubt"] = .integer(truth.open)
            if let readBack = truth.readBack {
                document["read_back"] = [
                    "agreed": .integer(readBack.agreed), "not_readable": .integer(readBack.unseen),
                    "differences": .array(readBack.differences.map(JSON.string)),
                    "difference_count": .integer(readBack.differenceCount),
                    "gap": readBack.gap.map(JSON.string) ?? JSON.null,
                ]
            }
        }
        if hasLoops {
            document["rows"] = [
                "total": progress.rowsTotal.map(JSON.integer) ?? nil, "succeeded": .integer(progress.rowsSucceeded),
                "failed": .integer(progress.rowsFailed),
                "partly_done": .integer(progress.rowsPartlyDone), "in_doubt": .integer(progress.rowsInDoubt),
                "invalid": .integer(progress.rowsInvalid),
                "not_run": .integer(rowsNotRun),
            ]
        }
        document["reads"] = .integer(effects.reads)
        document["effects"] = [
            "count": .integer(effects.count),
            "by_operation": .array(
                effects.tallies.map { tally in
                    [
                        "operation": .string(tally.operation), "state": .string(tally.state.rawValue),
                        "recorded": .bool(tally.isRecorded),
                        "count": .integer(tally.count), "totals": RunReport.json(tally.totals),
                    ]
                }),
            "totals": RunReport.json(effects.totals),
            "first": .array(effects.effects.map(RunReport.json)),
            "left_out": .integer(effects.count - effects.effects.count),
            "not_done": .array(effects.notDone.map(RunReport.json)),
        ]
        if let rehearsal { for (key, value) in rehearsal.json.object?.members ?? [] { document[key] = value } }
        document["failures"] = .array(
            failures.groups.map { group in
                [
                    "kind": .string(group.kind), "cause": .string(group.cause), "count": .integer(group.count),
                    "example": .string(group.example), "at": .string(group.places[0]),
                    "places": .array(group.places.map(JSON.string)),
                ]
            })
        if let invalidInput {
            document["invalid_input"] = [
                "file": .string(invalidInput.file), "count": .integer(invalidInput.count),
                "good_rows": .integer(invalidInput.goodRows),
                "problems": .array(
                    invalidInput.problems.map { problem in
                        [
                            "line": problem.line.map(JSON.integer) ?? nil, "column": problem.column.map(JSON.string) ?? nil,
                            "problem": .string(problem.problem),
                        ]
                    }),
            ]
        }
        document["results"] = .array(results.map(JSON.string))
        document["emitted"] = .array(emitted)
        if emittedLeftOut > 0 { document["emitted_left_out"] = .integer(emittedLeftOut) }
        if !handlers.isEmpty { document["handlers"] = .array(handlers.map(JSON.string)) }
        if let failure {
            document["failure"] = [
                "kind": .string(failure.kind.rawValue), "message": .string(failure.message),
                "hint": failure.hint.map(JSON.string) ?? nil,
                "location": failure.location.map(JSON.string) ?? nil, "traceback": .array(failure.traceback.map(JSON.string)),
            ]
        }
        return .object(document)
    }

    /// - Parameter document: a report as the journal holds it.
    /// - Returns: true when no row was left that the run had not come to.
    static func cameToEveryRow(_ document: String) -> Bool {
        guard let report = try? JSON(parsing: document) else { return false }
        return report["failure"] == nil && report["rows"]?["not_run"] == 0
    }

    private static func json(_ totals: Totals) -> JSON {
        .object(JSONObject(totals.amounts.map { ($0.currency.code, .string($0.text)) }))
    }

    private static func json(_ effect: Effect) -> JSON {
        var object: JSONObject = [
            "key": .string(effect.key), "operation": .string(effect.operation), "state": .string(effect.state.rawValue),
        ]
        if effect.isRecorded { object["recorded"] = true }
        object["object"] = effect.object.map(JSON.string)
        object["amount"] = effect.amount.map { .string($0.text) }
        object["currency"] = effect.amount.map { .string($0.currency.code) }
        object["reason"] = effect.reason.map(JSON.string)
        object["location"] = effect.location.map(JSON.string)
        return .object(object)
    }
}
