import ConomyAPI
import ConomySimulator
import ExactJSON

/// The bank that random calls are made to: little money, so that it runs out; two owners, a blocked account, and a past.
enum SmallBank {
    static let owners = ["000000000000000000000001", "000000000000000000000002"]

    static func number(_ index: Int) -> String { "1000000000000000000\(10 + index)" }

    /// Owner, currency, balance, status.
    private static let accounts: [(Int, String, String, String)] = [
        (0, "EUR", "500.00", "ACTIVE"), (0, "EUR", "60.00", "ACTIVE"), (0, "ARS", "1000.00", "ACTIVE"),
        (0, "CLP", "90000", "ACTIVE"), (0, "USD", "300.00", "ACTIVE"), (0, "BRL", "0.00", "ACTIVE"),
        (0, "USDC", "5.000000", "ACTIVE"), (1, "EUR", "200.00", "ACTIVE"), (1, "USD", "100.00", "ACTIVE"),
        (1, "CLP", "7", "ACTIVE"), (0, "ARS", "50.00", "BLOCKED"),
    ]

    static let world: World = {
        let identities = owners.enumerated().map { index, id -> JSON in
            [
                "id": .string(id), "type": "ORGANIZATION", "name": .string("Owner \(index)"), "email": "a@example.com",
                "phone": "+56911112222", "documentType": "RUT", "documentNumber": .string("7600000\(index)-9"), "country": "CHL",
                "externalId": .string("owner-\(index)"),
            ]
        }
        let list = accounts.enumerated().map { index, account -> JSON in
            [
                "id": .string("0000000000000000000001\(10 + index)"), "identityId": .string(owners[account.0]),
                "accountNumber": .string(number(index)), "currency": .string(account.1), "balance": .string(account.2),
                "status": .string(account.3), "name": .string("Account \(index)"),
            ]
        }
        let world: JSON = [
            "clock": "2026-06-01T00:00:00Z", "identities": .array(identities), "accounts": .array(list),
            "payments": .array(past),
        ]
        guard let world = try? World(json: world) else { preconditionFailure("this is no world") }
        return world
    }()

    /// What was paid before: plainly and refunded in part, split, and across currencies.
    private static let past: [JSON] = [
        payment("1", "TOPUP_ACCOUNT", "40.00", "ARS", from: [["type": "CVU", "currency": "ARS"]], to: [node(2)]),
        [
            "id": "000000000000000000000202", "type": "REFUND", "status": "SETTLED", "totalAmount": "5.00", "currency": "ARS",
            "purchaseAmount": "5.00", "createdAt": "2026-05-02T00:00:00Z", "parentPaymentId": "000000000000000000000201",
            "origins": [node(2)], "destinations": [["type": "CVU", "currency": "ARS"]],
        ],
        payment(
            "3", "PURCHASE", "42.35", "EUR", from: [["type": "CARD", "currency": "EUR", "card": ["token": "t"]]],
            to: [node(0, "30.00"), node(1, "12.35")]),
        payment(
            "4", "PURCHASE", "9451", "CLP", purchase: ("10.00", "USD"),
            from: [["type": "CARD", "currency": "USD", "card": ["token": "t"]]], to: [node(3)]),
    ]

    private static func node(_ index: Int, _ amount: String? = nil) -> JSON {
        Desk.accountNode(accounts[index].1, amount: amount, number: number(index))
    }

    private static func payment(
        _ id: String, _ type: JSON, _ total: String, _ currency: String, purchase: (String, String)? = nil, from: JSON, to: JSON
    ) -> JSON {
        [
            "id": .string("00000000000000000000020" + id), "type": type, "status": "SETTLED", "totalAmount": .string(total),
            "currency": .string(currency), "purchaseAmount": .string(purchase?.0 ?? total),
            "purchaseCurrency": .string(purchase?.1 ?? currency), "createdAt": "2026-05-01T00:00:00Z", "origins": from,
            "destinations": to,
        ]
    }

    /// Units of the second currency for one of the first; no figure is round.
    static let exchangeRates = ["USD:CLP": "945.17", "EUR:USD": "1.0837", "CLP:USD": "0.00106", "USD:ARS": "1203.5"]

    /// Options that differ from seed to seed, so that all ways of the bank are seen.
    static func options(_ seed: UInt64) -> SimulatorOptions {
        var options = SimulatorOptions(seed: seed, clock: .manual(Desk.start))
        options.settlementDelay = seed.isMultiple(of: 2) ? .zero : .seconds(100)
        options.refundSettlementDelay = seed.isMultiple(of: 3) ? .zero : .seconds(50)
        options.rejectsRepeatedExternalIDs = seed.isMultiple(of: 4)
        options.settlementFailsMissing = seed % 4 == 1
        options.exchangeRates = exchangeRates
        if seed % 4 >= 2 { options.reviewThresholds = ["EUR": "50.00", "CLP": "5000"] }
        return options
    }

    static func simulator(_ seed: UInt64) throws -> Simulator { try Simulator(world: world, options: options(seed)) }
}
