import BursarGate
import ConomyAPI
import ExactJSON
import Synchronization

/// Keeps limited sums where nothing is recorded: in a rehearsal, and for a single call.
final class SumsInMemory: Performer {
    private struct State {
        var sums: [String: Int64] = [:]
        /// Payments whose money is counted.
        var counted: Set<String> = []
    }

    private let next: any Performer
    private let limits: SumKeeper
    private let state = Mutex(State())

    init(next: any Performer, limits: SumKeeper) {
        self.next = next
        self.limits = limits
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let sums = call.operation.effect > .read ? limits.sums(of: call, run: "") : []
        guard !sums.isEmpty else { return try await next.perform(call) }
        let (taken, refusal) = take(sums, call)
        if let refusal { throw refusal.failure }
        do throws(CallFailure) {
            let answer = try await next.perform(call)
            if !answer.isSuccess { giveBack(taken) }
            if answer.isSuccess, let id = answer.body?["id"]?.string ?? SumKeeper.continued(by: call) {
                state.withLock { _ = $0.counted.insert(id) }
            }
            return answer
        } catch {
            if error.kind != .inDoubt { giveBack(taken) }
            throw error
        }
    }

    private func take(_ sums: [SumLimit], _ call: Call) -> ([SumLimit], Gate.Refusal?) {
        state.withLock { state in
            let isCounted = SumKeeper.continued(by: call).map { state.counted.contains($0) } ?? false
            let sums = isCounted ? sums.filter { !$0.isMoney } : sums
            for limit in sums {
                let sum = state.sums[limit.key] ?? 0
                if limit.units > limit.most || sum > limit.most - limit.units { return ([], limit.refusal(of: call, sum: sum)) }
            }
            for limit in sums { state.sums[limit.key, default: 0] += limit.units }
            return (sums, nil)
        }
    }

    private func giveBack(_ sums: [SumLimit]) {
        state.withLock { state in for limit in sums { state.sums[limit.key, default: 0] -= limit.units } }
    }
}

extension SumLimit {
    fileprivate var key: String { scope + " " + unit }
}
