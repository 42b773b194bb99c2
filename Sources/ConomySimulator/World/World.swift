public import ConomyAPI
public import ExactJSON

/// The state a bank opens with, as a JSON document of our own form.
///
///     {
///       "clock": "2026-11-15T09:00:00Z",
///       "settings": {"settlementDelaySeconds": 3600, "minimums": {"CVU:ARS": "500.00"}, ...},
///       "identities": [{"id": "...", "type": "ORGANIZATION", "name": "...", ...}],
///       "accounts": [{"id": "...", "identityId": "...", "accountNumber": "...", "currency": "ARS", "balance": "900.00", ...}],
///       "payments": [{"id": "...", "type": "TOPUP_ACCOUNT", "status": "SETTLED", "totalAmount": "150.00", "currency": "ARS", ...},
///                    {"id": "...", "type": "REFUND", "parentPaymentId": "...", ...}],
///       "customers": [...], "paymentLinks": [...], "checkoutSessions": [...], "paymentAttempts": [...], "rules": [...],
///       "ledger": [...], "webhook": {"url": "http://127.0.0.1:9000/", "secretKey": "..."},
///       "tenants": [{"clientId": "...", "clientSecret": "...", "apiKey": "...", "accounts": [...], ...}]
///     }
///
/// Every part may be left out. Objects have the members of the contract's answers; unknown ones of accounts and payments are
/// errors, and others are kept where the contract allows them and ignored elsewhere. What goes beyond the contract:
///
/// - `clock`: the bank's clock stands there until it is moved. Without it the machine's clock counts.
/// - `identifiers`: how far the seed was used up, in snapshots only.
/// - `settings`: how this bank behaves where the contract leaves it open. The world counts: what it says here is so, whatever
///   `SimulatorOptions` says; what it leaves out is as in the options. Delays are whole seconds (`settlementDelaySeconds`,
///   `refundSettlementDelaySeconds`, `unassignedLifeSeconds`, `unassignedUrgencySeconds`, `quoteLifeSeconds`, `tokenLifeSeconds`),
///   switches true or false (`rejectsRepeatedExternalIds`, `settlementFailsMissing`, `brandPersistence`), amounts decimal texts by
///   currency (`reviewThresholds`, `assignTolerances`), by rail and currency (`minimums`) or by level and currency
///   (`"tierLimits": {"BASIC": {"ARS": {"single": "500.00", "windows": [{"hours": 24, "amount": "900.00"}]}}}`); `exchangeRates` is
///   `{"USD:CLP": "945.10"}`; `reviewRules` is a list of filters as rules have them, `[[{"name": "paymentMethod", "value": "SWIFT"}]]`.
/// - An account needs `id`, `identityId`, `accountNumber` and `currency`; it is an ACTIVE, empty CHECKING account unless it says
///   otherwise. `availableFunds` is the balance where it is left out. One that is `deleted` is only there for the payments that
///   name it.
/// - A payment needs `id`, `type`, `status`, `totalAmount` (or `purchaseAmount`), `currency` and `createdAt`. Payments are history:
///   loading them moves no money, and a RECEIVED payment stays as it is. `settlesAt` lets it settle by itself; `holds`
///   (`[{"accountNumber": "...", "amount": "..."}]`) says what it has set aside; `committed` that its money has moved, `arrived` that it came in over a push rail. Where its
///   purchase amount is more than its total, the difference is its fees.
/// - `webhook`: where events go, see `WebhookEndpoint`; `deliveries` is its log, in snapshots only.
/// - `tenants`: further clients of the same simulator, each with its credentials and with parts as above, but for the clock. Nobody
///   sees anything of another tenant.
/// - An identity may carry `permissions`, `feeRules` and `brand`, a customer `documents` and `autoCreated`, a link `expiresAt`.
///
/// `Simulator.snapshot()` writes the same form.
public struct World: Sendable {
    /// The document.
    public let json: JSON
    let tenants: [Tenant]

    /// - Throws: `WorldError` when the document is not an object, or a part of it is not a list. What stands inside is checked
    ///   when a simulator opens with it.
    public init(json: JSON) throws(WorldError) {
        guard let object = json.object else { throw WorldError(path: "", problem: "is \(json.kind) where an object belongs") }
        let parts = World.parts + ["clock", "identifiers", "settings", "webhook"]
        for (key, value) in object.members {
            guard parts.contains(key) else {
                let spot = Spot(value: value, path: key)
                throw spot.wrong(
                    "is not a part of a world; known: \(parts.joined(separator: ", "))", near: key, among: parts)
            }
            if key == "webhook" {
                guard value.object != nil else {
                    throw WorldError(path: key, problem: "is \(value.kind) where an object belongs")
                }
            } else if key == "settings" {
                var options = SimulatorOptions()
                try options.take(value)
            } else if key == "identifiers" {
                guard value.string != nil else { throw WorldError(path: key, problem: "is \(value.kind) where a text belongs") }
            } else if key == "clock" {
                guard let text = value.string, Timestamp(text) != nil else {
                    throw WorldError(path: "clock", problem: "is not a time as 2026-04-17T14:37:44Z")
                }
            } else if value.array == nil {
                throw WorldError(path: key, problem: "is \(value.kind) where a list belongs")
            }
        }
        self.json = json
        tenants = try World.tenants(json)
    }

    /// Reads the text of a world file.
    /// - Throws: `WorldError`.
    public init(parsing bytes: some Sequence<UInt8>) throws(WorldError) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw WorldError(path: "", problem: "is not JSON: \(error)") }
        try self.init(json: json)
    }

    /// Known to be well formed.
    init(parts: JSONObject) {
        json = .object(parts)
        tenants = (try? World.tenants(json)) ?? []
    }

    static let parts = [
        "identities", "accounts", "payments", "customers", "paymentLinks", "checkoutSessions", "paymentAttempts", "rules",
        "ledger", "deliveries", "tenants",
    ]

    func list(_ part: String) -> [JSON] { json[part]?.array ?? [] }
    var settings: JSON { json["settings"] ?? [:] }
    /// Where its clock stands, if it has one.
    public var clock: Timestamp? { json["clock"]?.string.flatMap { Timestamp($0) } }
}

/// A world cannot be opened.
public struct WorldError: Error, Sendable, CustomStringConvertible {
    /// The place in the document, `payments[17].totalAmount`; empty for the document itself. Lists count from 1.
    public let path: String
    /// What is wrong, to be read after the path.
    public let problem: String

    public var description: String { path.isEmpty ? "the world \(problem)" : "the world's \(path) \(problem)" }
}
