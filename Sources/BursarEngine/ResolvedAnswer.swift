public import ConomyAPI
public import ExactJSON

/// What stands in the journal as the answer of an effect that a person found to have happened.
///
/// Nobody has the real answer any more. The id is known, and it is put where the operation's own answers have it, so that a script that
/// reads it when the job goes on finds it: `id` mostly, `refundId` of a refund. It has no status: that tells it from an answer that came.
/// Other members are missing.
public enum ResolvedAnswer {
    /// Nil where the operation's answers have no id.
    public static func make(_ operation: Operation, id: String) -> JSON? {
        member(operation).map { [$0: .string(id)] }
    }

    /// True where the effect changes the object it names, and makes no other: its id is the object's.
    public static func isObjectItself(_ operation: Operation) -> Bool {
        guard let first = operation.pathParameters.first else { return false }
        return operation.method != .post || member(operation) == first.name || member(operation) == "paymentId"
    }

    /// True where each call makes an object of its own, so that no two are answered with the same id.
    public static func isMadeAnew(by operation: Operation) -> Bool {
        operation.name == "payments.refund" || (operation.method == .post && operation.name.hasSuffix(".create"))
    }

    /// The resource that what an effect made or changed belongs to: a refund is a payment, as is what pays a session.
    public static func resource(_ operation: Operation) -> String {
        switch operation.name {
        case "payments.refund", "checkout_sessions.pay": "payments"
        // Opened by a link's token, and no link.
        case "payment_links.open_session": "checkout_sessions"
        default: operation.resource
        }
    }

    private static func member(_ operation: Operation) -> String? {
        let names = operation.successStatuses.compactMap { operation.answers[$0] ?? nil }.flatMap { schema in
            schema.resolved.properties.map(\.name)
        }
        return names.contains("id") ? "id" : names.first { $0.hasSuffix("Id") }
    }
}
