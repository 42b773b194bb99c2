import ConomyAPI
import ExactJSON

/// What can be paid with what, made from the contract's own schemas of the rails.
extension Bank {
    /// Rails that carry a currency on one side of a payment.
    private func rails(_ currency: String, incoming: Bool) -> [Rail] {
        Rail.all.filter { rail in
            !rail.isAccount && (incoming ? rail.isPayin : rail.isPayout)
                && rail.carries(currency)
        }
    }

    private func method(_ rail: Rail, _ currency: String, product: String, incoming: Bool) -> JSON {
        let fields = rail.requiredFields(incoming: incoming)
        return [
            "name": "conomy_hq", "type": .string(rail.type), "currency": .string(currency), "product": .string(product),
            "minAmount": .string(whole(minimum(rail.type, Currency(currency)))), "maxAmount": "1000000000000",
            "nodeSchema": [rail.key: rail.payloadShape],
            "requiredFields": .array(fields.map(JSON.string)),
            "requiredFieldTypes": .object(JSONObject(fields.map { ($0, "string") })),
            "validOrigins": .array((incoming ? [rail.type] : ["ACCOUNT"]).map(JSON.string)),
            "validDestinations": .array((incoming ? ["ACCOUNT"] : [rail.type]).map(JSON.string)),
        ]
    }

    /// Whole units, as the contract has it; what is between two is rounded up.
    private func whole(_ minimum: Money?) -> String {
        guard let minimum else { return "0" }
        let unit = Money.unit(minimum.currency)
        return String((minimum.minorUnits + unit - 1) / unit)
    }

    /// The currencies of the accounts the answer is about: those of the identity, or of the whole bank.
    func getAvailableProducts(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        if let id = query["identityId"], identities[id] == nil { throw .notFound("identity", id) }
        let asked = query["currencies"]?.split(separator: ",").map(String.init) ?? query["currency"].map { [$0] }
        for code in asked ?? [] where Currency.exponents[code] == nil { throw .invalid("currency \(code) is not known here") }
        var held: [String] = []
        for account in accounts.all where query.allows("identityId", account.identityID) && !held.contains(account.currency.code)
        {
            held.append(account.currency.code)
        }
        let currencies = (asked ?? held).filter { held.contains($0) }.sorted()
        var payin: [String] = []
        var payout: [String] = []
        var byCurrency: [JSON] = []
        var products: [JSON] = []
        for code in currencies {
            // Payments across currencies appear under the currency they settle in.
            let purchases =
                [code]
                + options.exchangeRates.keys.filter { $0.hasSuffix(":\(code)") }.map { String($0.prefix { $0 != ":" }) }.sorted()
            let wanted = purchases.filter { query.allows("purchaseCurrency", $0) }
            let incoming = wanted.flatMap { purchase in
                rails(purchase, incoming: true).map { ($0, method($0, purchase, product: "\(purchase):\(code)", incoming: true)) }
            }
            let outgoing = rails(code, incoming: false).map {
                ($0, method($0, code, product: "\(code):\(code)", incoming: false))
            }
            for (rail, _) in incoming where !payin.contains(rail.type) { payin.append(rail.type) }
            for (rail, _) in outgoing where !payout.contains(rail.type) { payout.append(rail.type) }
            byCurrency.append([
                "currency": .string(code),
                "payin": ["paymentMethods": .array(unique(incoming.map(\.0.type))), "products": .array(incoming.map(\.1))],
                "payout": ["withdrawalMethods": .array(unique(outgoing.map(\.0.type))), "products": .array(outgoing.map(\.1))],
            ])
            for purchase in wanted {
                let kinds: [JSON] =
                    ["PURCHASE", "TOPUP_ACCOUNT"]
                    + (purchase == code ? ["WITHDRAWAL_ACCOUNT", "REMITTANCE", "P2P", "COLLECT"] : [])
                products.append(["product": .string("\(purchase):\(code)"), "paymentTypes": .array(kinds)])
            }
        }
        return Answer(
            status: 200,
            body: [
                "supportedPaymentCurrencies": .array(currencies.map(JSON.string)),
                "supportedPayoutCurrencies": .array(currencies.map(JSON.string)),
                "supportedPaymentMethods": .array(payin.map(JSON.string)),
                "supportedWithdrawalMethods": .array(payout.map(JSON.string)),
                "byCurrency": .array(byCurrency), "products": .array(products),
            ])
    }

    private func unique(_ types: [String]) -> [JSON] {
        types.reduce(into: [JSON]()) { result, type in if !result.contains(.string(type)) { result.append(.string(type)) } }
    }

    /// What can pay into an account, or into any account of a currency.
    func listPaymentOrigins(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let account = try query["accountNumber"].map { number throws(Refusal) in
            guard let account = accounts[number: number] else { throw Refusal.notFound("account", number) }
            return account
        }
        let settled = account?.currency.code ?? query["currency"]
        if let asked = query["currency"], let settled, asked != settled { return Answer(status: 200, body: []) }
        var results: [JSON] = []
        for code in settled.map({ [$0] }) ?? Array(Set(accounts.all.map(\.currency.code))).sorted() {
            let purchase = query["purchaseCurrency"] ?? code
            guard purchase == code || options.exchangeRates["\(purchase):\(code)"] != nil else { continue }
            results += rails(purchase, incoming: true).map {
                method($0, purchase, product: "\(purchase):\(code)", incoming: true)
            }
        }
        return Answer(status: 200, body: .array(results))
    }

    /// Where an account can pay to: the payout rails of its currency, and the other accounts in it.
    func listPaymentDestinations(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let account = try query["accountNumber"].map { number throws(Refusal) in
            guard let account = accounts[number: number] else { throw Refusal.notFound("account", number) }
            return account
        }
        let codes = account.map { [$0.currency.code] } ?? Array(Set(accounts.all.map(\.currency.code))).sorted()
        var results: [JSON] = []
        for code in codes {
            let product = "\(code):\(code)"
            results += rails(code, incoming: false).map { method($0, code, product: product, incoming: false) }
            results += accounts.all.filter { $0.currency.code == code && $0.number != account?.number }.map { other in
                [
                    "name": "conomy_hq", "type": "ACCOUNT", "currency": .string(code), "product": .string(product),
                    "account": [
                        "accountNumber": .string(other.number), "accountHolder": .string(other.holder), "currency": .string(code),
                    ],
                ]
            }
        }
        return Answer(status: 200, body: .array(results.filter { query.allows("type", $0["type"]?.string) }))
    }

    /// Two banks a country, enough to be chosen from: the code is what rails take as `bankId`.
    func listBanks(_ call: Call) throws(Refusal) -> Answer {
        let country = call.objectID ?? ""
        let known = Schema.named("CountryCode")?.knownValues ?? []
        guard known.contains(country) else { throw .notFound("list of banks for", country) }
        let banks: [JSON] = (1...2).map { number in
            [
                "code": .string("\(country)-00\(number)"), "name": .string("Simulated Bank \(number) \(country)"),
                "countryCode": .string(country),
            ]
        }
        return Answer(status: 200, body: .array(banks))
    }
}
