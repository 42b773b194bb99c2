import ConomyAPI
import ExactJSON
import Testing

/// Binds, and returns the violations as "code path".
func violations(_ name: String, _ arguments: JSON...) throws -> [String] {
    let operation = try #require(Catalogue.conomy[name])
    do throws(InvalidArguments) {
        _ = try Call(binding: operation, arguments)
        return []
    } catch {
        return error.violations.map { "\($0.code) \($0.path)" }
    }
}

@Suite("Arguments are bound to operations")
struct CallBindingTests {
    let topUp: JSON = [
        "type": "TOPUP_ACCOUNT", "product": "CLP:CLP", "purchaseAmount": "1000", "purchaseCurrency": "CLP", "currency": "CLP",
        "origins": [["type": "FINTOC", "currency": "CLP"]],
        "destinations": [["type": "ACCOUNT", "currency": "CLP", "account": ["accountNumber": "1738"]]],
    ]

    func changed(_ field: String, _ value: JSON?) throws -> JSON {
        var object = try #require(topUp.object)
        object[field] = value
        return .object(object)
    }

    @Test("path parameters come first, then the body")
    func pathThenBody() throws {
        let operation = try #require(Catalogue.conomy["payments.refund"])
        let call = try Call(binding: operation, ["p1", ["amount": "10.50", "reason": "late"]])
        #expect(call.target == "/payments/p1/refund")
        #expect(call.body?.text() == #"{"amount":"10.50","reason":"late"}"#)
    }

    @Test("a whole number that is too large is out of bounds, and a fraction is of the wrong type")
    func largeNumbers() throws {
        #expect(
            try violations("payment_links.create", ["duration": .decimal("99999999999999999999")])
                .contains("out_of_bounds duration"))
        #expect(
            try violations("payment_links.create", ["duration": .decimal("-99999999999999999999")])
                .contains("out_of_bounds duration"))
        #expect(try violations("payment_links.create", ["duration": .decimal("60.5")]).contains("wrong_type duration"))
    }

    @Test("an id never becomes a path of its own")
    func encodedPath() throws {
        let operation = try #require(Catalogue.conomy["payments.get"])
        #expect(try Call(binding: operation, ["../auth?x=1"]).target == "/payments/..%2Fauth%3Fx%3D1")
        for id in [".", ".."] {
            let error = #expect(throws: InvalidArguments.self) { try Call(binding: operation, [.string(id)]) }
            #expect(error?.description == "payments.get: id is \"\(id)\", which is no id")
        }
    }

    @Test("query and body are told apart by name")
    func queryAndBody() throws {
        let operation = try #require(Catalogue.conomy["customers.create"])
        let call = try Call(binding: operation, [["clientId": "c", "firstName": "Ana"]])
        #expect(call.target == "/customers?clientId=c")
        #expect(call.body?.text() == #"{"firstName":"Ana"}"#)
    }

    @Test("a full payment passes")
    func fullPayment() throws {
        #expect(try violations("payments.create", topUp) == [])
    }

    @Test("a misspelt field is named with what was meant")
    func misspelt() throws {
        let operation = try #require(Catalogue.conomy["payments.refund"])
        let error = #expect(throws: InvalidArguments.self) {
            try Call(binding: operation, ["p1", ["amuont": "1", "amount": "1"]])
        }
        #expect(error?.violations.first?.hint == "did you mean \"amount\"?")
    }

    @Test("missing, unknown, mistyped and misnamed values are each found with their path")
    func eachKind() throws {
        #expect(try violations("payments.create", changed("product", nil)) == ["missing_field product"])
        #expect(try violations("payments.create", changed("colour", "red")) == ["unknown_field colour"])
        #expect(try violations("payments.create", changed("type", "TOPUP")) == ["not_in_list type"])
        #expect(try violations("payments.create", changed("purchaseAmount", .decimal("10.5"))) == ["wrong_type purchaseAmount"])
        #expect(try violations("payments.create", changed("purchaseAmount", 10)) == ["wrong_type purchaseAmount"])
        #expect(try violations("payments.create", changed("origins", [])) == ["out_of_bounds origins"])
        #expect(try violations("payments.create", changed("product", "CLP")) == ["bad_format product"])
        #expect(
            try violations("payments.create", changed("origins", [["type": "PIX", "currency": "BRL"]])) == [
                "missing_field origins[1].pix"
            ])
        #expect(
            try violations("payments.create", changed("origins", [["type": "FINTOC", "currency": "CLP", "pix": [:]]]))
                == ["unknown_field origins[1].pix"])
        #expect(try violations("payments.list", ["startDate": "2026-01-01"]) == ["bad_format startDate"])
        #expect(try violations("payments.get") == ["missing_field id"])
        #expect(try violations("payments.get", "a", [:], [:]) == ["too_many_arguments "])
        #expect(try violations("customers.create", ["lastName": "x"]) == ["missing_field "])
    }

    @Test("an amount may not have more decimals than the currency beside it")
    func decimals() throws {
        #expect(try violations("payments.create", changed("purchaseAmount", "10.5")) == ["bad_amount purchaseAmount"])
    }

    @Test("a money value travels as text and must agree with the currency beside it")
    func money() throws {
        let operation = try #require(Catalogue.conomy["payments.create"])
        let call = try Call(binding: operation, [changed("purchaseAmount", ["$money": ["1000", "CLP"]])])
        #expect(call.body?["purchaseAmount"] == "1000")
        #expect(call.money["purchaseAmount"]?.description == "1000 CLP")
        #expect(
            try violations("payments.create", changed("purchaseAmount", ["$money": ["1000", "PYG"]])) == [
                "bad_amount purchaseAmount"
            ])
    }

    @Test("a refund of everything is said in words")
    func refundOfEverything() throws {
        #expect(try violations("payments.refund", "p1") == ["missing_field amount"])
        #expect(try violations("payments.refund", "p1", ["reason": "x"]) == ["missing_field amount"])
        #expect(try violations("payments.refund", "p1", ["amount": nil]).contains("missing_field amount"))
        #expect(
            try violations("payments.create", ["type": "REFUND", "parentPaymentId": "p1"]) == ["missing_field purchaseAmount"])
        let operation = try #require(Catalogue.conomy["payments.refund"])
        #expect(try Call(binding: operation, ["p1", ["amount": "all"]]).body == nil)
        #expect(try Call(binding: operation, ["p1", ["amount": "all", "reason": "r"]]).body?.text() == #"{"reason":"r"}"#)
    }

    @Test(
        "an amount that people or spreadsheets misspell is refused",
        arguments: [
            "1,000.00", "1e3", " 5", "5 ", "-5", "+5", "00100", "٥", "５", "", ".5", "5.", "1.2.3", "0x10", "1_000", "1'000",
            "NaN", "−5",
        ])
    func misspeltAmounts(text: String) throws {
        #expect(try violations("payments.refund", "p1", ["amount": .string(text)]) == ["bad_amount amount"])
    }

    @Test("an empty table is an empty list where a list belongs")
    func emptyTables() throws {
        #expect(try violations("identities.add_permissions", "i1", [:]) == ["out_of_bounds "])
        #expect(try violations("payments.capture", "p1", []) == [])
    }
}
