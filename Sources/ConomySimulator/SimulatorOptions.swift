import ConomyAPI

/// How a simulator behaves where the contract leaves it open.
public struct SimulatorOptions: Sendable {
    /// What `/auth` and the header `x-api-key` must carry.
    public struct Credentials: Sendable, Hashable {
        /// The client id is also the tenant: unassigned deposits and customers belong to it.
        public var clientID: String
        public var clientSecret: String
        public var apiKey: String

        public init(clientID: String, clientSecret: String, apiKey: String) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.apiKey = apiKey
        }
    }

    /// The well-known credentials of a simulator that was given none. They open nothing else.
    public static let localCredentials = Credentials(clientID: "local-client", clientSecret: "local-secret", apiKey: "local-key")

    /// The well-known secret that events are signed with where a simulator was given an address for them and no secret.
    public static let localWebhookSecret = "local-webhook-secret"

    /// Ids, account numbers, tokens and traces are drawn from it: the same seed and the same calls give the same ones.
    public var seed: UInt64 = 1
    /// Nil takes the world's clock, and the machine's where the world has none.
    public var clock: SimulatorClock?
    public var credentials = localCredentials
    /// What goes wrong on purpose.
    public var faults: [Fault] = []
    /// Write every movement of money down. Balances are the same without; a bank that nobody asks for its ledger stays smaller.
    public var keepsLedger = true

    // What follows can stand in a world's `settings` too, under the names of `Setting.all`. Where a world says something, the
    // world counts; these are for what it leaves open.

    /// From RECEIVED to SETTLED. With zero a payment is settled at the next look at the bank.
    public var settlementDelay: Duration = .zero
    /// The same for refunds.
    public var refundSettlementDelay: Duration = .zero
    /// How long a deposit waits to be assigned before it expires and is sent back.
    public var unassignedLife: Duration = .seconds(48 * 3600)
    /// A deposit this close to its end is shown as urgent.
    public var unassignedUrgency: Duration = .seconds(6 * 3600)
    /// How long the rate of a payment across currencies is good: uncaptured after that it expires. Nil for ever.
    public var quoteLife: Duration?
    /// How long an access token lives.
    public var tokenLife: Duration = .seconds(3600)
    /// Answer 409 to a second payment with an `externalId` that was used before. The public documents do not say; off by default.
    public var rejectsRepeatedExternalIDs = false
    /// Let `/settlement/transactions` turn CAPTURED payments of the last 24 hours FAILED when the batch lacks or contradicts them.
    public var settlementFailsMissing = false
    /// Let the brand operations work; while it is off they answer 404.
    public var brandPersistence = false
    /// Units of the second currency for one unit of the first, by product: `["USD:CLP": "945.10"]`. A payment across currencies
    /// that gives only one of its amounts needs one; it is rounded half up.
    public var exchangeRates: [String: String] = [:]
    /// From this total on a payment whose customer is not documented goes to REQUIRES_REVIEW instead of CREATED, by currency code.
    public var reviewThresholds: [String: String] = [:]
    /// Payments that pass all conditions of one of these filters go to REQUIRES_REVIEW too, unless the customer is documented.
    public var reviewRules: [RuleFilter] = []
    /// The least a rail carries, by rail and currency: `["CVU:ARS": "500.00"]`. A deposit below it never becomes a payment, and a
    /// payment below it is refused.
    public var minimums: [String: String] = [:]
    /// What the customers of a level may move, by level and currency code. Levels and currencies that are not named have no limit.
    public var tierLimits: [String: [String: TierLimit]] = [:]
    /// How far a deposit may be from the expected amount and still be PAID, by currency code.
    public var assignTolerances: [String: String] = [:]

    /// The most a customer may move in one currency.
    public struct TierLimit: Sendable, Hashable {
        /// In one payment; nil for any amount.
        public var single: String?
        /// In all payments of the last so many hours together.
        public var windows: [Window]

        public struct Window: Sendable, Hashable {
            public var hours: Int
            public var amount: String

            public init(hours: Int, amount: String) {
                self.hours = hours
                self.amount = amount
            }
        }

        public init(single: String? = nil, windows: [Window] = []) {
            self.single = single
            self.windows = windows
        }
    }

    public init(
        seed: UInt64 = 1, clock: SimulatorClock? = nil, credentials: Credentials = localCredentials,
        settlementDelay: Duration = .zero, refundSettlementDelay: Duration = .zero
    ) {
        self.seed = seed
        self.clock = clock
        self.credentials = credentials
        self.settlementDelay = settlementDelay
        self.refundSettlementDelay = refundSettlementDelay
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
