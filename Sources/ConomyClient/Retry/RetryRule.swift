import ConomyAPI

/// What follows after one try of a call. A decision over values: no clock, no waiting, no network.
///
/// - A read is tried again after 429, 5xx and failures of the connection.
/// - A write is tried again only when the server cannot have acted: it was not sent, it was refused before acting (429), or its
///   token was not accepted (401). After a 5xx, a timeout, a reset or an answer that is none, whether it acted is unknown, and
///   the call fails in doubt.
/// - After the last try the call ends: a read's 5xx is the answer; a call that was only put off was not performed and is
///   `unreachable`.
struct RetryRule: Sendable {
    enum Next: Sendable {
        case answer(Answer)
        case fail(CallFailure)
        /// Try again, once this has passed; nil leaves it to the backoff.
        case again(wait: Duration?)
        /// Renew the token, then try again at once.
        case renewToken
    }

    /// What a try showed.
    enum Seen: Sendable {
        case answered(Answer, retryAfter: Duration?)
        /// A success by its status whose content does not answer the call: why.
        case rubbish(status: Int, String)
        /// To where it points: the host, or the text if it is none.
        case redirect(status: Int, to: String)
        case failed(Exchange.Failure)
    }

    let maximumAttempts: Int
    let longestWait: Duration

    /// - Parameters:
    ///   - attempt: the number of this try, from 1.
    ///   - hasRenewed: true when this call was already tried with a token renewed for it.
    func next(_ operation: Operation, _ seen: Seen, attempt: Int, hasRenewed: Bool) -> Next {
        let isRead = operation.effect == .read
        switch seen {
        case .answered(let answer, let retryAfter):
            if answer.status == 401, operation.needsToken {
                return hasRenewed ? .fail(credentialsRefused(answer)) : .renewToken
            }
            if answer.status == 429 {
                if let failure = tooLong(retryAfter, answer) { return .fail(failure) }
                return attempt < maximumAttempts ? .again(wait: retryAfter) : .fail(putOff(operation, answer, attempt))
            }
            // 501 says the operation does not exist here; asking again, or doubting, changes nothing.
            let isUncertain = (answer.status >= 500 && answer.status != 501) || answer.status == 408
            guard isUncertain else { return .answer(answer) }
            guard isRead else {
                return .fail(inDoubt(operation, code: "server_error", "\(APIError(status: answer.status, body: answer.body))"))
            }
            if let failure = tooLong(retryAfter, answer) { return .fail(failure) }
            return attempt < maximumAttempts ? .again(wait: retryAfter) : .answer(answer)

        case .rubbish(let status, let problem):
            let text = "the answer (\(status)) \(problem)"
            guard isRead else { return .fail(inDoubt(operation, code: "rubbish_answer", text)) }
            return .fail(
                CallFailure(
                    .unreachable, code: "rubbish_answer", "\(operation.name): \(text)",
                    hint:
                        "something that is not the API may be answering for it: check the base URL, or show the vendor the trace")
            )

        case .redirect(let status, let place):
            let text = "the answer (\(status)) points to \(place); nothing was sent there"
            let hint = "the API does not redirect: check the base URL of the environment"
            guard isRead else { return .fail(inDoubt(operation, code: "redirected", text, hint: hint)) }
            return .fail(CallFailure(.unreachable, code: "redirected", "\(operation.name): \(text)", hint: hint))

        case .failed(let failure): return next(operation, failure, attempt: attempt)
        }
    }

    private func next(_ operation: Operation, _ failure: Exchange.Failure, attempt: Int) -> Next {
        let isRead = operation.effect == .read
        switch failure.reason {
        case .invalid, .tls, .closed:
            guard failure.wasSent, !isRead else {
                return .fail(
                    CallFailure(
                        .unreachable, code: failure.reason.rawValue, "\(operation.name) was not sent: \(failure.text)", hint: nil)
                )
            }
            return .fail(inDoubt(operation, code: failure.reason.rawValue, failure.text))
        case .cancelled:
            return .fail(failure.wasSent && !isRead ? inDoubt(operation, code: "cancelled", failure.text) : .stopped)
        case .tooLarge:
            guard isRead else { return .fail(inDoubt(operation, code: "rubbish_answer", failure.text)) }
            return .fail(
                CallFailure(
                    .unreachable, code: failure.reason.rawValue, "\(operation.name): \(failure.text)",
                    hint: "ask for smaller pages"))
        case .timeout, .connection, .lost:
            if failure.wasSent, !isRead { return .fail(inDoubt(operation, code: failure.reason.rawValue, failure.text)) }
            guard attempt < maximumAttempts else {
                return .fail(
                    CallFailure(
                        .unreachable, code: failure.reason.rawValue,
                        "\(operation.name) had no answer in \(attempt) \(attempt == 1 ? "try" : "tries"): \(failure.text)",
                        hint: "check the network and the base URL, then run again"))
            }
            return .again(wait: nil)
        }
    }

    private func inDoubt(_ operation: Operation, code: String, _ seen: String, hint: String? = nil) -> CallFailure {
        CallFailure(
            .inDoubt, code: code, "\(operation.name) was sent, and whether it was performed is unknown: \(seen)",
            hint: hint ?? "it is not sent again before it is known not to have happened")
    }

    private func credentialsRefused(_ answer: Answer) -> CallFailure {
        CallFailure(
            .credentials, code: "unauthorized",
            "a token that was renewed for this call was not accepted: \(APIError(status: answer.status, body: answer.body))",
            hint: "check clientId, clientSecret and x-api-key, and that they belong to this environment")
    }

    private func tooLong(_ retryAfter: Duration?, _ answer: Answer) -> CallFailure? {
        guard let retryAfter, retryAfter > longestWait else { return nil }
        return CallFailure(
            .unreachable, code: "wait_too_long",
            "the API answered \(answer.status) and asks to wait \(seconds(retryAfter)) s; "
                + "a call waits \(seconds(longestWait)) s at most",
            hint: "nothing was performed: run again after that time")
    }

    private func putOff(_ operation: Operation, _ answer: Answer, _ attempt: Int) -> CallFailure {
        CallFailure(
            .unreachable, code: "too_many_requests",
            "\(operation.name) was put off \(attempt) times and not performed: "
                + "\(APIError(status: answer.status, body: answer.body))",
            hint: "run again later, or set a lower rate of requests")
    }

    private func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }
}
