public import ConomyAPI
public import Foundation

/// When effects may happen.
public struct WithinHours: Gate.Rule {
    public let hours: WeeklyHours
    public let zone: TimeZone
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: the environment's time of day.
    public init(_ hours: WeeklyHours, in zone: TimeZone, now: @escaping @Sendable () -> Timestamp) {
        self.hours = hours
        self.zone = zone
        self.now = now
    }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        let instant = now()
        guard !hours.contains(instant, in: zone) else { return nil }
        return Gate.Refusal(
            rule: "hours", message: "it is \(instant), and the policy allows effects on \(hours) (\(zone.identifier))",
            hint: "run it within these hours, or change hours in the environment's policy")
    }
}
