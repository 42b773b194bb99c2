import ConomyAPI
import ConomySimulator
import ExactJSON

/// One thing that happens to a bank.
enum Step: Sendable, CustomStringConvertible {
    case call(Call)
    case advance(seconds: Int)
    case deposit(rail: String, amount: Money, code: String?, originator: JSON?, reference: String?)
    /// A rail breaks.
    case fail(payment: String)

    /// Lets it happen in memory.
    func happen(to simulator: Simulator) -> Outcome {
        switch self {
        case .call(let call): return Outcome(answer: simulator.answer(call))
        case .advance(let seconds):
            simulator.advance(by: .seconds(seconds))
            return Outcome()
        case .deposit(let rail, let amount, let code, let originator, let reference):
            return Outcome(
                payment: simulator.deposit(rail: rail, amount: amount, code: code, originator: originator, reference: reference))
        case .fail(let id): return Outcome(payment: simulator.fail(payment: id) ? id : nil)
        }
    }

    var description: String {
        switch self {
        case .call(let call): "\(call.operation.method.rawValue) \(call.target) \(call.body?.text() ?? "")"
        case .advance(let seconds): "advance by \(seconds) s"
        case .deposit(let rail, let amount, let code, let originator, let reference):
            "deposit \(amount) over \(rail), code \(code ?? "none"), from \(originator?.text() ?? "nobody"), \(reference ?? "")"
        case .fail(let id): "fail payment \(id)"
        }
    }
}

/// What came of a step.
struct Outcome: Sendable, CustomStringConvertible {
    /// Of a call.
    var answer: Answer?
    /// The payment that a deposit made or met, or that failed; nil where nothing happened.
    var payment: String?

    var isRefused: Bool { answer.map { $0.status >= 400 } ?? false }

    var description: String {
        if let answer { return "\(answer.status) \((answer.body?.text() ?? "").prefix(700))" }
        return payment ?? "nothing"
    }
}
