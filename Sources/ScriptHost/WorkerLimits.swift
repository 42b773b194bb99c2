internal import ScriptWire

/// What bounds one script. The worker notices first and ends cleanly; the host kills it soon after if it did not.
public struct WorkerLimits: Sendable, Equatable {
    /// The most bytes that the script's values may take.
    public var memoryBytes: Int
    /// How long the script may run, not counting the time it waits for answers.
    public var time: Duration
    /// How long the run may take in all, from the start, waiting included. Nil: as long as it needs.
    public var run: Duration?

    public init(memoryBytes: Int, time: Duration, run: Duration? = nil) {
        self.memoryBytes = memoryBytes
        self.time = time
        self.run = run
    }

    /// How much longer than its limits a worker may live before it is killed. Tests that are about the worker's own stop
    /// give it more, so that a busy machine does not decide them.
    var grace: Duration = .milliseconds(600)

    var onWire: WireLimits {
        WireLimits(
            memoryBytes: UInt64(clamping: memoryBytes), runningMilliseconds: time.wholeMilliseconds,
            runMilliseconds: run?.wholeMilliseconds ?? 0)
    }

    /// The sentence for a script that reached one of them.
    func sentence(_ limit: WorkerLimit, runIsOver: Bool) -> String {
        switch limit {
        case .memory: "the script needs more memory than its limit of \(memoryBytes >> 20) MiB"
        case .time where runIsOver: "the run took longer than its limit of \((run ?? time).inSeconds)"
        case .time: "the script ran longer than its limit of \(time.inSeconds), not counting the time it waited"
        }
    }
}

extension Duration {
    /// At least 1: on the wire, 0 says that there is no limit.
    fileprivate var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        return max(1, UInt64(clamping: seconds) &* 1000 &+ UInt64(clamping: attoseconds / 1_000_000_000_000_000))
    }

    /// "1.5 s"
    fileprivate var inSeconds: String {
        let milliseconds = wholeMilliseconds
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        let digits = fraction.last(where: { $0 != "0" }) == nil ? "" : "." + fraction.reversed().drop { $0 == "0" }.reversed()
        return "\(milliseconds / 1000)\(digits) s"
    }
}
