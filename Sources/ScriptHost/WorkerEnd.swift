public import ScriptWire

/// How a worker ended. Exactly one of these, whatever happened to the process.
public enum WorkerEnd: Sendable, Equatable {
    /// The script ended with this result (JSON).
    case finished([UInt8])
    /// The script ended with this uncaught error (JSON: kind, message, location, traceback, and what the error carried).
    case failed([UInt8])
    /// The script was stopped at a limit. `failure` is an error object as in `failed`, when the worker could still write one.
    case limit(WorkerLimit, message: String, failure: [UInt8]?)
    /// `terminate()` ended it.
    case terminated
    /// The process died otherwise, or spoke rubbish and was killed. The message is a sentence for the operator.
    case died(message: String)
}

/// What keeps a script's process from the rest of the system.
public enum Confinement: Sendable, Equatable {
    /// Everything Bursar asks for.
    case complete
    /// Everything but what this sentence names, which this system does not offer.
    case lacking(String)
}

/// Why a worker could not be started. No process is left.
public struct WorkerStartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed and what to do.
    public let message: String
    public var description: String { message }
}
