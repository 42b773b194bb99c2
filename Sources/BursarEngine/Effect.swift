public import ConomyAPI
import ExactJSON

/// A write or destructive call that a script asked for, and what became of it.
public struct Effect: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// The API did it.
        case settled
        /// A rehearsal assumes that the API would do it.
        case assumed
        /// The API said no.
        case declined
        /// Bursar said no; nothing was sent.
        case refused
        /// It could not be sent; provably nothing happened.
        case unsent
        /// Sent, and no trustworthy answer came back.
        case inDoubt = "in_doubt"
    }

    /// `refunds/p1/payments.refund#1`, unique within the job.
    public let key: String
    public let operation: String
    public let state: State
    /// The object acted on, or the one created.
    public let object: String?
    /// The money moved, where the contract says where it stands.
    public let amount: Money?
    /// Why it did not settle.
    public let reason: String?
    public let location: String?
    /// True when an earlier run did it, and this one took it from the journal.
    public let isRecorded: Bool

    init(call: Call, answer: Answer) {
        let error = answer.isSuccess ? nil : APIError(status: answer.status, body: answer.body)
        self.init(
            call: call, state: error != nil ? .declined : answer.isAssumed ? .assumed : .settled, answer: answer.body,
            reason: error?.description, isRecorded: answer.isRecorded)
    }

    init(call: Call, failure: CallFailure) {
        let state: State =
            switch failure.kind {
            // Also what differs from the record, or cannot be recorded: what is known under the same key was sent, once.
            case .invalid, .refused, .journal: .refused
            case .inDoubt: .inDoubt
            case .unreachable, .credentials, .cancelled: .unsent
            }
        self.init(call: call, state: state, answer: nil, reason: failure.message)
    }

    private init(call: Call, state: State, answer: JSON?, reason: String?, isRecorded: Bool = false) {
        self.isRecorded = isRecorded
        self.key = call.key ?? call.operation.name
        self.operation = call.operation.name
        self.state = state
        self.object = call.objectID ?? answer?["id"]?.string
        self.amount = Effect.amount(call, answer)
        self.reason = reason
        self.location = call.location
    }

    /// The answer's word comes first: it is what happened. The request's is what was asked for.
    static func amount(_ call: Call, _ answer: JSON?) -> Money? {
        let operation = call.operation
        guard !operation.amountFields.isEmpty || operation.answerAmountField != nil else { return nil }
        if let field = operation.answerAmountField, let amount = money(answer, field) { return amount }
        for field in operation.amountFields {
            if let amount = call.money[field] ?? money(answer, field) ?? money(call.body, field) { return amount }
        }
        return nil
    }

    private static func money(_ value: JSON?, _ field: String) -> Money? {
        guard let text = value?[field]?.string, let code = value?[currencyField(of: field)]?.string else { return nil }
        return try? Money(text, Currency(code))
    }
}
