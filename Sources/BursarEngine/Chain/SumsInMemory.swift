import BursarGate
import ConomyAPI
import ExactJSON
import Synchronization

/// Keeps limited sums where nothing is recorded: in a rehearsal, and for a single call.
final class SumsInMemory: Performer {
    private let next: any Performer
    private let limits: SumKeeper
    private let tally = Mutex(SumTally())

    init(next: any Performer, limits: SumKeeper) {
        self.next = next
        self.limits = limits
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        let sums = call.operation.effect > .read ? limits.sums(of: call, run: "") : []
        guard !sums.isEmpty else { return try await next.perform(call) }
        let taken: [SumLimit]
        switch tally.withLock({ $0.take(sums, for: call) }) {
        case .success(let limits): taken = limits
        case .failure(let refusal): throw refusal.failureOfPolicy
        }
        do throws(CallFailure) {
            let answer = try await next.perform(call)
            tally.withLock { tally in
                guard answer.isSuccess else { return tally.giveBack(taken) }
                if let id = answer.body?["id"]?.string ?? SumKeeper.continued(by: call) { tally.count(payment: id) }
            }
            return answer
        } catch {
            if error.kind != .inDoubt { tally.withLock { $0.giveBack(taken) } }
            throw error
        }
    }
}
