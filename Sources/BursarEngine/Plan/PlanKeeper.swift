import BursarGate
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
    let amounts = AmountFinder(catalogue: .conomy)
    /// True for an effect that an earlier run of the plan did, or may have done.
    let mayHaveHappened: @Sendable (String) -> Bool

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
            if !mayHaveHappened(planned.key), let drift = try await facts.drift(of: planned) {
                applied.count(.drifted, of: planned)
                throw CallFailure(
                    .refused, code: PlanKeeper.driftedCode, "\(planned.key) has drifted from the plan: \(drift)",
                    hint: "somebody changed it since the plan was made: look at it, and make a new plan for what is left")
            }
            if !mayHaveHappened(planned.key) { try await refuseMore(than: planned, call) }
            answer = try await next.perform(call)
        } catch {
            if error.code != PlanKeeper.driftedCode { applied.count(.left, of: planned) }
            throw error
        }
        applied.count(answer.isSuccess ? .settled : .declined, of: planned)
        if answer.isSuccess { applied.identifiers.learn(planned.mints, from: answer.body) }
        return answer
    }

    /// Where the request does not say how much it moves, or in which currency, people relied on what the plan showed them.
    private func refuseMore(than planned: PlannedEffect, _ call: Call) async throws(CallFailure) {
        guard let shown = planned.amount, MoneyMoved.moves(call.operation), MoneyMoved.stated(by: call) == nil,
            let moved = try await amounts.amounts(of: call, by: next)
        else { return }
        for amount in moved where amount.currency != shown.currency || amount > shown {
            throw CallFailure(
                .refused, code: PlanKeeper.differsCode, "\(planned.key) would move \(amount), and the plan shows \(shown)",
                hint: "make a new plan. Nothing further was sent")
        }
    }

    private func bounded(_ request: JSON) -> String { String(request.text(.canonical).prefix(1500)) }
}
