import BursarJournal
import ConomyAPI
import ConomySimulator
import ExactJSON
import Logging
import Synchronization
import Testing

@testable import BursarEngine

/// A bank in memory whose answers get lost on the way, as ordered; and a count of what reached it.
final class LossyTarget: Performer {
    enum Loss: Sendable {
        /// The bank acted, and its answer was lost.
        case after
        /// The call was lost, and nobody knows that.
        case before
        /// The call arrives just before the next write does.
        case late
        /// The answer names another object. `acts`: whether the bank acted.
        case misnamed(String, acts: Bool)
    }

    private struct State {
        var writes: [String] = []
        var reads = 0
        /// What happens to the next writes, in their order.
        var losses: [Loss?] = []
        var readsFail = false
        var onItsWay: Call?
    }

    let bank: Simulator
    private let state = Mutex(State())

    init(_ bank: Simulator) { self.bank = bank }

    func lose(_ losses: Loss?...) { state.withLock { $0.losses = losses } }
    func failReads(_ fail: Bool) { state.withLock { $0.readsFail = fail } }
    var writes: [String] { state.withLock { $0.writes } }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        if call.operation.effect == .read {
            let fails = state.withLock { state in
                state.reads += 1
                return state.readsFail
            }
            if fails { throw CallFailure(.unreachable, code: "connection_lost", "the read had no answer") }
            return bank.answer(call)
        }
        let (loss, late) = state.withLock { state -> (Loss?, Call?) in
            state.writes.append(call.operation.name)
            let loss = state.losses.isEmpty ? nil : state.losses.removeFirst()
            defer { state.onItsWay = if case .late? = loss { call } else { nil } }
            return (loss, state.onItsWay)
        }
        if let late { _ = bank.answer(late) }
        if let stop = await call.departure?() { throw stop }
        switch loss {
        case nil: return bank.answer(call)
        case .misnamed(let id, let acts)?:
            var body = (acts ? bank.answer(call).body?.object : nil) ?? ["status": "RECEIVED"]
            body["refundId"] = .string(id)
            return Answer(status: 201, body: .object(body))
        case .after?: _ = bank.answer(call)
        case .before?, .late?: break
        }
        throw CallFailure(.inDoubt, code: "connection_lost", "the answer was lost")
    }
}

/// A journal, a bank that loses answers, and runs of one job between them.
struct KeptDesk {
    let journal: Journal
    let target: LossyTarget
    /// Payments that can be refunded, 100.00 ARS each.
    let payments: [String]
    var options: RunOptions

    init(payments count: Int = 3) throws {
        var simulatorOptions = SimulatorOptions(seed: 5)
        simulatorOptions.clock = .manual(Timestamp(millisecondsSince1970: 1_780_000_000_000))
        let bank = try Simulator(world: .starter, options: simulatorOptions)
        var ids: [String] = []
        for _ in 0..<count {
            let node: JSON = ["type": "ACCOUNT", "currency": "ARS", "account": ["accountNumber": "100000000000000000002"]]
            let created = bank.answer(
                try KeptDesk.call(
                    "payments.create",
                    body: [
                        "type": "TOPUP_ACCOUNT", "product": "ARS:ARS", "purchaseAmount": "100.00", "purchaseCurrency": "ARS",
                        "origins": [["type": "CVU", "currency": "ARS", "cvu": [:]]], "destinations": [node],
                    ]))
            let id = try #require(created.body?["id"]?.string)
            _ = bank.answer(try KeptDesk.call("payments.capture", id))
            _ = bank.answer(try KeptDesk.call("payments.simulate_received", body: ["id": .string(id)]))
            ids.append(id)
        }
        payments = ids
        target = LossyTarget(bank)
        journal = try Journal()
        var environment = try TargetEnvironment(named: "local", in: Configuration())
        environment.settling = .zero
        options = RunOptions(target: environment, workingFolder: "/", seed: 1)
    }

    static func call(_ name: String, _ id: String? = nil, body: JSON? = nil, money: [String: Money] = [:]) throws -> Call {
        let operation = try #require(Catalogue.conomy[name])
        let path = id.flatMap { id in operation.pathParameters.first.map { [$0.name: id] } } ?? [:]
        return Call(operation, pathParameters: path, body: body, money: money)
    }

    /// A refund of one of the payments as the row of a loop asks for it.
    func refund(_ number: Int, _ amount: String = "10.00", reason: String? = nil) throws -> Call {
        var body: JSONObject = ["amount": .string(amount)]
        body["reason"] = reason.map(JSON.string)
        let money = ["amount": try Money(amount, Currency("ARS"))]
        var call = try KeptDesk.call("payments.refund", payments[number], body: .object(body), money: money)
        call.key = "refunds/\(payments[number])/payments.refund#1"
        call.row = "refunds/\(payments[number])"
        call.location = "refund.lua:11"
        return call
    }

    /// One run of a job: its part of the chain that records.
    func run(_ name: String = "refunds", _ change: (inout RunOptions) -> Void = { _ in }) async throws -> (
        EffectKeeper, JobKeeper
    ) {
        var options = options
        change(&options)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let script = ScriptFile(name: "refund.lua", source: "job {}", folder: "/")
        let keeper = JobKeeper(journal: journal, script: script, options: options, target: "t", logger: logger)
        guard case .opened = try await keeper.open(name: name, arguments: [:], files: [], isReadOnly: false) else {
            throw AlreadyDone()
        }
        let doubts = DoubtResolver(reads: ReadOnly(target), options: options, now: journal.clock.now, logger: logger)
        return (
            EffectKeeper(
                next: target, keeper: keeper, doubts: doubts, options: options,
                limits: SumKeeper(policy: options.target.policy, account: "bank", now: options.clock)), keeper
        )
    }

    /// Ends a run without finishing its job.
    func end(_ keeper: JobKeeper) async throws {
        try await keeper.job?.end(state: "failed", exitCode: 6, report: "{}", finishesJob: false)
    }

    /// How much was refunded of a payment, by the bank's word.
    func refunded(_ number: Int) throws -> Int {
        let answer = target.bank.answer(try KeptDesk.call("payments.refund_summary", payments[number]))
        return answer.body?["refunds"]?.array?.count ?? -1
    }

    struct AlreadyDone: Error {}
}
