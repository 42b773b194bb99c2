import ConomyAPI
import ExactJSON

/// Exchanges the credentials for a token. It is paced and tried again like any read; a token more or less harms nobody.
struct TokenRequest: Sendable {
    let wire: Wire

    func fetch() async -> Result<TokenKeeper.Grant, CallFailure> {
        do throws(CallFailure) { return .success(try await grant()) } catch { return .failure(error) }
    }

    private func grant() async throws(CallFailure) -> TokenKeeper.Grant {
        let credentials = wire.environment.credentials
        let call = Call(
            Catalogue.conomy.authenticate,
            body: [
                "clientId": .string(credentials.clientID.reveal()), "clientSecret": .string(credentials.clientSecret.reveal()),
            ])
        let deadline = wire.alarms.clock.now + wire.options.callTimeout
        var attempt = 1
        while true {
            if Task.isCancelled { throw .stopped }
            let ticket = try await wire.pacer.admit(before: deadline)
            let seen = await wire.send(call, ticket: ticket, authorization: nil, attempt: attempt, before: deadline, grace: .zero)
            switch wire.next(call.operation, seen, attempt: attempt, hasRenewed: true) {
            case .answer(let answer): return try grant(answer)
            case .fail(let failure): throw failure
            case .renewToken: throw refused(Answer(status: 401, body: nil))
            case .again(let wait):
                try await wire.pause(wait, after: attempt, before: deadline, seen, call.operation)
                attempt += 1
            }
        }
    }

    private func grant(_ answer: Answer) throws(CallFailure) -> TokenKeeper.Grant {
        guard answer.isSuccess else {
            // 5xx after the last try: the credentials were not judged.
            if answer.status >= 500 {
                throw CallFailure(
                    .unreachable, code: "no_token",
                    "no access token could be had: \(APIError(status: answer.status, body: answer.body))",
                    hint: "run again later")
            }
            throw refused(answer)
        }
        guard let token = answer.body?["accessToken"]?.string, let type = answer.body?["tokenType"]?.string,
            let lifetime = answer.body?["expiresIn"]?.integer, isHeaderText(token), type.lowercased() == "bearer", lifetime > 0
        else {
            throw CallFailure(
                .unreachable, code: "rubbish_answer", "the answer to the request for a token has no usable bearer token",
                hint: "something that is not the API may be answering for it: check the base URL")
        }
        wire.options.redaction.add(passing: Secret(token))
        // Nobody issues tokens for longer than a day; a larger number would only hide a mistake.
        return TokenKeeper.Grant(authorization: "Bearer " + token, lifetime: .seconds(min(lifetime, 86_400)))
    }

    private func refused(_ answer: Answer) -> CallFailure {
        CallFailure(
            .credentials, code: "unauthorized",
            "the credentials of environment \(wire.environment.name) were not accepted: "
                + wire.options.redaction.redact("\(APIError(status: answer.status, body: answer.body))"),
            hint: "check clientId, clientSecret and x-api-key, and that they belong to this environment")
    }
}
