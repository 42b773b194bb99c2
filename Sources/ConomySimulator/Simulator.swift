public import ConomyAPI
public import ExactJSON
import Synchronization

/// The contract as a living bank, in memory: accounts hold and release money, payments follow their lifecycle, refunds respect
/// what is left, and every movement stands in a ledger.
///
/// Calls are answered one after the other; any number of tasks may call. Nothing happens between calls: what has become due
/// (settlement, expiry) happens at the next look, at the time it was due.
public final class Simulator: Performer, Sendable {
    private let bank: Mutex<Bank>

    /// Opens a bank.
    /// - Throws: `WorldError`, which names the place in the world that does not fit.
    public init(world: World = .starter, options: SimulatorOptions = .init()) throws(WorldError) {
        bank = Mutex(try Bank(world: world, options: options))
    }

    private init(_ bank: Bank) { self.bank = Mutex(bank) }

    /// Answers a call. Calls in memory need no token.
    /// - Throws: never; a refusal is an answer with its status.
    public func perform(_ call: Call) async throws(CallFailure) -> Answer { answer(call) }

    /// The same, for callers that cannot wait.
    public func answer(_ call: Call) -> Answer { bank.withLock { $0.perform(call) } }

    /// Runs `body` alone with the bank.
    func withBank<Result: Sendable>(_ body: (inout Bank) -> Result) -> Result { bank.withLock { body(&$0) } }

    /// An independent bank in the same state. Cheap: storage is shared until one of them changes it.
    public func copy() -> Simulator { Simulator(bank.withLock { $0 }) }

    /// The state as a world that opens the same bank again. What is due has happened in it.
    public func snapshot() -> World {
        bank.withLock { bank in
            bank.look()
            return bank.world
        }
    }

    /// Every movement of money so far, oldest first. What is due has happened in it.
    public var ledger: [LedgerEntry] {
        bank.withLock { bank in
            bank.look()
            return bank.ledger
        }
    }

    /// The bank's time.
    public var now: Timestamp { bank.withLock { $0.clock.now } }

    /// Moves the clock to an instant; what became due until then happens. Moving back is allowed and undoes nothing.
    /// - Returns: false, and nothing is done, where the clock is the machine's.
    @discardableResult
    public func setClock(_ instant: Timestamp) -> Bool {
        bank.withLock { bank in
            guard case .manual = bank.clock else { return false }
            bank.clock = .manual(instant)
            bank.look()
            return true
        }
    }

    /// Moves the clock forward. A clock of the machine stands still from its present time on and moves from there.
    public func advance(by duration: Duration) {
        bank.withLock { bank in
            bank.clock = .manual(bank.clock.now.adding(milliseconds: duration.milliseconds))
            bank.look()
        }
    }

    /// Ends every access token, as if their time had passed.
    public func expireTokens() { bank.withLock { $0.tokens.expireAll(at: $0.clock.now) } }

    /// Lets a payment fail, as a rail does when it breaks: what it held is free again.
    /// - Returns: false, and nothing is done, when there is no such payment or it has ended.
    @discardableResult
    public func fail(payment id: String) -> Bool {
        bank.withLock { bank in
            bank.look()
            guard let position = bank.payments.position(id), !bank.payments[position].state.isTerminal else { return false }
            bank.end(position, .failed)
            return true
        }
    }

    /// Money arrives from outside over a push rail (`CVU`, `PIX`).
    /// - Parameters:
    ///   - code: the code a waiting payment was given; without one, or where it fits no payment of this amount, the deposit
    ///     waits to be assigned and expires after `SimulatorOptions.unassignedLife`.
    ///   - originator: the contract's `Originator`; its `documentNumber` finds or makes the customer.
    /// - Returns: the payment's id, or nil when `rail` is no push rail, does not carry the currency, or the amount is zero or too large.
    public func deposit(rail: String, amount: Money, code: String? = nil, originator: JSON? = nil, reference: String? = nil)
        -> String?
    {
        guard let rail = Rail.named(rail), rail.isPush, rail.currencies.contains(amount.currency.code), amount.minorUnits > 0,
            amount.minorUnits <= Bounds.mostUnits
        else { return nil }
        return bank.withLock { $0.deposit(rail: rail, amount: amount, code: code, originator: originator, reference: reference) }
    }

    /// The operations of the contract that answer 501 here.
    public static let unimplementedOperations: [String] = Catalogue.conomy.operations.filter { Handled(rawValue: $0.id) == nil }
        .map(\.name)
}
