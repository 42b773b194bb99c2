public import ExactJSON

/// What the API answered to a call, whatever its status.
public struct Answer: Sendable {
    public let status: Int
    /// Nil when the answer had no body (204).
    public let body: JSON?
    /// True when nobody answered: a rehearsal made this up from what is known.
    public let isAssumed: Bool
    /// True when it was answered before, to an earlier run, and comes from the journal: nothing was sent.
    public let isRecorded: Bool
    /// What the effect was when it was settled, in words, where the call is another one now.
    public var settledAs: String?

    public init(status: Int, body: JSON?, isAssumed: Bool = false, isRecorded: Bool = false) {
        self.status = status
        self.body = body
        self.isAssumed = isAssumed
        self.isRecorded = isRecorded
    }

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The body of a success; JSON null when there is none.
    /// - Throws: the `APIError` of any other status.
    public func value() throws(APIError) -> JSON {
        guard isSuccess else { throw APIError(status: status, body: body) }
        return body ?? .null
    }
}
