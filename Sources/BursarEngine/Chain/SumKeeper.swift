import BursarGate
import BursarJournal
import ConomyAPI
import ExactJSON

/// Which limited sums an effect adds to.
struct SumKeeper: Sendable {
    let policy: Policy
    /// As whom calls go.
    let account: String
    let now: @Sendable () -> Timestamp

    /// - Parameter run: tells the run from all others.
    func sums(of call: Call, run: String) -> [SumLimit] {
        guard policy.limitsSums else { return [] }
        let moved = call.moved ?? MoneyMoved.stated(by: call) ?? []
        return policy.sums(adding: moved, run: run, account: account, at: now())
    }

    /// The same, for the journal; nil where nothing is summed.
    static func reservation(_ sums: [SumLimit], _ call: Call) -> Reservation? {
        guard !sums.isEmpty else { return nil }
        let lines = sums.map {
            Reservation.Line(scope: $0.scope, unit: $0.unit, units: $0.units, most: $0.most, isMoney: $0.isMoney)
        }
        return Reservation(lines, object: continued(by: call))
    }

    /// The payment whose money a call goes on to move: its request names no amount of its own.
    static func continued(by call: Call) -> String? {
        guard call.operation.amountFields.isEmpty, call.operation.resource == "payments" else { return nil }
        return call.objectID ?? call.body?["id"]?.string
    }
}
