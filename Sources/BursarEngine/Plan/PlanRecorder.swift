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
    private let noted = Mutex<[(course: [Int], effect: PlannedEffect)]>([])

    init(findings: Findings, redaction: Redaction) {
        self.findings = findings
        self.redaction = redaction
    }

    func note(_ call: Call, _ effect: Effect, answer: Answer?, failure: CallFailure?) {
        let planned = PlannedEffect(
            effect, call, request: PlanBook.request(call, redaction), answer: answer, failure: failure,
            finding: findings.take(effect.key))
        noted.withLock { $0.append((call.course, planned)) }
    }

    /// All effects in the order in which the script reads, whichever ended first.
    var effects: [PlannedEffect] {
        noted.withLock { noted in noted.sorted { $0.course.lexicographicallyPrecedes($1.course) }.map(\.effect) }
    }

    /// A request as plans have it: without secrets, its members in one order.
    static func request(_ call: Call, _ redaction: Redaction) -> JSON {
        let text = redaction.redact(call.record.text(.canonical))
        return (try? JSON(parsing: text)) ?? .string(text)
    }
}
