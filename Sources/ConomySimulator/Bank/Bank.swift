import ConomyAPI
import ExactJSON

/// The bank itself: all its state, and how each operation changes it. A plain value without locks, I/O and timers; the time
/// is set from outside before each call, so the same calls at the same times always give the same answers.
struct Bank: Sendable {
    let options: SimulatorOptions
    var identifiers: Identifiers
    var clock: SimulatorClock
    /// The instant of the call being answered.
    var now: Timestamp
    var due = DueQueue<BankEvent>(rank: BankEvent.rank)

    var identities = Shelf<Identity>(keys: Bank.keys)
    var accounts = AccountBook()
    var accountsOfIdentity: [String: [String]] = [:]
    var subAccounts: [String: [String]] = [:]
    /// Numbers of the accounts that collect fees, by currency.
    var feeAccounts: [String: String] = [:]
    var payments = PaymentBook()
    var attempts = Shelf<Payment>(keys: Bank.keys)
    var externalIDs: Set<String> = []
    var customers = Shelf<Customer>(keys: Bank.keys)
    var links = Shelf<PaymentLink>(keys: { [$0.token] })
    var sessions = Shelf<CheckoutSession>(keys: { [$0.token] })
    var rules = Shelf<Rule>(keys: Bank.keys)
    /// Brands of organizations, by identity.
    var brands: [String: JSONObject] = [:]
    var tokens = Tokens()
    var ledger: [LedgerEntry] = []
    /// What accounts that were taken in hold for payments that were not, by account number.
    var heldElsewhere: [String: Money] = [:]
    /// Accounts that are there for the payments that name them alone.
    var hiddenAccounts: Set<String> = []
    var webhooks = WebhookBook()
    /// What goes wrong with events on purpose.
    var eventFaults: FaultPlan

    init(options: SimulatorOptions, clock: SimulatorClock) {
        self.options = options
        self.clock = clock
        identifiers = Identifiers(seed: options.seed)
        eventFaults = FaultPlan(seed: options.seed)
        now = clock.now
    }

    /// An id nothing has: a world may bring ids that the seed would give out too.
    mutating func newID() -> String {
        while true {
            let id = identifiers.id()
            let isTaken =
                payments.position(id) != nil || accounts[id: id] != nil || identities[id] != nil || customers[id] != nil
                || links[id] != nil
                || sessions[id] != nil || attempts[id] != nil || rules[id] != nil
            if !isTaken { return id }
        }
    }

    /// Takes the time and lets everything happen that has become due.
    mutating func look() {
        now = clock.now
        let instant = now
        while let (time, event) = due.next(at: instant) {
            // It happened when it was due, not when somebody looked.
            now = time
            switch event {
            case .settle(let payment, let number): if payments.number(payment) == number { settle(payment) }
            case .expire(let payment, let number): if payments.number(payment) == number { expire(payment) }
            case .expireLink(let id): expireLink(id)
            case .expireSession(let id): expireSession(id)
            }
        }
        now = instant
    }

    mutating func planSettling(_ position: Int, at time: Timestamp) {
        due.plan(.settle(payment: position, number: payments.number(position)), at: time)
    }

    mutating func planExpiry(_ position: Int, at time: Timestamp) {
        due.plan(.expire(payment: position, number: payments.number(position)), at: time)
    }

    /// Answers a call. A refusal is an answer too, and leaves everything as it was.
    mutating func perform(_ call: Call) -> Answer {
        look()
        do throws(Refusal) {
            guard let handled = Handled(rawValue: call.operation.id) else {
                throw Refusal(.unimplemented, "\(call.operation.name) is not part of this simulator")
            }
            // While brands are off nothing about them is judged.
            if handled.isAboutBrands { _ = try organization(call) }
            try ArgumentCheck.check(call)
            return try perform(handled, call)
        } catch {
            return error.answer(traceID: identifiers.uuid())
        }
    }
}
