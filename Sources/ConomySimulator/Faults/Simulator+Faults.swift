import ConomyAPI
import ExactJSON

/// Faults as they look to a caller in memory: what a client over HTTP would make of them. Nothing waits here; a delay is none.
extension Simulator {
    func perform(_ call: Call, tenant: Int) throws(CallFailure) -> Answer {
        guard let fault = withPlatform({ $0.faults.meet(call.operation.name) }) else { return answer(call, tenant: tenant) }
        switch fault.kind {
        case .delay, .slow: return answer(call, tenant: tenant)
        case .status:
            if fault.isAfter { _ = answer(call, tenant: tenant) }
            return withBank(tenant) { fault.refusal(traceID: $0.identifiers.uuid()) }
        case .expireToken:
            return withBank(tenant) {
                Refusal(.unauthorized, "the access token has expired").answer(traceID: $0.identifiers.uuid())
            }
        case .refuse: throw CallFailure(.unreachable, code: "connection_failed", fault.story(call.operation.name))
        case .rubbish where fault.patch != nil:
            let answer = fault.isAfter ? answer(call, tenant: tenant) : Answer(status: 200, body: nil)
            return Answer(status: fault.status ?? answer.status, body: fault.patch.flatMap { merged(answer.body, $0) })
        case .close, .reset, .stall, .truncate, .rubbish, .duplicate, .postpone:
            if fault.isAfter || fault.kind == .truncate { _ = answer(call, tenant: tenant) }
            throw CallFailure(.inDoubt, code: fault.failureCode, fault.story(call.operation.name))
        }
    }
}

extension Fault {
    /// What an ordered answer says: the code that was named, or the one that the API has for the status.
    func refusal(traceID: String) -> Answer {
        let status = status ?? code?.status ?? 503
        let fitting = APIErrorCode.allCases.first { $0.status == status } ?? (status >= 500 ? .serverError : .unknown)
        return Refusal(code ?? fitting, "a fault was ordered here: \(status)").answer(traceID: traceID, status: status)
    }

    fileprivate var failureCode: String {
        switch kind {
        case .stall: "timeout"
        case .truncate, .rubbish: "rubbish_answer"
        default: "connection_lost"
        }
    }

    fileprivate func story(_ operation: String) -> String {
        let what =
            switch kind {
            case .refuse: "the connection was refused"
            case .stall: "no answer came"
            case .truncate, .rubbish: "an unreadable answer came"
            default: "the connection was lost"
            }
        return "\(operation): \(what); the simulator was told to do so"
    }
}
