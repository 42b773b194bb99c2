import BursarJournal
import ConomyAPI
import ExactJSON

/// What a run's effects add up to: counts and exact sums by operation and state.
struct RunTally {
    private struct Key: Hashable {
        let operation: String
        let state: String
    }
    private struct Sum {
        var count = 0
        var totals = Totals()
    }
    private var sums: [Key: Sum] = [:]
    private(set) var open = 0

    mutating func add(_ effect: RecordedEffect) {
        let key = Key(operation: effect.operation, state: EffectView.state(effect))
        sums[key, default: Sum()].count += 1
        if let amount = effect.amount { sums[key, default: Sum()].totals.add(amount) }
        if effect.isOpen { open += 1 }
    }

    var isEmpty: Bool { sums.isEmpty }

    private static let order = ["settled", "declined", "unsent", "absent", "in_doubt", "intended"]

    private var sorted: [(key: Key, value: Sum)] {
        sums.sorted { a, b in
            a.key.operation == b.key.operation
                ? (RunTally.order.firstIndex(of: a.key.state) ?? 9) < (RunTally.order.firstIndex(of: b.key.state) ?? 9)
                : a.key.operation < b.key.operation
        }
    }

    /// `6 payments.refund settled`, each followed by its sums.
    func lines(isRunning: Bool) -> [(count: String, amounts: [String])] {
        sorted.map { key, sum in
            let word =
                switch key.state {
                case "intended": isRunning ? "on their way" : "in doubt (cut off)"
                case "in_doubt": "in doubt"
                case "unsent": "not sent"
                case "absent": "did not happen"
                default: key.state
                }
            return ("\(sum.count) \(key.operation) \(word)", sum.totals.amounts.map(ReportView.grouped))
        }
    }

    var json: JSON {
        .array(
            sorted.map { key, sum in
                [
                    "operation": .string(key.operation), "state": .string(key.state), "count": .integer(sum.count),
                    "totals": .object(JSONObject(sum.totals.amounts.map { ($0.currency.code, .string($0.text)) })),
                ]
            })
    }
}
