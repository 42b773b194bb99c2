public import ConomyAPI

/// One sum that an effect adds to, and how far it may go.
public struct SumLimit: Sendable, Equatable {
    /// The rule that speaks when it would go further: `most_per_day`.
    public let rule: String
    /// What is summed over: `day/2026-11-30/...`, `run/...`.
    public let scope: String
    /// A currency's code, or `effects`.
    public let unit: String
    /// What the effect adds, in the currency's smallest unit, or 1.
    public let units: Int64
    public let most: Int64

    /// True for money: it is counted once, where it is made.
    public var isMoney: Bool { unit != SumLimit.effects }

    static let effects = "effects"

    /// Why an effect is refused that would bring `sum` beyond the most.
    public func refusal(of call: Call, sum: Int64) -> Gate.Refusal {
        let period = scope.hasPrefix("run/") ? "run" : "day"
        let (adds, known, limit) = isMoney ? (money(units), money(sum), money(most)) : ("1", "\(sum)", "\(most)")
        let left = isMoney ? "\(money(max(0, most - min(sum, most)))) is left" : "\(max(0, most - min(sum, most))) are left"
        return Gate.Refusal(
            rule: rule,
            message: isMoney
                ? "\(call.operation.name) of \(adds) would pass the most of this \(period), \(limit): \(known) is taken, and \(left)"
                : "\(call.operation.name) would be one effect more than the \(limit) of this \(period): \(known) are taken",
            hint: period == "day"
                ? "go on tomorrow, or raise \(rule) in the policy" : "divide the run, or raise \(rule) in the policy")
    }

    /// So many units, for people: `60.00 ARS`, `3 effects`.
    public func text(of units: Int64) -> String { isMoney ? money(units) : "\(units) \(unit)" }

    private func money(_ units: Int64) -> String { Money(minorUnits: Int128(max(0, units)), Currency(unit)).description }
}

extension Policy {
    /// The sums that a call adds to.
    /// - Parameters:
    ///   - moved: the money it moves.
    ///   - run: what tells the run from all others.
    ///   - account: where calls go and as whom: all that go there share the days' sums.
    public func sums(adding moved: [Money], run: String, account: String, at instant: Timestamp) -> [SumLimit] {
        let day = "day/\(day(of: instant))/\(account)"
        var sums: [SumLimit] = []
        for (rule, limits, scope) in [("most_per_run", mostPerRun, "run/\(run)"), ("most_per_day", mostPerDay, day)] {
            guard let limits else { continue }
            for amount in moved {
                sums.append(
                    SumLimit(
                        rule: rule, scope: scope, unit: amount.currency.code, units: Int64(clamping: amount.minorUnits),
                        most: Int64(clamping: limits[amount.currency]?.minorUnits ?? 0)))
            }
        }
        for (rule, most, scope) in [
            ("most_effects_per_run", mostEffectsPerRun, "run/\(run)"), ("most_effects_per_day", mostEffectsPerDay, day),
        ] {
            if let most { sums.append(SumLimit(rule: rule, scope: scope, unit: SumLimit.effects, units: 1, most: Int64(most))) }
        }
        return sums
    }
}
