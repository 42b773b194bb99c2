import ConomyAPI

/// Reads of the target, each made once: what a rehearsal has seen of an object is what it goes on with.
struct TargetReads: Sendable {
    private let target: ReadOnly
    private let kept = RecentMemory<Answer>(most: 5000)
    private let once = Once<Answer>()

    init(_ target: ReadOnly) { self.target = target }

    /// - Throws: where there is no answer. Nothing is in doubt after a read.
    func answer(_ call: Call) async throws(CallFailure) -> Answer {
        var read = Call(call.operation, pathParameters: call.pathParameters, query: call.query)
        read.location = call.location
        let sent = read
        do throws(CallFailure) {
            return try await once.value(
                sent.target, known: { kept[$0] }, keep: { kept[$0] = $1 },
                { () async throws(CallFailure) -> Answer in try TargetReads.known(try await target.perform(sent), sent) })
        } catch {
            guard error.kind == .inDoubt else { throw error }
            throw CallFailure(.unreachable, code: error.code, error.message, hint: error.hint, path: error.path)
        }
    }

    /// An answer that tells nothing of the object is not taken for one.
    private static func known(_ answer: Answer, _ read: Call) throws(CallFailure) -> Answer {
        guard answer.status >= 500 || answer.status == 429 else { return answer }
        throw CallFailure(
            .unreachable, code: "not_readable",
            "\(read.operation.name) answered \(answer.status), so nothing is known of what it was asked about",
            hint: "rehearse again later")
    }

    /// What was answered before; nil where it was not asked, or so long ago that it is kept no more.
    func kept(_ call: Call) -> Answer? { kept[call.target] }

    /// Hands a read through as it is.
    func pass(_ call: Call) async throws(CallFailure) -> Answer { try await target.perform(call) }
}
