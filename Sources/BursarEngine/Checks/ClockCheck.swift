import BursarJournal
import ConomyAPI
import Foundation

/// Whether the machine's clock can be trusted.
public struct ClockCheck: Check {
    private let now: Timestamp
    private let isKept: Bool?
    private let steady: [Duration]

    /// This machine's clock.
    public init() {
        let start = ContinuousClock.now
        self.init(
            now: Timestamp.now, isKept: KernelClock.isKept,
            steady: (0..<1000).map { _ in start.duration(to: .now) })
    }

    /// - Parameters:
    ///   - isKept: whether the kernel says that the clock is kept by NTP; nil where it does not say.
    ///   - steady: readings of the clock that waits and leases are measured with, in their order.
    init(now: Timestamp, isKept: Bool?, steady: [Duration]) {
        self.now = now
        self.isKept = isKept
        self.steady = steady
    }

    public func results() -> [CheckResult] {
        guard zip(steady, steady.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            return [
                .failed(
                    "clock", .temporary, "the kernel's monotonic clock goes backwards",
                    hint: "waits and leases are measured with it: do not run effects on this machine")
            ]
        }
        // Nobody ran this program before it was written.
        guard (2026..<2100).contains(now.date.year) else {
            return [
                .failed(
                    "clock", .temporary, "it says \(now), which cannot be",
                    hint: "set it: certificates, schedules and the journal depend on it")
            ]
        }
        switch isKept {
        case true?: return [.ok("clock", "\(now), kept by NTP")]
        case false?:
            return [
                .warning(
                    "clock", "\(now); the kernel says that NTP does not keep it",
                    hint: "start chrony or systemd-timesyncd, unless the machine below keeps it")
            ]
        case nil: return [.ok("clock", "\(now); the kernel does not say whether NTP keeps it")]
        }
    }
}

/// What the kernel knows of its clock.
enum KernelClock {
    /// Large enough for what the kernel fills in.
    private static let size = 512
    private static let inError: CInt = 5

    /// True while NTP keeps it; nil where the kernel does not say.
    static var isKept: Bool? {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "adjtimex") else { return nil }
        // C declares it as int adjtimex(struct timex *), which Swift does not see. Zeroes ask, and set nothing.
        let adjtimex = unsafeBitCast(symbol, to: (@convention(c) (UnsafeMutableRawPointer) -> CInt).self)
        let question = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { question.deallocate() }
        question.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let state = adjtimex(question)
        return state < 0 ? nil : state != inError
    }
}
