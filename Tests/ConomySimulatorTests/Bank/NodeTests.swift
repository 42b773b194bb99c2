import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

/// The rail table: which way each node type goes, in which currency, and what it must say.
@Suite struct NodeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let type: String
        let key: String
        let currencies: [String]
        let way: String
        /// Dot paths in the payload, or `customer` for the member beside it.
        let incoming: [String]
        let outgoing: [String]
        var testDescription: String { type }

        init(
            _ type: String, _ key: String, _ currencies: [String], _ way: String, in incoming: [String] = [],
            out outgoing: [String] = []
        ) {
            (self.type, self.key, self.currencies, self.way) = (type, key, currencies, way)
            (self.incoming, self.outgoing) = (incoming, outgoing)
        }
    }

    private static let names = ["customer.firstName", "customer.lastName"]
    private static let documented = names + ["customer.email", "customer.documentNumber", "customer.documentType"]
    private static let pages = ["successUrl", "failedUrl"]

    static let table: [Row] = [
        Row("CARD", "card", ["ARS"], "in", in: ["token"]),
        Row("CRYPTO", "wallet", ["USDC", "USDT"], "both", in: ["address"], out: ["address"]),
        Row("BANK_ACCOUNT", "bank", ["ARS"], "out", out: ["accountNumber", "bank", "typeAccount", "country", "!customer"]),
        Row(
            "PIX", "pix", ["BRL"], "both", in: names + ["customer.email", "customer.documentNumber"] + pages,
            out: names + ["customer.email", "customer.documentNumber"]),
        Row("PCT", "pct", ["ARS"], "in", in: ["customer.phoneNumber", "customer.phoneNumberPrefix", "customer.email"] + pages),
        Row("CVU", "cvu", ["ARS"], "in"),
        Row("ETPAY", "etpay", ["CLP"], "in", in: ["customer.firstName", "customer.email"] + pages),
        Row("FINTOC", "fintoc", ["CLP"], "in"),
        Row("WEBPAY", "webpay", ["CLP"], "in", in: names + ["customer.email"]),
        Row("SPEI", "spei", ["MXN"], "both", in: names, out: names + ["clabe", "bankId"]),
        Row(
            "PSE", "pse", ["COP"], "in",
            in: names + ["bankId", "customer.documentNumber", "customer.documentType", "customer.phoneNumber", "customer.email"]),
        Row("BANCOLOMBIA", "bancolombia", ["COP"], "in", in: ["customer.email"]),
        Row("DAVIVIENDA", "davivienda", ["COP"], "in", in: ["customer.email", "bankId"]),
        Row(
            "DAVIPLATA", "daviplata", ["COP"], "both",
            in: ["customer.documentType", "customer.documentNumber", "customer.email"],
            out: ["customer.documentType", "customer.documentNumber", "customer.email"]),
        Row(
            "NEQUI", "nequi", ["COP"], "both", in: ["customer.phoneNumber", "customer.email"],
            out: ["customer.phoneNumber", "customer.email"]),
        Row("BREB", "breb", ["COP"], "out", out: names + ["bankId", "accountNumber", "customer.email"]),
        Row("WOMPI", "wompi", ["COP"], "in", in: ["redirectUrl", "customer.firstName", "customer.email"]),
        Row("PAGO_MOVIL", "pagoMovil", ["VES"], "in", in: names + ["bankId", "customer.email", "customer.phoneNumber"]),
        Row("LIGO", "ligo", ["PEN"], "in", in: ["customer"]),
        Row("SIP", "sip", ["BOB", "PEN"], "in", in: ["customer"]),
        Row(
            "ACH", "ach", ["USD"], "both",
            in: ["bank.accountNumber", "routingNumber", "accountType", "accountHolderType"] + documented,
            out: ["bank.accountNumber", "routingNumber", "accountType", "accountHolderType"] + documented),
        Row("WIRE", "wire", ["USD"], "out", out: ["bank.accountNumber", "swiftCode"] + documented),
        Row(
            "FEDNOW", "fedNow", ["USD"], "both", in: ["bank.accountNumber", "routingNumber"] + documented,
            out: ["bank.accountNumber", "routingNumber"] + documented),
        Row("RTP", "rtp", ["USD"], "in", in: ["bank.accountNumber", "routingNumber"] + documented),
        Row("SEPA", "sepa", ["EUR"], "out", out: ["iban", "bic"] + documented),
        Row("FPE", "fpe", ["GBP"], "out", out: ["accountNumber", "sortCode"] + names + ["customer.email"]),
        Row("SWIFT", "swift", ["ARS"], "out", out: ["bank.accountNumber", "swiftCode"] + documented),
    ]

    private static func value(_ field: String, _ type: String) -> JSON {
        switch (field, type) {
        case ("routingNumber", _): "021000021"
        case ("clabe", _): "032180000118359719"
        case ("sortCode", _): "601613"
        case ("accountNumber", _): "31926819"
        case ("customer.email", _): "ana@example.com"
        case ("customer.documentType", _): "PASSPORT"
        case ("customer.documentNumber", "PIX"): "39053344705"
        case ("accountHolderType", _): "BUSINESS"
        case ("accountType", _), ("typeAccount", _): "CHECKING"
        case ("country", _): "ARG"
        case ("customer", _): ["firstName": "Ana"]
        case let (field, _) where field.hasSuffix("Url"): "https://shop.example/"
        default: "x"
        }
    }

    /// A node with these fields and nothing else.
    private static func node(_ row: Row, _ currency: String, _ fields: [String]) -> JSON {
        func set(_ object: JSONObject, _ path: ArraySlice<String>, _ value: JSON) -> JSONObject {
            var object = object
            guard let first = path.first else { return object }
            object[first] =
                path.count == 1 ? value : .object(set(object[first]?.object ?? [:], path.dropFirst(), value))
            return object
        }
        var node: JSONObject = ["type": .string(row.type), "currency": .string(currency)]
        var payload = JSONObject()
        for field in fields {
            if field == "!customer" {
                node["customer"] = Desk.payer
            } else {
                payload = set(payload, field.split(separator: ".").map(String.init)[...], value(field, row.type))
            }
        }
        node[row.key] = .object(payload)
        return .object(node)
    }

    private func desk(_ currency: String) throws -> (desk: Desk, number: String) {
        let desk = try Desk(
            world: World(json: [
                "identities": [["id": .string(Desk.identity), "type": "ORGANIZATION", "name": "Shop"]],
                "accounts": [
                    [
                        "id": "a", "identityId": .string(Desk.identity), "accountNumber": "1", "currency": .string(currency),
                        "balance": "1000",
                    ]
                ],
            ]))
        return (desk, "1")
    }

    private func payment(_ node: JSON, _ currency: String, incoming: Bool) -> JSON {
        let account = Desk.accountNode(currency, number: "1")
        return [
            "type": incoming ? "PURCHASE" : "WITHDRAWAL_ACCOUNT", "product": .string("\(currency):\(currency)"),
            "purchaseAmount": "10", "origins": [incoming ? node : account], "destinations": [incoming ? account : node],
        ]
    }

    @Test("a rail carries money its way in its currency, with all its fields and with none of them left out", arguments: table)
    func rail(row: Row) throws {
        for currency in row.currencies {
            for (isIncoming, goes, fields) in [
                (true, row.way != "out", row.incoming), (false, row.way != "in", row.outgoing),
            ] {
                let (desk, _) = try desk(currency)
                let whole = payment(NodeTests.node(row, currency, fields), currency, incoming: isIncoming)
                guard goes else {
                    #expect(try desk.refusal("payments.create", body: whole).hasPrefix("400"), "\(row.type) goes one way")
                    continue
                }
                try desk.get("payments.create", body: whole)
                try desk.get("payment_attempts.create", body: whole)
                for missing in fields {
                    let node = NodeTests.node(row, currency, fields.filter { $0 != missing })
                    let body = payment(node, currency, incoming: isIncoming)
                    #expect(try desk.refusal("payments.create", body: body) == "400 12", "\(row.type) without \(missing)")
                    #expect(try desk.refusal("payment_attempts.create", body: body) == "400 12", "\(row.type) without \(missing)")
                }
                #expect(try desk.get("payments.list")["pagination"]?["total"] == 1)
            }
        }
    }

    @Test("the table has every rail of the contract but ACCOUNT")
    func complete() {
        let all = Schema.named("PaymentNodeType")?.enumeration.compactMap(\.string) ?? []
        #expect(Set(NodeTests.table.map(\.type)).union(["ACCOUNT"]) == Set(all))
    }

    @Test(
        "a rail refuses a currency that is not its own",
        arguments: table.filter { !["CARD", "BANK_ACCOUNT", "SWIFT"].contains($0.type) })
    func currency(row: Row) throws {
        let isIncoming = row.way != "out"
        let (desk, _) = try desk("CAD")
        let node = NodeTests.node(row, "CAD", isIncoming ? row.incoming : row.outgoing)
        #expect(try desk.refusal("payments.create", body: payment(node, "CAD", incoming: isIncoming)) == "400 11")
    }

    @Test(
        "numbers of accounts and banks have the length their rail asks for",
        arguments: [
            ("SPEI", "MXN", "clabe", "123"), ("ACH", "USD", "routingNumber", "12345678"), ("FEDNOW", "USD", "routingNumber", "1"),
            ("FPE", "GBP", "accountNumber", "123"), ("FPE", "GBP", "sortCode", "60-16-13"),
        ])
    func lengths(type: String, currency: String, member: String, value: String) throws {
        let row = try #require(NodeTests.table.first { $0.type == type })
        var node = try #require(NodeTests.node(row, currency, row.outgoing).object)
        var payload = try #require(node[row.key]?.object)
        payload[member] = .string(value)
        node[row.key] = .object(payload)
        let (desk, _) = try desk(currency)
        #expect(try desk.refusal("payments.create", body: payment(.object(node), currency, incoming: false)) == "400 11")
    }

    // MARK: Types and splits

    private struct Books {
        let desk: Desk
        let numbers: [String]
    }

    /// Three accounts in ARS of the starter's organization, and one of somebody else.
    private func books() throws -> Books {
        let desk = try Desk()
        let other = try desk.id(desk.get("identities.create", body: ErrorTableTests.person))
        let numbers = try [Desk.identity, Desk.identity, other].map { owner in
            try #require(
                desk.get(
                    "accounts.create",
                    body: [
                        "identityId": .string(owner), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "ARS",
                        "name": "x",
                    ])["accountNumber"]?.string)
        }
        return Books(desk: desk, numbers: [Desk.account("ARS")] + numbers)
    }

    @Test("P2P goes from one account to several, whose parts add up")
    func p2p() throws {
        let books = try books()
        func body(_ first: String, _ second: String) -> JSON {
            [
                "type": "P2P", "product": "ARS:ARS", "purchaseAmount": "30.00", "origins": [Desk.accountNode("ARS")],
                "destinations": [
                    Desk.accountNode("ARS", amount: first, number: books.numbers[1]),
                    Desk.accountNode("ARS", amount: second, number: books.numbers[3]),
                ],
            ]
        }
        #expect(try books.desk.refusal("payments.create", body: body("10.00", "19.99")) == "400 11")
        #expect(try books.desk.refusal("payments.create", body: body("30.00", "0.00")) == "400 11")
        let id = try books.desk.id(books.desk.get("payments.create", body: body("10.00", "20.00")))
        try books.desk.get("payments.capture", id, body: [:])
        #expect(try books.desk.status(id) == "SETTLED")
        #expect(
            books.desk.simulator.ledger.map { "\($0.to) \($0.amount.text)" } == [
                "\(books.numbers[1]) 10.00", "\(books.numbers[3]) 20.00",
            ])
    }

    @Test("COLLECT takes from several accounts into one; all are held at once or none is")
    func collect() throws {
        let books = try books()
        let desk = books.desk
        for (index, amount) in [(1, "10.00"), (3, "20.00")] {
            let body = Desk.topup(amount, extra: ["destinations": [Desk.accountNode("ARS", number: books.numbers[index])]])
            let id = try desk.id(desk.get("payments.create", body: body))
            try desk.get("payments.capture", id, body: [:])
            try desk.get("payments.simulate_received", body: ["id": .string(id)])
        }
        func body(_ first: String, _ second: String, _ total: String) -> JSON {
            [
                "type": "COLLECT", "product": "ARS:ARS", "purchaseAmount": .string(total), "totalAmount": .string(total),
                "origins": [
                    Desk.accountNode("ARS", amount: first, number: books.numbers[1]),
                    Desk.accountNode("ARS", amount: second, number: books.numbers[3]),
                ],
                "destinations": [Desk.accountNode("ARS")],
            ]
        }
        #expect(try desk.refusal("payments.create", body: body("10.00", "20.01", "30.01")) == "422 21")
        let held = try desk.get("accounts.list", query: ["accountNumber": books.numbers[1]])
        #expect(held["pagination"]?["results"]?.array?.first?["availableFunds"] == "10.00")
        let id = try desk.id(desk.get("payments.create", body: body("10.00", "20.00", "30.00")))
        try desk.get("payments.capture", id, body: [:])
        #expect(try desk.status(id) == "SETTLED")
        #expect(try desk.funds("ARS").balance == "10000030.00")
    }

    @Test("a payment whose origin is its destination would move nothing and is refused")
    func itself() throws {
        let body: JSON = [
            "type": "P2P", "product": "ARS:ARS", "totalAmount": "1.00", "origins": [Desk.accountNode("ARS")],
            "destinations": [Desk.accountNode("ARS")],
        ]
        #expect(try Desk().refusal("payments.create", body: body) == "400 11")
    }

    @Test("a remittance goes from an account or a pay-in rail to one payout rail")
    func remittance() throws {
        let desk = try Desk()
        let row = try #require(NodeTests.table.first { $0.type == "BANK_ACCOUNT" })
        let bank = NodeTests.node(row, "ARS", row.outgoing)
        func body(_ origin: JSON, _ destinations: [JSON]) -> JSON {
            [
                "type": "REMITTANCE", "product": "ARS:ARS", "totalAmount": "10.00", "origins": [origin],
                "destinations": .array(destinations),
            ]
        }
        let cvu: JSON = ["type": "CVU", "currency": "ARS", "cvu": [:]]
        for origin in [Desk.accountNode("ARS"), cvu] {
            let id = try desk.id(desk.get("payments.create", body: body(origin, [bank])))
            try desk.get("payments.capture", id, body: [:])
            try desk.get("payments.simulate_received", body: ["id": .string(id)])
            #expect(try desk.status(id) == "SETTLED")
        }
        #expect(try desk.refusal("payments.create", body: body(cvu, [Desk.accountNode("ARS")])) == "400 11")
        #expect(try desk.refusal("payments.create", body: body(cvu, [bank, bank])) == "400 11")
        #expect(
            desk.simulator.ledger.map { "\($0.from) \($0.to)" } == [
                "\(Desk.account("ARS")) external:BANK_ACCOUNT", "external:CVU external:BANK_ACCOUNT",
            ])
    }
}
