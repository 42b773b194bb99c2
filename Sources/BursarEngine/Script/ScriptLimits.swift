/// What bounds one script. The limits of its process are kept by `ScriptHost`, the others by the session that serves it.
public struct ScriptLimits: Sendable {
    /// How long the whole run may take; nil as long as it needs. A script computes for ten minutes at most either way.
    public var time: Duration?
    /// How much memory the script's values may take, in bytes.
    public var memory = 512 << 20
    /// How much the script may emit, log and print, in bytes.
    public var output = 1 << 30
    /// How many requests may wait for an answer at once.
    public var requestsInFlight = 10_000
    /// How many files, lists and loops may be open at once.
    public var openAtOnce = 1000

    public init() {}
}
