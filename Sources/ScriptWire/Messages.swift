/// What bounds a script. Enforced by the worker first and by the host last.
public struct WireLimits: Sendable, Equatable {
    /// The most bytes that the script's values may take.
    public var memoryBytes: UInt64
    /// How long the script may run, not counting the time it waits for answers. 0: no such limit.
    public var runningMilliseconds: UInt64
    /// How long the run may take in all, from the script's start. 0: no such limit.
    public var runMilliseconds: UInt64
    /// The most bytes of notes: what a script emits, logs and prints.
    public var outputBytes: UInt64
    /// The most requests that may wait for an answer at once.
    public var requestsInFlight: UInt32

    public init(
        memoryBytes: UInt64, runningMilliseconds: UInt64, runMilliseconds: UInt64 = 0, outputBytes: UInt64 = .max,
        requestsInFlight: UInt32 = .max
    ) {
        self.memoryBytes = memoryBytes
        self.runningMilliseconds = runningMilliseconds
        self.runMilliseconds = runMilliseconds
        self.outputBytes = outputBytes
        self.requestsInFlight = requestsInFlight
    }
}

/// Which limit ended a script.
public enum WorkerLimit: UInt8, Sendable, Equatable {
    case time = 1
    case memory = 2
    case output = 3
    case requests = 4
}

/// The host's answer to the request with the same id.
public struct WorkerAnswer: Sendable, Equatable {
    public var id: UInt32
    /// False when the payload is an error object, which the script sees as a raised error.
    public var ok: Bool
    /// JSON.
    public var payload: [UInt8]

    public init(id: UInt32, ok: Bool, payload: [UInt8]) {
        self.id = id
        self.ok = ok
        self.payload = payload
    }
}

/// What the worker tells the host. Payloads are JSON that nothing here reads.
public enum WorkerMessage: Sendable, Equatable {
    /// The first message: the process has given up what it can do without. `lacking` says what this system cannot take from
    /// it; empty where nothing is left. The script is sent after it.
    case confined(lacking: String)
    /// Wants an answer. `task` tells rows and branches apart; `location` is the script's line, "refunds.lua:12".
    case request(id: UInt32, task: UInt32, name: String, location: String, payload: [UInt8])
    /// Wants none.
    case note(task: UInt32, name: String, location: String, payload: [UInt8])
    /// The last message of a turn: every task waits. One for the start and one for each frame of answers.
    case waiting
    /// The script ended with this result.
    case finished(payload: [UInt8])
    /// The script ended with this uncaught error.
    case failed(payload: [UInt8])
    /// The script was stopped at a limit. The payload is an error object as in `failed`.
    case limit(WorkerLimit, payload: [UInt8])
}

/// What the host tells the worker. To stop, it sends a signal.
public enum HostMessage: Sendable, Equatable {
    /// The first message and never a later one: the worker confines itself within these and says so.
    case confine(WireLimits)
    /// The script. Sent once, after `confined`.
    case start(payload: [UInt8])
    case answer(WorkerAnswer)
}

/// How a worker ended, as its exit code.
public enum WorkerExit: Int32, Sendable {
    /// The script's end was reported, or the host closed its side.
    case done = 0
    /// The host sent bytes that are not a frame, or a frame out of turn.
    case badFrame = 70
    /// A pipe could not be read or written.
    case badPipe = 74
    /// The system refused a limit.
    case notConfined = 77
}
