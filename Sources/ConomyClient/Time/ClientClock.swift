public import ConomyAPI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a client takes its time from. Everything is measured on `now`; tests bring a clock of their own.
public protocol ClientClock: Sendable {
    /// Time since a start that does not matter. It never goes back.
    var now: Duration { get }
    /// The time of day, which only serves to read dates that a server names.
    var wallNow: Timestamp { get }
    /// Returns at `due`, or at once when the task is cancelled.
    func sleep(until due: Duration) async
}

/// The machine's own clock. It goes on while the machine sleeps, because tokens expire meanwhile.
public struct SystemClock: ClientClock {
    private let start = ContinuousClock.now

    public init() {}

    public var now: Duration { start.duration(to: .now) }

    public var wallNow: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public func sleep(until due: Duration) async {
        // The only error is cancellation, and that is a reason to return.
        try? await ContinuousClock().sleep(until: start.advanced(by: due))
    }
}
