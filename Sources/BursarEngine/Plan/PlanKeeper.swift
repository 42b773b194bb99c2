import ConomyAPI
import ConomyClient
import ExactJSON

/// Performs what was planned, and nothing else.
///
/// An effect that the plan does not have, or has differently, ends the run. One that the rehearsal found to be declined or refused is
/// answered so without being sent. One whose facts have changed is set aside.
struct PlanKeeper: Performer {
    let next: any Performer
    let applied: AppliedPlan
    let facts: FactCheck
    let redaction: Redaction
    /// True for an effect that an earlier run of the plan has begun.
    let isRecorded: @Sendable (String) -> Bool

    static let driftedCode = "drifted"
    private static let (notPlannedCode, differsCode) = ("not_planned", "differs_from_plan")

    /// True for refusals after which nothing further may be done: the script is not doing what was planned.
    static func isEnd(_ code: String?) -> Bool {
        [notPlannedCode, differsCode, UsedSources.changedCode].contains(code)
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect > .read else { return try await next.perform(call) }
        let key = call.key ?? call.operation.name
        let request = applied.identifiers.rehearsed(PlanBook.request(call, redaction))
        guard let planned = applied[key] else {
            throw CallFailure(
                .refused, code: PlanKeeper.notPlannedCode, "\(key) is not in the plan: \(bounded(request))",
                hint: "what is not planned is not done; make a new plan. Nothing further was sent")
        }
        guard applied.meet(key) else {
            throw CallFailure(.refused, code: PlanKeeper.notPlannedCode, "\(key) came twice, and the plan has it once")
        }
        guard request.bytes(.canonical) == planned.request.bytes(.canonical) else {
            throw CallFailure(
                .refused, code: PlanKeeper.differsCode,
                "\(key) differs from the plan: planned was \(bounded(planned.request)), and now it is \(bounded(request))",
                hint: "what is not planned is not done; make a new plan. Nothing further was sent")
        }
        if let decline = planned.decline { return Answer(status: decline.status, body: decline.body, isAssumed: true) }
        if let refusal = planned.refusal {
            throw CallFailure(refusal.kind, code: refusal.code, refusal.message, hint: refusal.hint)
        }
        return try await perform(call, planned)
    }

    private func perform(_ call: Call, _ planned: PlannedEffect) async throws(CallFailure) -> Answer {
        let answer: Answer
        do throws(CallFailure) {
            if !isRecorded(planned.key), let drift = try await facts.drift(of: planned) {
                applied.count(.drifted, of: planned)
                throw CallFailure(
                    .refused, code: PlanKeeper.driftedCode, "\(planned.key) has drifted from the plan: \(drift)",
                    hint: "somebody changed it since the plan was made: look at it, and make a new plan for what is left")
            }
            answer = try await next.perform(call)
        } catch {
            if error.code != PlanKeeper.driftedCode { applied.count(.left, of: planned) }
            throw error
        }
        applied.count(answer.isSuccess ? .settled : .declined, of: planned)
        if answer.isSuccess { applied.identifiers.learn(planned.mints, from: answer.body) }
        return answer
    }

    private func bounded(_ request: JSON) -> String { String(request.text(.canonical).prefix(1500)) }
}
