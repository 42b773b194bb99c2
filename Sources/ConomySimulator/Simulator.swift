public import ConomyAPI
public import ExactJSON
import Synchronization

/// The contract as a living bank, in memory: accounts hold and release money, payments follow their lifecycle, refunds respect
/// what is left, and every movement stands in a ledger.
///
/// Calls are answered one after the other; any number of tasks may call. Nothing happens between calls: what has become due
/// (settlement, expiry) happens at the next look, at the time it was due.
///
/// Calls in memory are those of the first tenant; `tenant` performs those of another one.
public final class Simulator: Performer, Sendable {
    private let platform: Mutex<Platform>
    /// Rung when something may have become due: for whoever delivers events.
    let bell = Bell()

    /// Opens a bank.
    /// - Throws: `WorldError`, which names the place in the world that does not fit.
    public init(world: World = .starter, options: SimulatorOptions = .init()) throws(WorldError) {
        platform = Mutex(try Platform(world: world, options: options))
    }

    private init(_ platform: Platform) { self.platform = Mutex(platform) }

    /// Answers a call. Calls in memory need no token.
    /// - Throws: `CallFailure` where a fault was ordered for it that leaves no answer; a refusal is an answer with its status.
    public func perform(_ call: Call) async throws(CallFailure) -> Answer { try perform(call, tenant: 0) }

    /// The same without faults, for callers that cannot wait.
    public func answer(_ call: Call) -> Answer { answer(call, tenant: 0) }

    func answer(_ call: Call, tenant: Int) -> Answer { withBank(tenant) { $0.perform(call) } }

    /// Performs calls of one tenant; nil where there is no such tenant.
    public func tenant(_ clientID: String) -> (any Performer)? {
        withPlatform { $0.tenant(clientID: clientID) }.map { TenantPerformer(simulator: self, tenant: $0) }
    }

    /// Runs `body` alone with the whole state.
    func withPlatform<Result: Sendable>(_ body: (inout Platform) -> Result) -> Result {
        let (result, hasEvents) = platform.withLock { platform in (body(&platform), platform.hasReceiver) }
        if hasEvents { bell.ring() }
        return result
    }

    /// The same without ringing the bell, for whoever listens to it.
    func withPlatformQuietly<Result: Sendable>(_ body: (inout Platform) -> Result) -> Result {
        platform.withLock { body(&$0) }
    }

    /// Runs `body` alone with the bank of a tenant.
    func withBank<Result: Sendable>(_ tenant: Int = 0, _ body: (inout Bank) -> Result) -> Result {
        withPlatform { $0.withBank(tenant, body) }
    }

    /// An independent simulator in the same state. Cheap: storage is shared until one of them changes it.
    public func copy() -> Simulator { Simulator(platform.withLock { $0 }) }

    /// The state as a world that opens the same bank again. What is due has happened in it.
    public func snapshot() -> World { withPlatform { $0.snapshot() } }

    /// Every movement of money of the first tenant so far, oldest first. What is due has happened in it.
    public var ledger: [LedgerEntry] { ledger(tenant: 0) }

    func ledger(tenant: Int) -> [LedgerEntry] {
        withBank(tenant) { bank in
            bank.look()
            return bank.ledger
        }
    }

    // Time

    /// The simulator's time.
    public var now: Timestamp { withPlatform { $0.clock.now } }

    /// Moves the clock to an instant; what became due until then happens. Moving back is allowed and undoes nothing.
    /// - Returns: false, and nothing is done, where the clock is the machine's.
    @discardableResult
    public func setClock(_ instant: Timestamp) -> Bool {
        withPlatform { platform in
            guard case .manual = platform.clock else { return false }
            platform.clock = .manual(instant)
            return true
        }
    }

    /// Moves the clock forward. A clock of the machine stands still from its present time on and moves from there.
    public func advance(by duration: Duration) {
        withPlatform { $0.clock = .manual($0.clock.now.adding(milliseconds: duration.milliseconds)) }
    }

    // What goes wrong

    /// Orders faults, after those that were ordered before.
    public func order(_ faults: [Fault]) { withPlatform { $0.order(faults) } }

    /// Takes all faults back.
    public func removeFaults() { withPlatform { $0.removeFaults() } }

    /// Ends every access token, as if their time had passed.
    public func expireTokens() {
        withPlatform { platform in
            for tenant in platform.banks.indices { platform.withBank(tenant) { $0.tokens.expireAll(at: $0.clock.now) } }
        }
    }

    /// Lets a payment fail, as a rail does when it breaks: what it held is free again.
    /// - Returns: false, and nothing is done, when there is no such payment or it has ended.
    @discardableResult
    public func fail(payment id: String) -> Bool { fail(payment: id, tenant: 0) }

    func fail(payment id: String, tenant: Int) -> Bool {
        withBank(tenant) { bank in
            bank.look()
            guard let position = bank.payments.position(id), !bank.payments[position].state.isTerminal else { return false }
            bank.end(position, .failed)
            return true
        }
    }

    // What comes from outside

    /// Money arrives from outside over a push rail (`CVU`, `PIX`).
    /// - Parameters:
    ///   - code: the code a waiting payment was given; without one, or where it fits no payment of this amount, the deposit
    ///     waits to be assigned and expires after `SimulatorOptions.unassignedLife`.
    ///   - originator: the contract's `Originator`; its `documentNumber` finds or makes the customer.
    ///   - reference: the provider's; a transfer that comes again under its reference is the payment it was.
    /// - Returns: the payment's id, or nil when `rail` is no push rail, does not carry the currency, or carries no amount so small
    ///   (or so large): such money never becomes a payment.
    public func deposit(rail: String, amount: Money, code: String? = nil, originator: JSON? = nil, reference: String? = nil)
        -> String?
    {
        deposit(rail: rail, amount: amount, code: code, originator: originator, reference: reference, tenant: 0)
    }

    func deposit(rail: String, amount: Money, code: String?, originator: JSON?, reference: String?, tenant: Int) -> String? {
        guard let rail = Rail.push(rail, amount.currency), amount.minorUnits > 0 else { return nil }
        let known = originator.flatMap { $0.isNull ? JSON?.none : $0 }
        return withBank(tenant) {
            $0.deposit(rail: rail, amount: amount, code: code, originator: known, reference: reference)
        }
    }

    // Events

    /// Where the first tenant's events go from now on; nil sends none.
    public func setWebhook(_ endpoint: WebhookEndpoint?) { withBank { $0.webhooks.endpoint = endpoint } }

    /// The first tenant's events, oldest first, and how their delivery went.
    public var deliveries: [WebhookDelivery] { withBank { $0.webhooks.deliveries } }

    /// The operations of the contract that answer 501 here.
    public static let unimplementedOperations: [String] = Catalogue.conomy.operations.filter { Handled(rawValue: $0.id) == nil }
        .map(\.name)
}

/// Calls of one tenant.
private struct TenantPerformer: Performer {
    let simulator: Simulator
    let tenant: Int

    func perform(_ call: Call) async throws(CallFailure) -> Answer { try simulator.perform(call, tenant: tenant) }
}
