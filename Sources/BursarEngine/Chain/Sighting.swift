import ConomyAPI

/// What a call met at the other end: what it says about whether the API is there.
enum Sighting: Sendable {
    /// The API said something of its own, be it a refusal.
    case answer
    /// Something is there and serves nobody. The words are for people.
    case outOfOrder(String)
    /// Nothing, or something that is not the API.
    case nobody(String)
    /// The API wants no calls for longer than a call waits.
    case sentAway(CallFailure)
    /// It says nothing about the other end.
    case nothing

    init(_ answer: Answer, to operation: Operation) {
        // 501 is the API's word on an operation that it does not have.
        let isBroken = (answer.status >= 500 && answer.status != 501) || answer.status == 408
        self =
            isBroken
            ? .outOfOrder("\(operation.name): \(APIError(status: answer.status, body: answer.body))") : .answer
    }

    init(_ failure: CallFailure) {
        switch (failure.kind, failure.code) {
        case (.credentials, _): self = .answer
        case (.invalid, _), (.refused, _), (.cancelled, _), (.journal, _): self = .nothing
        case (.unreachable, "wait_too_long"): self = .sentAway(failure)
        case (_, "server_error"), (_, "no_token"), (_, "too_many_requests"), (_, "call_timeout"):
            self = .outOfOrder(failure.message)
        case (_, "connection_failed"), (_, "connection_lost"), (_, "timeout"), (_, "tls_failed"), (_, "rubbish_answer"),
            (_, "redirected"):
            self = .nobody(failure.message)
        case (_, "answer_too_large"): self = .answer
        case (.unreachable, _), (.inDoubt, _): self = .nothing
        }
    }
}
