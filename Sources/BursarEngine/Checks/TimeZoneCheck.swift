import Foundation

/// Whether the system knows when clocks are changed where: schedules depend on it.
public struct TimeZoneCheck: Check {
    private let zone: TimeZone?

    /// Looks for one zone that changes its clocks.
    public init() { self.init(zone: TimeZone(identifier: "America/New_York")) }

    init(zone: TimeZone?) { self.zone = zone }

    public func results() -> [CheckResult] {
        guard let zone, let change = zone.nextDaylightSavingTimeTransition(after: Date()) else {
            return [
                .failed(
                    "time zones", .invalid, "the system does not know when clocks are changed",
                    hint: "install the package tzdata: schedules would run at wrong times")
            ]
        }
        return [.ok("time zones", "known; \(zone.identifier) changes its clocks next at \(change.formatted(.iso8601))")]
    }
}
