public import BursarJournal

/// How a run treats what the journal knows of its job.
public struct JobOptions: Sendable {
    /// Where runs are recorded.
    public enum Place: Sendable {
        /// In memory: gone with the process, as the embedded bank is.
        case memory
        case folder(JournalFolder)
        /// Nowhere: for measurements.
        case nowhere
    }

    var isRecorded: Bool { if case .nowhere = place { false } else { true } }

    /// Which rows of loops are run.
    public enum Only: Sendable {
        /// Those whose last word in the journal is one of these; and those that no earlier run came to, where that is asked for.
        case statuses([String], withUnreached: Bool)
        case keys(Set<String>)

        /// True where what earlier runs came to decides.
        var isOfEarlierRuns: Bool { if case .keys = self { false } else { true } }
    }

    public var place = Place.memory
    /// Begin a new job although there is one.
    public var again = false
    /// Go on with a script or input that has changed.
    public var acceptChanges = false
    /// Do once more what another job already did to the same object.
    public var allowRepeat = false
    /// Send again what the API declined in an earlier run.
    public var retryDeclined = false
    /// What the run is for. Its job is done once, also when it has no effects and changes nothing.
    public var occasion: Occasion?
    /// A clock fired it: where the occasion's last run has ended, in whatever way, there is no other.
    public var isFired = false
    /// How long to wait for another runner of the job.
    public var patience = Duration.zero
    /// Nil runs all rows.
    public var only: Only?

    public init() {}
}
