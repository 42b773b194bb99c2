public import ConomyAPI
import Foundation

/// The clocks of a journal: one for people, one for leases.
public struct JournalClock: Sendable {
    /// The time of day.
    public let now: @Sendable () -> Timestamp
    /// Time since the machine started, sleep included; the same for all processes of one boot. It never goes back.
    public let uptime: @Sendable () -> Duration

    public init(now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration) {
        self.now = now
        self.uptime = uptime
    }

    public static let system = JournalClock(
        now: { Timestamp(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000)) },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        })
}
