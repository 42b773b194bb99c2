internal import ScriptWire

/// What bounds one script. The worker notices first and ends cleanly; the host kills it soon after if it did not.
public struct WorkerLimits: Sendable, Equatable {
    /// The most bytes that the script's values may take.
    public var memoryBytes: Int
    /// How long the script may run, not counting the time it waits for answers.
    public var time: Duration
    /// How long the run may take in all, from the start, waiting included. Nil: as long as it needs.
    public var run: Duration?
    /// The most bytes the script may say: what it emits, logs and prints.
    public var outputBytes: Int
    /// The most requests that may wait for an answer at once.
    public var requestsInFlight: Int

    public init(
        memoryBytes: Int, time: Duration, run: Duration? = nil, outputBytes: Int = 1 << 30, requestsInFlight: Int = 10_000
    ) {
        self.memoryBytes = memoryBytes
        self.time = time
        self.run = run
        self.outputBytes = outputBytes
        self.requestsInFlight = requestsInFlight
    }

    /// How much longer than its limits a worker may live before it is killed. Tests that are about the worker's own stop
    /// give it more, so that a busy machine does not decide them.
    var grace: Duration = .milliseconds(600)

    /// The most bytes of requests that may wait for an answer: the host holds them all.
    var bytesInFlight: Int { max(2 * Frame.largestPayload, requestsInFlight * 16 << 10) }

    var onWire: WireLimits {
        WireLimits(
            memoryBytes: UInt64(clamping: memoryBytes), runningMilliseconds: time.wholeMilliseconds,
            runMilliseconds: run?.wholeMilliseconds ?? 0, outputBytes: UInt64(clamping: outputBytes),
            requestsInFlight: UInt32(clamping: requestsInFlight))
    }

    /// The sentence for a script that reached one of them.
    func sentence(_ limit: WorkerLimit, runIsOver: Bool) -> String {
        switch limit {
        case .memory: "the script needs more memory than its limit of \(memoryBytes >> 20) MiB"
        case .output: "the script said more in values and log lines than its limit of \(inMebibytes(outputBytes))"
        case .requests:
            "the script has more than its limit of \(requestsInFlight) requests waiting for an answer at once, or they hold more than \(inMebibytes(bytesInFlight))"
        case .time where runIsOver: "the run took longer than its limit of \((run ?? time).inSeconds)"
        case .time: "the script ran longer than its limit of \(time.inSeconds), not counting the time it waited"
        }
    }
}

private func inMebibytes(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
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
