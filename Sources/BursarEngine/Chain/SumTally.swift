import BursarGate
import ConomyAPI
import ExactJSON

/// Limited sums where nothing is recorded.
struct SumTally {
    private var sums: [String: Int64] = [:]
    /// Payments whose money is counted.
    private var counted: Set<String> = []

    /// Adds what an effect adds, unless that would pass a limit.
    /// - Returns: what was taken, or the first refusal.
    mutating func take(_ limits: [SumLimit], for call: Call) -> Result<[SumLimit], Gate.Refusal> {
        let isCounted = SumKeeper.continued(by: call).map { counted.contains($0) } ?? false
        let limits = isCounted ? limits.filter { !$0.isMoney } : limits
        for limit in limits {
            let sum = sums[limit.key] ?? 0
            if limit.units > limit.most || sum > limit.most - limit.units { return .failure(limit.refusal(of: call, sum: sum)) }
        }
        for limit in limits { sums[limit.key, default: 0] += limit.units }
        return .success(limits)
    }

    mutating func giveBack(_ limits: [SumLimit]) { for limit in limits { sums[limit.key, default: 0] -= limit.units } }

    /// The money of a payment is counted now.
    mutating func count(payment: String) { counted.insert(payment) }

    func sum(of limit: SumLimit) -> Int64 { sums[limit.key] ?? 0 }
}

extension SumLimit {
    fileprivate var key: String { scope + " " + unit }
}
