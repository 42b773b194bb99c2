import ConomyAPI

/// How one write operation is found again when its answer was lost. One file an operation; `Probes` has the table of them all.
///
/// A probe only reads. It never says "absent" because it could not look: a failed, an incomplete or a contradictory look is `unknown`.
protocol Probe: Sendable {
    /// The operation, `payments.refund`.
    var operation: String { get }
    /// For the reference: how the effect is looked for, what proves that it happened, and what proves that it did not. One sentence each,
    /// without a full stop.
    var search: String { get }
    var presence: String { get }
    var absence: String { get }
    /// What a second sending would do if the first was carried out after all: the same way.
    var repetition: String { get }
    /// How long after the last sending a look that finds nothing proves that nothing happened, and nothing is still on its way.
    var settling: Duration { get }

    /// The list in which the object belongs that the call makes, as a text: what two calls with the same text make stands in the same
    /// list, so either is the other's witness. Nil where nothing is looked for in a list.
    func list(of call: Call) -> String?

    /// Looks once.
    /// - Throws: `CallFailure` where a read had no answer, or one that cannot be believed: the caller takes that as unknown.
    func look(for doubt: Doubt) async throws(CallFailure) -> Finding
}

extension Probe {
    var settling: Duration { .seconds(30) }

    func list(of call: Call) -> String? { nil }
}

/// What one look of a probe found.
enum Finding: Sendable {
    /// It happened. The answer is what the API would have said, as far as it can be read now, in the shape of the operation's own
    /// answer; `evidence` says by what it was recognised.
    case present(Answer, evidence: String)
    /// A complete look, consistent in itself, did not find it. It proves absence only once the settling time has passed.
    case absent(evidence: String)
    /// Nothing can be concluded: why.
    case unknown(String)
}

/// What the journal says of an object that a probe comes upon.
enum Claim: Sendable {
    /// No other effect is known to have made it.
    case none
    /// Another effect made it, so this one did not.
    case anothers
    /// It is recorded as another effect's, which asked for another amount or under another reference. Whichever answer said so may have been
    /// meant for this effect.
    case doubtful(String)
}

/// An effect that was sent, or may have been, and whose outcome is not known; and the ways to look for it.
struct Doubt: Sendable {
    /// The call as it was recorded before it was sent, the stamp included.
    let call: Call
    /// When its intent was recorded, by this machine's clock. The bank's clock may be another.
    let intendedAt: Timestamp
    /// The stamp Bursar put into the call, where it did: unique to this effect.
    let stamp: String?
    /// Reads of the target. There is no way from here to a write.
    let reads: any Performer
    /// Whether the object with this id is known as the result of another effect.
    let claim: @Sendable (String) async throws(CallFailure) -> Claim
    /// The id of an object that an effect of the same operation on the same object, or in the same `list(of:)`, is known to have made.
    /// A list in which it belongs and is missing cannot be believed. Not one that was made before `notBefore`.
    let witness: String?
    /// An instant of the bank's clock before which the effect cannot have happened, where one is known: the `createdAt` of an object
    /// that was answered before this effect's intent was recorded. It bounds long lists to the day before it, so it counts on a clock
    /// that is never set back by a day; and it keeps older look-alikes from being taken for this effect's.
    var notBefore: Timestamp?
}
