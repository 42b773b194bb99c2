import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct BooksTests {
    @Test(
        "after any calls, legal or not, every account is its opening plus its ledger, and nothing is spent twice",
        arguments: 1...8 as ClosedRange<UInt64>)
    func balance(seed: UInt64) throws {
        var dice = Dice(seed)
        let desk = try Desk {
            $0.seed = seed
            $0.settlementDelay = seed.isMultiple(of: 2) ? .zero : .seconds(100)
            $0.refundSettlementDelay = seed.isMultiple(of: 3) ? .seconds(50) : .zero
            $0.unassignedLife = .seconds(300)
            $0.reviewThresholds = seed.isMultiple(of: 2) ? ["ARS": "35.00"] : [:]
            $0.exchangeRates = ["ARS:CLP": "0.945"]
        }
        if !seed.isMultiple(of: 4) {
            try desk.get("rules.create", body: FeeTests.rule("2.50"))
            try desk.get("rules.create", body: FeeTests.rule("0.30", "FIXED"))
        }
        let second = try #require(
            desk.get(
                "accounts.create",
                body: [
                    "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "EUR",
                    "name": "x",
                ])[
                    "accountNumber"]?.string)
        let opening = try balances(desk)
        var ids: [String] = []
        for step in 0..<600 {
            try act(desk, &dice, &ids, second)
            guard step % 100 == 0 else { continue }
            try check(desk, opening)
        }
        try check(desk, opening)
        #expect(desk.simulator.ledger.count > 20, "seed \(seed) moved nothing")

        // The state survives a round trip, and goes on the same way.
        let again = try Simulator(world: desk.simulator.snapshot(), options: SimulatorOptions(seed: seed))
        #expect(again.snapshot().json == desk.simulator.snapshot().json, "seed \(seed)")
    }

    private func act(_ desk: Desk, _ dice: inout Dice, _ ids: inout [String], _ second: String) throws {
        let amount = "\(dice.roll(40)).\(10 + dice.roll(90))"
        // Mostly a payment of late, which is still on its way.
        let id =
            ids.isEmpty
            ? "nobody"
            : dice.roll(4) == 0 ? ids[dice.roll(ids.count)] : ids.suffix(5)[ids.count - 1 - dice.roll(min(5, ids.count))]
        let answer =
            switch dice.roll(17) {
            case 0, 1: try desk.ask("payments.create", body: Desk.withdrawal(dice.roll(20) == 0 ? "9999999.00" : amount))
            case 2, 3:
                try desk.ask(
                    "payments.create",
                    body: Desk.topup(
                        amount,
                        extra: dice.roll(3) == 0
                            ? ["expiresAt": .string(desk.simulator.now.adding(milliseconds: 70_000).description)] : [:]))
            case 4:
                try desk.ask(
                    "payments.create",
                    body: [
                        "type": "P2P", "product": "EUR:EUR", "totalAmount": .string(amount), "origins": [Desk.accountNode("EUR")],
                        "destinations": [Desk.accountNode("EUR", number: second)],
                    ])
            case 5:
                try desk.ask(
                    "payments.create",
                    body: [
                        "type": "COLLECT", "product": "EUR:EUR", "totalAmount": .string(amount),
                        "origins": [Desk.accountNode("EUR", number: second)], "destinations": [Desk.accountNode("EUR")],
                    ])
            case 6, 7: try desk.ask("payments.capture", id)
            case 8, 9: try desk.ask("payments.simulate_received", body: ["id": .string(id)])
            case 10: try desk.ask("payments.refund", id, body: dice.roll(4) == 0 ? nil : ["amount": .string(amount)])
            case 11: try desk.ask("payments.request_review", id)
            case 13:
                try desk.ask(
                    "payments.create",
                    body: [
                        "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": .string(amount),
                        "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("CLP")],
                    ])
            case 14: try desk.ask("payment_attempts.create", body: Desk.topup(amount))
            case 15:
                try desk.ask(
                    "payments.assign", id,
                    body: ["accountNumber": .string(Desk.account("ARS")), "expectedAmount": .string(amount)])
            case 12:
                try desk.ask("payments.resolve_review", id, body: ["decision": dice.roll(2) == 0 ? "APPROVED" : "REJECTED"])
            default: try desk.ask("payments.mark_unsettled", id, body: ["reason": "x"])
            }
        if let made = answer.body?["refundId"]?.string ?? answer.body?["id"]?.string, answer.isSuccess, !ids.contains(made) {
            ids.append(made)
        }
        if dice.roll(15) == 0 { desk.simulator.fail(payment: id) }
        if dice.roll(6) == 0 {
            // Unannounced, or what the last answer asked for.
            let code = answer.body?["origins"]?.array?.first?["cvu"]?["code"]?.string
            let money = try Money(answer.body?["purchaseAmount"]?.string ?? amount, Currency("ARS"))
            if let made = desk.simulator.deposit(rail: "CVU", amount: money, code: code), !ids.contains(made) { ids.append(made) }
        }
        if dice.roll(10) == 0 { desk.simulator.advance(by: .seconds(dice.roll(120))) }
    }

    private func accounts(_ desk: Desk) throws -> [JSON] {
        try desk.get("accounts.list")["pagination"]?["results"]?.array ?? []
    }

    private func balances(_ desk: Desk) throws -> [String: Money] {
        Dictionary(
            uniqueKeysWithValues: try accounts(desk).map { account in
                let currency = Currency(account["currency"]?.string ?? "")
                return (account["accountNumber"]?.string ?? "", try Money(account["balance"]?.string ?? "", currency))
            })
    }

    private func check(_ desk: Desk, _ opening: [String: Money]) throws {
        // Accounts that collect fees were made meanwhile, empty.
        var expected = try balances(desk).mapValues { Money.zero($0.currency) }.merging(opening) { $1 }
        for (index, entry) in desk.simulator.ledger.enumerated() {
            #expect(entry.sequence == index + 1)
            if let money = expected[entry.from] {
                let left = money - entry.amount
                #expect(left != nil, "\(entry) overdraws")
                expected[entry.from] = left
            }
            if let money = expected[entry.to] { expected[entry.to] = money + entry.amount }
        }
        #expect(try balances(desk) == expected)
        // In every currency the bank has what came in from outside, less what went out.
        for currency in Set(expected.values.map(\.currency)) {
            var (into, out) = (Money.zero(currency), Money.zero(currency))
            for entry in desk.simulator.ledger where entry.amount.currency == currency {
                if entry.from.hasPrefix("external:") { into = into + entry.amount }
                if entry.to.hasPrefix("external:") { out = out + entry.amount }
            }
            func sum(_ balances: [String: Money]) -> Money {
                balances.values.filter { $0.currency == currency }.reduce(.zero(currency)) { $0 + $1 }
            }
            #expect(sum(opening) + into == sum(expected) + out)
        }
        // What cannot be spent is what payments on their way hold, to the cent.
        var held: [String: Money] = [:]
        for payment in desk.simulator.snapshot().json["payments"]?.array ?? [] {
            for hold in payment["holds"]?.array ?? [] {
                let number = hold["accountNumber"]?.string ?? ""
                let currency = try #require(expected[number]).currency
                held[number] = (held[number] ?? .zero(currency)) + (try Money(hold["amount"]?.string ?? "", currency))
            }
            let parent = try Money(payment["totalAmount"]?.string ?? "", Currency(payment["currency"]?.string ?? ""))
            let summary = try desk.get("payments.refund_summary", payment["id"]?.string ?? "")["summary"]
            let given = try ["totalRefunded", "totalInProgress"].map { try Money(summary?[$0]?.string ?? "", parent.currency) }
            #expect(given[0] + given[1] <= parent)
        }
        for account in try accounts(desk) {
            let number = account["accountNumber"]?.string ?? ""
            let balance = try #require(expected[number])
            let available = try Money(account["availableFunds"]?.string ?? "", balance.currency)
            #expect(available + (held[number] ?? .zero(balance.currency)) == balance)
        }
    }
}

/// A generator whose rolls a seed repeats.
struct Dice {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func roll(_ sides: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(sides))
    }
}
