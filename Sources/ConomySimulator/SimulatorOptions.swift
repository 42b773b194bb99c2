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
    /// From RECEIVED to SETTLED. With zero a payment is settled at the next look at the bank.
    public var settlementDelay: Duration = .zero
    /// The same for refunds.
    public var refundSettlementDelay: Duration = .zero
    /// How long a deposit waits to be assigned before it expires and is sent back.
    public var unassignedLife: Duration = .seconds(48 * 3600)
    /// Answer 409 to a second payment with an `externalId` that was used before. The public documents do not say; off by default.
    public var rejectsRepeatedExternalIDs = false
    /// Let `/settlement/transactions` turn CAPTURED payments of the last 24 hours FAILED when the batch lacks or contradicts them.
    public var settlementFailsMissing = false
    /// Units of the second currency for one unit of the first, by product: `["USD:CLP": "945.10"]`. A payment across currencies
    /// that gives only one of its amounts needs one; it is rounded half up.
    public var exchangeRates: [String: String] = [:]
    /// From this total on a payment whose customer is not documented goes to REQUIRES_REVIEW instead of CREATED, by currency code.
    public var reviewThresholds: [String: String] = [:]

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
