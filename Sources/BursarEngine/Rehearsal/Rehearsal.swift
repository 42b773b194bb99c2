import ConomyAPI
import ConomySimulator
import ExactJSON
import Synchronization

/// The bank of a rehearsal: what was read of the target, and what the rehearsal did to it.
///
/// There are two of it. `original` holds what was taken in, as it was read, and nothing is ever done to it; in `own` the rehearsal's
/// effects happen. What differs between them is what the rehearsal changed.
final class Rehearsal: Sendable {
    /// What becomes known of the target's own settings.
    enum Knowledge: Sendable {
        /// A bank of somebody else's, where payers and providers act by themselves.
        case outside
        /// The embedded bank: its settings are at hand, and nobody else acts in it.
        case settings(JSON)
    }

    /// Whom its bank takes all calls for.
    static let clientID = SimulatorOptions.localCredentials.clientID

    let original: Simulator
    let own: Simulator
    let findings = Findings()
    let memory = ObjectMemory()
    let aside: PaymentsAside
    /// True where payers and providers are taken to do their part.
    let hasOthers: Bool
    private let keepsFindings: Bool
    private let seed: UInt64
    private let state: Mutex<State>
    private let adopting = Mutex(())

    private struct State {
        /// What others were taken to do, by payment.
        var arrivals: [String: String] = [:]
        /// How often each assumption was made, in the order they first were.
        var assumptions: [(sentence: String, count: Int)] = []
        var hasChanged = false
        var calls: UInt64 = 0
        var passed: Duration = .zero
    }

    /// - Parameters:
    ///   - start: the target's time. Time goes on from there only as the rehearsal says.
    ///   - seed: the run's; ids of the rehearsal are drawn from it, and are others than those that a bank of this seed draws.
    ///   - keepsFindings: somebody takes what is found of each effect, for a plan.
    ///   - mostPayments: so many are in memory before those that were not needed for long go to disk.
    init(
        start: Timestamp, seed: UInt64, knowing knowledge: Knowledge = .outside, keepsFindings: Bool = true,
        mostPayments: Int = 4096
    ) {
        self.keepsFindings = keepsFindings
        var options = SimulatorOptions(seed: Rehearsal.mixed(seed, "rehearsal"), clock: .manual(start))
        options.brandPersistence = true
        options.keepsLedger = false
        var world: JSONObject = [:]
        switch knowledge {
        case .outside: hasOthers = true
        case .settings(let settings):
            hasOthers = false
            world["settings"] = settings
        }
        let opening: Simulator
        do throws(WorldError) { opening = try Simulator(world: try World(json: .object(world)), options: options) } catch {
            // Settings that the target itself was opened with; and otherwise there is nothing in it that could be wrong.
            preconditionFailure("\(error)")
        }
        original = opening
        own = opening.copy()
        aside = PaymentsAside(original: original, own: own, memory: memory, most: mostPayments)
        self.seed = options.seed
        state = Mutex(State())
    }

    // Time

    /// The rehearsal's time: the start, and what passed since without anybody waiting.
    var now: Timestamp { own.now }

    func advance(by duration: Duration) {
        state.withLock { $0.hasChanged = true }
        own.advance(by: duration)
    }

    // What is taken in

    func adopt(_ part: AdoptedPart, _ object: JSONObject) throws(WorldError) {
        // Both banks take in the same, also where it is read twice, by its id and in a list.
        try adopting.withLock { _ throws(WorldError) in
            // What the rehearsal deleted stays deleted.
            if let id = object["id"]?.string, original.has(part, id) { return }
            try original.adopt(part, object)
            try own.adopt(part, object)
        }
    }

    func adopt(refundsOf id: String, _ summary: JSON) throws(WorldError) {
        try original.adopt(refundsOf: id, summary)
        try own.adopt(refundsOf: id, summary)
    }

    func adopt(permissionsOf id: String, _ permissions: [JSON]) {
        for bank in [original, own] { bank.adopt(permissionsOf: id, permissions) }
    }

    func adopt(brandOf id: String, _ brand: JSONObject) {
        for bank in [original, own] { bank.adopt(brandOf: id, brand) }
    }

    /// Keeps an account for the payments that name it alone.
    func hide(account number: String) { for bank in [original, own] { bank.hide(account: number) } }

    /// True for what the rehearsal itself made.
    func hasMade(_ part: AdoptedPart, _ id: String) -> Bool {
        // An account goes by its number too.
        guard part == .accounts else { return own.has(part, id) && !original.has(part, id) }
        return own.accountNumber(id) != nil && original.accountNumber(id) == nil
    }

    /// False while the rehearsal has done nothing: then the target's lists are right as they are.
    var hasChanged: Bool { state.withLock { $0.hasChanged } }

    // What is done

    /// Lets an effect happen in the rehearsal's bank, and notes what it rested on.
    func perform(_ intake: Intake) -> Answer {
        let call = intake.call
        return state.withLock { state in
            state.calls += 1
            state.hasChanged = true
            let answer = own.answer(call, seed: seed(of: call.key ?? "call \(state.calls)"))
            note(intake, &state)
            return answer
        }
    }

    /// What an effect's ids are drawn from: the same in every rehearsal of this seed.
    func seed(of key: String) -> UInt64 { Rehearsal.mixed(seed, key) }

    /// Notes an effect that does not come to the bank.
    func note(_ intake: Intake) { state.withLock { note(intake, &$0) } }

    private func note(_ intake: Intake, _ state: inout State) {
        var finding = Findings.Finding()
        // What the rehearsal acted on before is no longer as the target has it, and the plan itself will change it.
        finding.facts = intake.facts.filter { !memory.hasActed(on: $0.object) }.map(\.fact)
        finding.assumptions = intake.assumptions
        for object in intake.objects {
            if let arrival = state.arrivals[object], !finding.assumptions.contains(arrival) {
                finding.assumptions.append(arrival)
            }
            memory.act(on: object)
        }
        for sentence in finding.assumptions {
            if let index = state.assumptions.firstIndex(where: { $0.sentence == sentence }) {
                state.assumptions[index].count += 1
            } else if state.assumptions.count < Rehearsal.mostAssumptions {
                state.assumptions.append((sentence, 1))
            }
        }
        if keepsFindings, let key = intake.call.key { findings.note(finding, for: key) }
    }

    /// So many different assumptions are listed.
    private static let mostAssumptions = 200

    /// Payers and providers do their part for a payment.
    func bring(payment id: String, to status: String) {
        guard hasOthers, own.bring(payment: id, to: status) else { return }
        let base = Call.get("payments.get", id).flatMap { original.answer($0).body?["status"]?.string }
        guard base != status else { return }
        state.withLock {
            $0.hasChanged = true
            $0.arrivals["payments/\(id)"] = "the payer and the provider do their part, so that the payment comes to \(status)"
        }
    }

    // What is found

    /// What the rehearsal as a whole found out.
    var report: RehearsalReport {
        let before = Dictionary(original.balances.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        let changes = own.balances.compactMap { now -> RehearsalReport.BalanceChange? in
            let zero = Money.zero(now.balance.currency)
            let change = RehearsalReport.BalanceChange(
                account: now.number, currency: now.balance.currency,
                balance: now.balance.minorUnits - (before[now.number]?.balance ?? zero).minorUnits,
                available: now.available.minorUnits - (before[now.number]?.available ?? zero).minorUnits)
            return change.balance == 0 && change.available == 0 ? nil : change
        }
        return RehearsalReport(
            assumptions: state.withLock { $0.assumptions }, balances: changes.sorted { $0.account < $1.account })
    }

    /// FNV-1a over the text, from the seed on.
    private static func mixed(_ seed: UInt64, _ text: String) -> UInt64 {
        text.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}

extension Call {
    /// A read of one object by its id; nil where the contract has no such read.
    static func get(_ name: String, _ id: String) -> Call? {
        guard let operation = Catalogue.conomy[name], operation.effect == .read, let parameter = operation.pathParameters.first
        else { return nil }
        return Call(operation, pathParameters: [parameter.name: id])
    }
}
