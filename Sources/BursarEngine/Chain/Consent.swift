public import BursarGate

/// Asks, once in a run and before its first effect, whether there may be any.
public actor Consent {
    private let ask: @Sendable () async -> Gate.Refusal?
    private var answer: Task<Gate.Refusal?, Never>?

    /// - Parameter ask: answers with nil to let effects happen; a refusal ends the run.
    public init(_ ask: @escaping @Sendable () async -> Gate.Refusal?) { self.ask = ask }

    func refusal() async -> Gate.Refusal? {
        if let answer { return await answer.value }
        let task = Task { [ask] in await ask() }
        answer = task
        return await task.value
    }
}
