/// Why the journal cannot be used, or not any longer.
public struct JournalError: Error, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// What is on disk is not what was written: changed, cut, or an older state put back.
        case damaged
        /// The file is of a newer program, or of none of ours.
        case format
        /// It cannot be opened or written: no place, no permission, a full disk, a failed fsync.
        case storage
        /// Another runner holds the job, or has taken it over.
        case lease
        /// The caller asked for something that does not fit what is recorded.
        case conflict
    }

    public let kind: Kind
    /// What is wrong, with the file or the value.
    public let message: String
    /// What to do about it.
    public let hint: String

    public init(_ kind: Kind, _ message: String, hint: String) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    public var description: String { "\(message); \(hint)" }
}
