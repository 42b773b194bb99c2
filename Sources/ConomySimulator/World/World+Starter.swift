import ConomyAPI
import ExactJSON

extension World {
    /// What a bank opens with when nobody says otherwise: one ACTIVE organization, `000000000000000000000001`, with one CHECKING
    /// account for each of eight currencies. The k-th account (from 1, in the order CLP, ARS, BRL, COP, MXN, USD, PEN, EUR) has the
    /// id `00000000000000000000010k`, the number `10000000000000000000k`, the external id `main-<currency>` in lower case, and
    /// ten million in it.
    public static let starter: World = {
        let identity = "000000000000000000000001"
        let opened: JSON = "2026-01-01T00:00:00Z"
        let accounts = ["CLP", "ARS", "BRL", "COP", "MXN", "USD", "PEN", "EUR"].enumerated().map { index, code -> JSON in
            let funds = Money(minorUnits: Money.unit(Currency(code)) * 10_000_000, Currency(code)).text
            return [
                "id": .string("00000000000000000000010\(index + 1)"), "identityId": .string(identity),
                "externalId": .string("main-\(code.lowercased())"),
                "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": .string(code), "name": .string("Main \(code)"),
                "accountNumber": .string("10000000000000000000\(index + 1)"), "accountHolder": "Starter Shop", "status": "ACTIVE",
                "balance": .string(funds), "availableFunds": .string(funds), "createdAt": opened, "updatedAt": opened,
            ]
        }
        let organization: JSON = [
            "id": .string(identity), "type": "ORGANIZATION", "name": "Starter Shop", "email": "finance@shop.example",
            "phone": "+56911112222",
            "documentType": "RUT", "documentNumber": "76000001-9", "country": "CHL", "externalId": "starter", "status": "ACTIVE",
            "createdAt": opened, "updatedAt": opened,
        ]
        return World(parts: ["identities": [organization], "accounts": .array(accounts)])
    }()
}

extension Money {
    /// One major unit, in the smallest.
    static func unit(_ currency: Currency) -> Int128 { ExactDecimal.power(currency.exponent) }
}
