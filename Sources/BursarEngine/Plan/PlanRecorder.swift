import ConomyAPI
import ConomyClient
import ExactJSON
import Synchronization

/// Performs by writing a plan: each effect of a rehearsal is noted with what became of it, refused ones included.
struct PlanRecorder: Performer {
    let next: any Performer
    let book: PlanBook

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect > .read else { return try await next.perform(call) }
        do throws(CallFailure) {
            let answer = try await next.perform(call)
            book.note(call, Effect(call: call, answer: answer), answer: answer, failure: nil)
            return answer
        } catch {
            if error.kind != .cancelled { book.note(call, Effect(call: call, failure: error), answer: nil, failure: error) }
            throw error
        }
    }
}

/// The effects of a plan while it is made.
final class PlanBook: Sendable {
    /// What the rehearsal finds out about each effect.
    let findings: Findings
    private let redaction: Redaction
    private let state = Mutex(State())

    private struct State {
        var noted: [(course: [Int], effect: PlannedEffect)] = []
        /// Identifiers that an effect has made: in the answers of later ones they are only told again, in whatever place.
        var made: Set<String> = []
    }

    init(findings: Findings, redaction: Redaction) {
        self.findings = findings
        self.redaction = redaction
    }

    func note(_ call: Call, _ effect: Effect, answer: Answer?, failure: CallFailure?) {
        var planned = PlannedEffect(
            effect, call, request: PlanBook.request(call, redaction), answer: answer, failure: failure,
            finding: findings.take(effect.key))
        state.withLock { state in
            // An object that was there before tells what the target has: nothing of that is made up.
            if let id = call.objectID, answer?.body?["id"]?.string == id, !state.made.contains(id) { planned.mints = [:] }
            planned.mints = planned.mints.filter { !state.made.contains($0.value) }
            state.made.formUnion(planned.mints.values)
            state.noted.append((call.course, planned))
        }
    }

    /// All effects in the order in which the script reads, whichever ended first.
    var effects: [PlannedEffect] {
        state.withLock { $0.noted.sorted { $0.course.lexicographicallyPrecedes($1.course) }.map(\.effect) }
    }

    /// A request as plans have it: without secrets, its members in one order.
    static func request(_ call: Call, _ redaction: Redaction) -> JSON {
        let text = redaction.redact(call.record.text(.canonical))
        return (try? JSON(parsing: text)) ?? .string(text)
    }
}
