import BursarGate
import ConomyAPI
import ExactJSON
import Foundation
import Testing

@Suite("How much money a call moves")
struct MoneyMovedTests {
    func moved(_ name: String, _ body: JSON?, in currency: String? = nil) throws -> String? {
        let call = Call(try #require(Catalogue.conomy[name]), body: body)
        return MoneyMoved.stated(by: call, bareAmountsIn: currency.map { Currency($0) })?.map(\.description).joined(
            separator: ", ")
    }

    @Test("operations that move none")
    func none() throws {
        for name in ["customers.create", "payments.get", "payment_links.create", "accounts.delete"] {
            #expect(try moved(name, nil) == "", "\(name)")
        }
    }

    @Test("an amount beside its currency, and one without")
    func stated() throws {
        #expect(try moved("payments.create", ["purchaseAmount": "10.00", "purchaseCurrency": "ARS"]) == "10.00 ARS")
        #expect(try moved("payments.create", ["totalAmount": "10", "currency": "CLP"]) == "10 CLP")
        #expect(try moved("payments.refund", ["amount": "10.00"]) == nil)
        #expect(try moved("payments.refund", ["amount": "10.00"], in: "ARS") == "10.00 ARS")
        #expect(try moved("payments.refund", nil, in: "ARS") == nil)
        #expect(try moved("payments.capture", nil) == nil)
        #expect(try moved("payments.create", ["purchaseAmount": "10.001", "purchaseCurrency": "ARS"]) == nil)
    }

    @Test("the parts of a payment count when they say more than the whole")
    func parts() throws {
        let body: JSON = [
            "purchaseAmount": "10.00", "purchaseCurrency": "ARS", "totalAmount": "3.00", "currency": "USD",
            "destinations": [["amount": "8.00", "currency": "ARS"], ["amountOut": "7.00", "currency": "ARS"]],
            "origins": [["amount": "1.00", "currency": "USD"]],
        ]
        #expect(try moved("payments.create", body) == "15.00 ARS, 3.00 USD")
    }

    @Test("sums name their scope, and a refusal says what is left")
    func sums() throws {
        var policy = Policy()
        policy.mostPerDay = MoneyLimits([try Money("100.00", Currency("ARS"))])
        policy.mostEffectsPerRun = 3
        let call = Call(try #require(Catalogue.conomy["payments.refund"]), body: ["amount": "10.00"])
        let sums = policy.sums(
            adding: [try Money("10.00", Currency("ARS"))], run: "r1", account: "a",
            at: try #require(Timestamp("2026-11-30T23:30:00Z")))
        #expect(sums.map(\.scope) == ["day/2026-11-30/a", "run/r1"])
        #expect(sums.map(\.units) == [1000, 1])
        #expect(
            sums[0].refusal(of: call, sum: 9500).message
                == "payments.refund of 10.00 ARS would pass the most of this day, 100.00 ARS: 95.00 ARS is taken, and 5.00 ARS is left"
        )
        #expect(sums[1].refusal(of: call, sum: 3).rule == "most_effects_per_run")
    }

    @Test("a day is the policy's zone's")
    func day() throws {
        var policy = Policy()
        policy.timeZone = try #require(.init(identifier: "America/Santiago"))
        #expect(policy.day(of: try #require(Timestamp("2026-11-30T02:59:00Z"))) == "2026-11-29")
        #expect(policy.day(of: try #require(Timestamp("2026-11-30T03:00:00Z"))) == "2026-11-30")
    }
}
