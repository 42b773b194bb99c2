/// The ways in which a row fails that an operator may want a run to end at.
public enum FailureClass: String, Sendable, CaseIterable {
    /// The API said no.
    case declined
    /// Bursar said no; nothing was sent.
    case refused
    /// A write of it was sent and no trustworthy answer came back, whatever the script made of that.
    case inDoubt = "in_doubt"
    /// The API could not be reached; nothing was sent.
    case unreachable
    /// Anything else: the script gave the row up, or has an error.
    case failed

    /// - Parameters:
    ///   - kind: what the error that ended the row says of itself.
    /// Nil for a row that did not fail.
    init?(_ status: RowOutcome.Status, kind: String?) {
        switch status {
        case .inDoubt: self = .inDoubt
        case .failed, .partlyDone: self = kind.flatMap(FailureClass.init(rawValue:)) ?? .failed
        case .succeeded, .invalid, .notRun: return nil
        }
    }

    /// What a row of this class has come to: "row 7 was declined".
    var words: String {
        switch self {
        case .declined: "was declined"
        case .refused: "was refused"
        case .inDoubt: "is in doubt"
        case .unreachable: "could not reach the API"
        case .failed: "failed"
        }
    }
}
