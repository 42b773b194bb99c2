import ConomyAPI
import ExactJSON
import Testing

@testable import BursarEngine

@Suite("What a call says about whether the API is there")
struct SightingTests {
    private func word(_ sighting: Sighting) -> String {
        switch sighting {
        case .answer: "answer"
        case .outOfOrder: "out of order"
        case .nobody: "nobody"
        case .sentAway: "sent away"
        case .nothing: "nothing"
        }
    }

    @Test(
        "an answer of any kind is one, but for those that a server gives when it does not work",
        arguments: [
            (200, "answer"), (204, "answer"), (400, "answer"), (401, "answer"), (404, "answer"), (422, "answer"),
            (429, "answer"), (501, "answer"), (408, "out of order"), (500, "out of order"), (502, "out of order"),
            (503, "out of order"), (504, "out of order"),
        ])
    func answers(status: Int, expected: String) throws {
        let list = try #require(Catalogue.conomy["payments.list"])
        #expect(word(Sighting(Answer(status: status, body: nil), to: list)) == expected)
    }

    @Test(
        "a failure tells whether somebody was there",
        arguments: [
            (CallFailure.Kind.inDoubt, "server_error", "out of order"), (.inDoubt, "timeout", "nobody"),
            (.inDoubt, "connection_lost", "nobody"), (.inDoubt, "rubbish_answer", "nobody"), (.inDoubt, "redirected", "nobody"),
            (.inDoubt, "cancelled", "nothing"), (.inDoubt, "client_closed", "nothing"),
            (.unreachable, "connection_failed", "nobody"), (.unreachable, "tls_failed", "nobody"),
            (.unreachable, "timeout", "nobody"), (.unreachable, "rubbish_answer", "nobody"),
            (.unreachable, "no_token", "out of order"), (.unreachable, "too_many_requests", "out of order"),
            (.unreachable, "call_timeout", "out of order"), (.unreachable, "answer_too_large", "answer"),
            (.unreachable, "not_a_request", "nothing"), (.unreachable, "wait_too_long", "sent away"),
            (.credentials, "unauthorized", "answer"), (.refused, "policy", "nothing"), (.invalid, "unknown_field", "nothing"),
            (.cancelled, "cancelled", "nothing"),
        ])
    func failures(kind: CallFailure.Kind, code: String, expected: String) {
        #expect(word(Sighting(CallFailure(kind, code: code, "x"))) == expected)
    }
}
