public import ConomyClient

/// How a run goes at one moment.
public struct RunStatus: Sendable {
    public let script: String
    /// Nil until the script has said what it is.
    public let job: String?
    public let environment: String
    public let isRehearsal: Bool
    /// Nil before its environment is open.
    public let lasted: Duration?
    public let progress: RunObserver.Progress
    public let effects: EffectLedger.Snapshot
    public let pace: PaceSnapshot?
    public let circuit: CircuitStatus?
}
