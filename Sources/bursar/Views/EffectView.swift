import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

/// A recorded effect, in words and as JSON.
enum EffectView {
    /// `settled`, `declined`, ...; `intended` where nothing but the intent is known, or that it was about to be sent again.
    static func state(_ effect: RecordedEffect) -> String {
        switch effect.outcome {
        case nil, .begun: "intended"
        case let outcome?: outcome.rawValue
        }
    }

    /// - Parameter isRunning: a run that holds the effect's job goes on.
    static func words(_ effect: RecordedEffect, isRunning: Bool) -> String {
        switch effect.outcome {
        case nil, .begun: isRunning ? "on its way" : "in doubt (its run was cut off)"
        case .inDoubt: "in doubt"
        case .settled: "settled"
        case .declined: "declined"
        case .unsent: "could not be sent"
        case .absent: "did not happen"
        }
    }

    /// What its state means.
    static func meaning(_ effect: RecordedEffect, isRunning: Bool, last: Attempt?) -> String {
        switch effect.outcome {
        case nil, .begun:
            isRunning
                ? "it is on its way: the run that sends it goes on"
                : "its run ended before an answer was recorded: it may or may not have happened"
        case .inDoubt: "it was sent, and no trustworthy answer came back: it may or may not have happened"
        case .settled:
            switch last?.kind {
            case .probe: "it happened: its answer was lost, and it was found again"
            case .resolve: "it happened, by a person's word"
            default: "it happened: the API did it"
            }
        case .declined: "the API said no: nothing happened"
        case .unsent: "it could not be sent: nothing happened"
        case .absent: last?.kind == .resolve ? "it did not happen, by a person's word" : "it was looked for, and did not happen"
        }
    }

    static func json(_ effect: RecordedEffect, run: String?) -> JSON {
        var object: JSONObject = [
            "key": .string(effect.key), "job": .integer(Int(effect.job)), "operation": .string(effect.operation),
            "state": .string(state(effect)), "intended_at": .string(effect.intendedAt.description),
            "known_at": .string(effect.at.description),
        ]
        object["run"] = run.map(JSON.string)
        object["row"] = effect.row.map(JSON.string)
        object["object"] = effect.object.map(JSON.string)
        object["stamp"] = effect.stamp.map(JSON.string)
        object["amount"] = effect.amount.map { .string($0.text) }
        object["currency"] = effect.amount.map { .string($0.currency.code) }
        object["made"] = effect.result.map(JSON.string)
        object["status"] = effect.status.map(JSON.integer)
        object["detail"] = effect.detail.map(JSON.string)
        object["location"] = effect.location.map(JSON.string)
        object["request"] = FieldLines.parsed(effect.request)
        object["answer"] = effect.answer.map(FieldLines.parsed)
        return .object(object)
    }

    static let columns = [
        "key", "row", "operation", "object", "amount", "currency", "state", "made", "status", "intended_at", "known_at", "run",
        "location", "detail",
    ]

    /// In the order of `columns`.
    static func cells(_ effect: RecordedEffect, run: String?) -> [String] {
        [
            effect.key, effect.row ?? "", effect.operation, effect.object ?? "", effect.amount?.text ?? "",
            effect.amount?.currency.code ?? "", state(effect), effect.result ?? "", effect.status.map(String.init) ?? "",
            effect.intendedAt.description, effect.at.description, run ?? "", effect.location ?? "", effect.detail ?? "",
        ]
    }

    /// The same of an effect that is recorded nowhere: when it happened is not known.
    static func cells(_ effect: Effect) -> [String] {
        [
            effect.key, "", effect.operation, effect.object ?? "", effect.amount?.text ?? "",
            effect.amount?.currency.code ?? "", effect.state.rawValue, "", "", "", "", "", effect.location ?? "",
            effect.reason ?? "",
        ]
    }
}
