public import ConomyAPI
public import ExactJSON

/// How a run ended, as a value: what views print and programs read.
public struct RunReport: Sendable {
    public let script: String
    public let job: String?
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
    /// Why the run as a whole did not end well; nil when the script came to its end.
    public let failure: RunFailure?

    /// Rows that were not run because the run ended first, where their number is known.
    public var rowsNotRun: Int { max(0, (progress.rowsTotal ?? 0) - progress.rowsDone) }

    /// The whole report as one JSON document.
    public var json: JSON {
        var document: JSONObject = [
            "script": .string(script), "environment": .string(environment), "rehearsal": .bool(isRehearsal),
            "started_at": .string(startedAt.description), "seconds": .decimal(String((seconds * 1000).rounded() / 1000)),
            "seed": .string(String(seed)),
            "ok": .bool(
                failure == nil && progress.rowsFailed + progress.rowsPartlyDone + progress.rowsInvalid + progress.rowsInDoubt == 0
            ),
        ]
        document["job"] = job.map(JSON.string)
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
                        "count": .integer(tally.count), "totals": RunReport.json(tally.totals),
                    ]
                }),
            "totals": RunReport.json(effects.totals),
            "first": .array(effects.effects.map(RunReport.json)),
            "left_out": .integer(effects.count - effects.effects.count),
        ]
        document["failures"] = .array(
            failures.groups.map { group in
                [
                    "kind": .string(group.kind), "cause": .string(group.cause), "count": .integer(group.count),
                    "example": .string(group.example), "at": .string(group.place),
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
        if let failure {
            document["failure"] = [
                "kind": .string(failure.kind.rawValue), "message": .string(failure.message),
                "hint": failure.hint.map(JSON.string) ?? nil,
                "location": failure.location.map(JSON.string) ?? nil, "traceback": .array(failure.traceback.map(JSON.string)),
            ]
        }
        return .object(document)
    }

    private static func json(_ totals: Totals) -> JSON {
        .object(JSONObject(totals.amounts.map { ($0.currency.code, .string($0.text)) }))
    }

    private static func json(_ effect: Effect) -> JSON {
        var object: JSONObject = [
            "key": .string(effect.key), "operation": .string(effect.operation), "state": .string(effect.state.rawValue),
        ]
        object["object"] = effect.object.map(JSON.string)
        object["amount"] = effect.amount.map { .string($0.text) }
        object["currency"] = effect.amount.map { .string($0.currency.code) }
        object["reason"] = effect.reason.map(JSON.string)
        object["location"] = effect.location.map(JSON.string)
        return .object(object)
    }
}
