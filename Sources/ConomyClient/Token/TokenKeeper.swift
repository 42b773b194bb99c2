import ConomyAPI
import Synchronization

/// One token for all callers of a client. However many need a new one, one of them asks for it and the others wait.
final class TokenKeeper: Sendable {
    struct Grant: Sendable {
        let authorization: String
        let lifetime: Duration
    }

    private enum News: Sendable {
        case renewed
        case failed(CallFailure)
        case cancelled
        case late
    }

    private struct State {
        var life = TokenLife()
        var waits: [Int: Wait<News>] = [:]
        var lastWait = 0
        var renewal: Task<Void, Never>?
    }

    private let alarms: Alarms
    private let fetch: @Sendable () async -> Result<Grant, CallFailure>
    private let state = Mutex(State())

    /// - Parameter fetch: asks the API for a token; ends by itself, whoever waits for it.
    init(alarms: Alarms, fetch: @escaping @Sendable () async -> Result<Grant, CallFailure>) {
        self.alarms = alarms
        self.fetch = fetch
    }

    /// A token that is good now; waits for it where there is none.
    func token(before deadline: Duration) async throws(CallFailure) -> AccessToken {
        while true {
            // Advice and waiting are one step: news between them would be missed.
            let (advice, entry) = state.withLock { state -> (TokenLife.Advice, (Int, Wait<News>)?) in
                let advice = state.life.need(at: alarms.clock.now)
                switch advice {
                case .wait, .renewAndWait:
                    let wait = Wait<News>()
                    state.lastWait += 1
                    state.waits[state.lastWait] = wait
                    return (advice, (state.lastWait, wait))
                default: return (advice, nil)
                }
            }
            switch advice {
            case .use(let token): return token
            case .useAndRenew(let token):
                renew()
                return token
            case .fail(let failure): throw failure
            case .renewAndWait: renew()
            case .wait: break
            }
            guard let (id, wait) = entry else { continue }
            let alarm = alarms.set(at: deadline) { wait.settle(.late) }
            let news = await withTaskCancellationHandler {
                await wait.value()
            } onCancel: {
                wait.settle(.cancelled)
            }
            alarms.cancel(alarm)
            state.withLock { _ = $0.waits.removeValue(forKey: id) }
            switch news {
            case .renewed: continue
            case .failed(let failure): throw failure
            case .cancelled: throw .stopped
            case .late:
                throw CallFailure(
                    .unreachable, code: "call_timeout", "no access token came in the time the call may take; nothing was sent",
                    hint: "run again later")
            }
        }
    }

    func usable() -> AccessToken? { state.withLock { $0.life.usable(at: alarms.clock.now) } }

    func rejected(_ token: AccessToken) { state.withLock { $0.life.rejected(token) } }

    /// Stops a renewal under way.
    func shutdown() { state.withLock { $0.renewal?.cancel() } }

    /// Runs apart from the caller's task: its cancellation must not take the token from the others.
    private func renew() {
        let task = Task.detached { [self] in
            let start = alarms.clock.now
            let result = await fetch()
            let waits = state.withLock { state in
                switch result {
                case .success(let grant):
                    _ = state.life.renewed(grant.authorization, lifetime: grant.lifetime, requestedAt: start)
                case .failure(let failure): state.life.renewalFailed(failure, at: alarms.clock.now)
                }
                state.renewal = nil
                defer { state.waits = [:] }
                return state.waits.values
            }
            for wait in waits {
                switch result {
                case .success: wait.settle(.renewed)
                case .failure(let failure): wait.settle(.failed(failure))
                }
            }
        }
        state.withLock { if $0.life.isBusy { $0.renewal = task } }
    }
}
