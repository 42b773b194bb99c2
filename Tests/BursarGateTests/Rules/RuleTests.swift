import BursarGate
import ConomyAPI
import ExactJSON
import Foundation
import Testing

/// Each rule of a policy as a table: a call, and the word of the rule that refuses it.
@Suite("The rules of a policy")
struct RuleTests {
    /// `payments.refund` of a money value, as scripts give it.
    static func refund(_ amount: String, _ currency: String) throws -> Call {
        let operation = try #require(Catalogue.conomy["payments.refund"])
        return try Call(
            binding: operation, ["65b0a1000000000000000201", ["amount": ["$money": [.string(amount), .string(currency)]]]])
    }

    /// A payout to one node.
    static func payout(_ destination: JSON, type: String = "WITHDRAWAL_ACCOUNT", amount: JSON = ["$money": ["10.00", "ARS"]])
        throws
        -> Call
    {
        let operation = try #require(Catalogue.conomy["payments.create"])
        return Call(
            operation,
            body: [
                "type": .string(type), "purchaseAmount": "10.00", "purchaseCurrency": "ARS", "destinations": [destination],
            ])
    }

    static func limits(_ amounts: (String, String)...) throws -> MoneyLimits {
        MoneyLimits(try amounts.map { try Money($0.0, Currency($0.1)) })
    }

    func call(_ name: String) throws -> Call { Call(try #require(Catalogue.conomy[name])) }

    @Test(
        "operations: allowed effects, forbidden operations",
        arguments: [
            (["payments.refund"], [], "payments.refund", false), (["payments.refund"], [], "payments.capture", true),
            (["payments.*"], [], "payments.capture", false), (["payments.*"], [], "payment_links.create", true),
            (["payments.*"], ["payments.capture"], "payments.capture", true),
            (["payments.refund"], [], "payments.list", false), ([], [], "payments.refund", true),
            (nil, ["customers.*"], "customers.list", true), (nil, ["customers.*"], "payments.refund", false),
        ] as [([String]?, [String], String, Bool)])
    func operations(allowed: [String]?, forbidden: [String], name: String, isRefused: Bool) throws {
        let refusal = try Operations(allowed: allowed, forbidden: forbidden).refusal(of: call(name))
        #expect(refusal?.rule == (isRefused ? "operations" : nil))
    }

    @Test(
        "most_per_effect: to the last unit, and no currency that is not named",
        arguments: [
            ("100.00", "ARS", false), ("100.01", "ARS", true), ("0.01", "USD", true), ("5000", "CLP", false),
            ("5001", "CLP", true),
            ("99999999999999999999", "ARS", true),
        ])
    func mostPerEffect(amount: String, currency: String, isRefused: Bool) throws {
        let rule = MostPerEffect(try RuleTests.limits(("100.00", "ARS"), ("5000", "CLP")))
        #expect(try rule.refusal(of: RuleTests.refund(amount, currency))?.rule == (isRefused ? "most_per_effect" : nil))
        #expect(try rule.refusal(of: call("customers.create")) == nil)
        #expect(try rule.refusal(of: call("payments.get")) == nil)
    }

    @Test("what a read found out counts where the request says nothing")
    func found() throws {
        let rule = MostPerEffect(try RuleTests.limits(("100.00", "ARS")))
        var capture = try call("payments.capture")
        #expect(AmountKnown().refusal(of: capture)?.rule == "amount_unknown")
        capture.moved = [try Money("100.01", Currency("ARS"))]
        #expect(AmountKnown().refusal(of: capture) == nil)
        #expect(rule.refusal(of: capture)?.rule == "most_per_effect")
    }

    @Test("a summed currency that is not named is not moved")
    func summed() throws {
        let rule = SummedCurrencies("most_per_day", try RuleTests.limits(("100.00", "ARS")))
        #expect(try rule.refusal(of: RuleTests.refund("1.00", "USD"))?.rule == "most_per_day")
        #expect(try rule.refusal(of: RuleTests.refund("1000.00", "ARS")) == nil)
    }

    @Test(
        "destinations: accounts here, accounts elsewhere by their number, and nothing that cannot be compared",
        arguments: [
            (["type": "ACCOUNT", "account": ["accountNumber": "100"]], false),
            (["type": "ACCOUNT", "account": ["accountNumber": "101"]], true),
            (["type": "ACCOUNT", "account": ["identityId": "65b0a1000000000000000201"]], true),
            (["type": "BANK_ACCOUNT", "bank": ["accountNumber": "0001 2345"]], false),
            (["type": "BANK_ACCOUNT", "bank": ["accountNumber": "00012345"]], false),
            (["type": "BANK_ACCOUNT", "bank": ["accountNumber": "100"]], true),
            (["type": "SPEI", "spei": ["clabe": "002010077777777771", "customer": ["firstName": "Ana"]]], false),
            (["type": "SPEI", "spei": ["clabe": "002010077777777772"]], true),
            (["type": "CVU", "cvu": ["code": "0000003100010000000001"]], true),
            (["type": "PIX", "pix": ["customer": ["documentNumber": "12345678909"]]], true),
            (["type": "ACH", "ach": ["routingNumber": "1", "bank": ["accountNumber": "666"]]], true),
            (["type": "SEPA", "sepa": ["iban": "DE89370400440532013000"]], false),
        ] as [(JSON, Bool)])
    func destinations(node: JSON, isRefused: Bool) throws {
        let rule = AllowedDestinations(
            Policy.Destinations(accounts: ["100"], bankAccounts: ["00012345", "002010077777777771", "DE89370400440532013000"]))
        #expect(try rule.refusal(of: RuleTests.payout(node))?.rule == (isRefused ? "destinations" : nil))
    }

    @Test("destinations: a payment that names none is refused, a refund goes back to where the money came from")
    func noDestinations() throws {
        let rule = AllowedDestinations(Policy.Destinations())
        let create = try #require(Catalogue.conomy["payments.create"])
        #expect(rule.refusal(of: Call(create, body: ["type": "TOPUP_ACCOUNT"]))?.rule == "destinations")
        #expect(rule.refusal(of: Call(create, body: ["type": "REFUND"])) == nil)
        #expect(try rule.refusal(of: RuleTests.refund("1.00", "ARS")) == nil)
        let assign = try #require(Catalogue.conomy["payments.assign"])
        #expect(rule.refusal(of: Call(assign, body: ["accountNumber": "7"]))?.rule == "destinations")
    }

    @Test(
        "hours: days, minutes and zones",
        arguments: [
            ("2026-11-30T11:00:00Z", "America/Santiago", true),  // Monday 08:00 there
            ("2026-11-30T10:59:59Z", "America/Santiago", false), ("2026-11-30T22:59:59Z", "America/Santiago", true),
            ("2026-11-30T23:00:00Z", "America/Santiago", false), ("2026-12-05T12:00:00Z", "America/Santiago", true),
            ("2026-12-05T16:00:00Z", "America/Santiago", false), ("2026-12-06T14:00:00Z", "America/Santiago", false),
            ("2026-11-30T08:00:00Z", "UTC", true), ("1969-12-31T09:00:00Z", "UTC", true),
        ])
    func hours(instant: String, zone: String, isInside: Bool) throws {
        let hours = try #require(WeeklyHours("Mon-Fri 08:00-20:00, Sat 09:00-13:00"))
        let now = try #require(Timestamp(instant))
        let rule = WithinHours(hours, in: try #require(TimeZone(identifier: zone)), now: { now })
        #expect(try rule.refusal(of: call("payments.refund"))?.rule == (isInside ? nil : "hours"))
        #expect(try rule.refusal(of: call("payments.list")) == nil)
    }

    @Test(
        "hours that are not understood are none",
        arguments: ["", "Mon", "08:00", "20:00-08:00", "Mon-Fry 08:00-09:00", "8-9", "Mon 08:00-24:01"])
    func badHours(text: String) { #expect(WeeklyHours(text) == nil) }

    @Test("limits that are asked for and missing are named; a plan that is asked for")
    func required() throws {
        var policy = Policy(isProduction: true)
        let refusal = try #require(try LimitsRequired(policy, in: "production")?.refusal(of: call("customers.create")))
        #expect(refusal.rule == "limits_required" && refusal.message.contains("most_per_effect and no most_per_day"))
        policy.mostPerEffect = try RuleTests.limits(("1.00", "ARS"))
        policy.mostPerDay = policy.mostPerEffect
        #expect(LimitsRequired(policy, in: "production") == nil)
        #expect(LimitsRequired(Policy(), in: "sandbox") == nil)
        #expect(try PlanRequired(in: "production").refusal(of: call("payments.refund"))?.rule == "plan_required")
        #expect(try PlanRequired(in: "production").refusal(of: call("payments.get")) == nil)
        #expect(try SumsKept(in: "x").refusal(of: call("payments.refund"))?.rule == "sums_kept")
    }
}
