public import ConomyAPI
public import Foundation

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
        now: { Timestamp.now },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        })
}

extension Timestamp {
    /// The system's time of day.
    public static var now: Timestamp { Timestamp(Date()) }

    public init(_ date: Date) { self.init(millisecondsSince1970: Int64((date.timeIntervalSince1970 * 1000).rounded(.down))) }
}
