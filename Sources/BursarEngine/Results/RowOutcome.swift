public import ExactJSON

/// What became of one row of a loop.
public struct RowOutcome: Sendable {
    public enum Status: String, Sendable, CaseIterable {
        case succeeded
        /// The script's function failed for this row: the API declined, Bursar refused, or the script itself gave up.
        case failed
        /// It failed after some of its effects were settled. They stay settled: sending the row again as it is would do them twice.
        case partlyDone = "partly_done"
        /// A write was sent and no trustworthy answer came back.
        case inDoubt = "in_doubt"
        /// The row itself is malformed, and was left out.
        case invalid
        /// The run ended before its turn.
        case notRun = "not_run"
    }

    public let status: Status
    /// Why it did not succeed; of a row that did, what of it stayed as it was settled before the row was changed.
    public let reason: String?
    /// What the script's function returned for it.
    public let result: JSON?

    public init(_ status: Status, reason: String? = nil, result: JSON? = nil) {
        self.status = status
        self.reason = reason
        self.result = result
    }
}
