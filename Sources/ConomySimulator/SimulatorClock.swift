public import ConomyAPI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a simulator's time comes from. Expiry, settlement and the life of tokens all follow it; nothing runs on timers:
/// what has become due happens at the next look at the bank.
public enum SimulatorClock: Sendable, Hashable {
    /// The machine's clock. It cannot be moved.
    case real
    /// Stands still at an instant until it is moved.
    case manual(Timestamp)

    /// The time it shows.
    public var now: Timestamp {
        switch self {
        case .manual(let instant): return instant
        case .real:
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        }
    }
}
