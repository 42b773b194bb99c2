import ConomyAPI

/// An access token and the time it may be used.
struct AccessToken: Sendable {
    /// Tells one token from its successor.
    let generation: Int
    /// The value of the header `Authorization`.
    let authorization: String
    /// From here on it should be renewed; it still works.
    let renewAt: Duration
    let expiresAt: Duration
}

/// When the token is used, renewed and waited for. Events go in, what to do comes out; no clock, no waiting.
struct TokenLife {
    enum Advice: Sendable {
        case use(AccessToken)
        /// Use it, and renew it meanwhile: this caller is the one to do so.
        case useAndRenew(AccessToken)
        /// Nobody is renewing yet: this caller is the one to do so, and everybody waits.
        case renewAndWait
        case wait
        /// The credentials were refused a moment ago; asking again at once would only look like guessing.
        case fail(CallFailure)
    }

    private var token: AccessToken?
    private var generation = 0
    private var isRenewing = false
    private var refusal: (failure: CallFailure, until: Duration)?

    /// How long refused credentials are not tried again.
    static let refusalHolds = Duration.seconds(30)
    /// How long a token that could not be renewed ahead of time is used before the next try.
    static let renewalRests = Duration.seconds(30)

    mutating func need(at now: Duration) -> Advice {
        if let token, now < token.expiresAt {
            guard now >= token.renewAt, !isRenewing else { return .use(token) }
            isRenewing = true
            return .useAndRenew(token)
        }
        if isRenewing { return .wait }
        if let refusal, now < refusal.until { return .fail(refusal.failure) }
        isRenewing = true
        return .renewAndWait
    }

    /// True while somebody asks for a token.
    var isBusy: Bool { isRenewing }

    /// The token to use right now, without deciding anything.
    func usable(at now: Duration) -> AccessToken? { token.flatMap { now < $0.expiresAt ? $0 : nil } }

    /// The API answered 401 to a call with this token. One that has been replaced since says nothing about its successor.
    mutating func rejected(_ old: AccessToken) { if token?.generation == old.generation { token = nil } }

    /// A token came that lives for `lifetime`; it is renewed after 80 % of that, or a minute before its end if that is
    /// earlier, but not before half of it.
    mutating func renewed(_ authorization: String, lifetime: Duration, requestedAt: Duration) -> AccessToken {
        isRenewing = false
        refusal = nil
        generation += 1
        let ahead = max(lifetime / 2, min(lifetime * 4 / 5, lifetime - .seconds(60)))
        // Counted from the request: the token was made some time after it.
        let new = AccessToken(
            generation: generation, authorization: authorization, renewAt: requestedAt + ahead, expiresAt: requestedAt + lifetime)
        token = new
        return new
    }

    mutating func renewalFailed(_ failure: CallFailure, at now: Duration) {
        isRenewing = false
        if failure.kind == .credentials { refusal = (failure, now + TokenLife.refusalHolds) }
        if let old = token {
            token = AccessToken(
                generation: old.generation, authorization: old.authorization, renewAt: now + TokenLife.renewalRests,
                expiresAt: old.expiresAt)
        }
    }
}
