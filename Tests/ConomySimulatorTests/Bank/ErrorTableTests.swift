import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct ErrorTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let code: APIErrorCode
        let cause: String
        var options: @Sendable (inout SimulatorOptions) -> Void = { _ in }
        let ask: @Sendable (Desk) throws -> Answer

        var testDescription: String { "\(code.rawValue) \(code.type): \(cause)" }
    }

    static let person: JSON = [
        "name": "Ana", "email": "ana@example.com", "phone": "+5491155550000", "documentNumber": "30111222",
        "documentType": "DNI", "idv": "none", "country": "ARG",
    ]

    /// What needs a broken transport or a fault order (01, 02, 14, 32, 42) is tested where those are.
    static let table: [Row] = [
        Row(code: .invalidParam, cause: "a value of the wrong type") {
            try $0.ask("payments.create", body: Desk.topup(extra: ["purchaseAmount": 100]))
        },
        Row(code: .invalidParam, cause: "a field the contract does not have") {
            try $0.ask("payments.create", body: Desk.topup(extra: ["colour": "blue"]))
        },
        Row(code: .invalidParam, cause: "a value that is in no list") { try $0.ask("payments.list", query: ["type": "refund"]) },
        Row(code: .invalidParam, cause: "a day that does not exist") {
            try $0.ask("payments.list", query: ["startDate": "31/02/2026"])
        },
        Row(code: .invalidParam, cause: "an amount above the most") {
            try $0.ask("payments.create", body: Desk.topup("1000000000000.01"))
        },
        Row(code: .invalidParam, cause: "an amount of 38 digits") {
            try $0.ask("payments.create", body: Desk.topup(String(repeating: "9", count: 36)))
        },
        Row(code: .missingParam, cause: "a body without a field it needs") {
            try $0.ask("accounts.create", body: ["type": "CHECKING"])
        },
        Row(code: .missingParam, cause: "no body at all") { try $0.ask("payments.create") },
        Row(code: .missingParam, cause: "a query without a parameter it needs") { try $0.ask("accounts.unassigned") },
        Row(code: .alreadyExist, cause: "an identity that is there") {
            try $0.get("identities.create", body: person)
            return try $0.ask("identities.create", body: person)
        },
        Row(code: .alreadyExist, cause: "a customer that is there") {
            try $0.get("customers.create", body: ["firstName": "Ana", "documentNumber": "1"])
            return try $0.ask("customers.create", body: ["firstName": "Eva", "documentNumber": "1"])
        },
        Row(code: .alreadyExist, cause: "a checkout token that is taken") {
            try $0.get("payment_links.create", body: SessionTests.offer())
            return try $0.ask("payment_links.create", body: SessionTests.offer())
        },
        Row(code: .alreadyExist, cause: "an externalId that was used", options: { $0.rejectsRepeatedExternalIDs = true }) {
            try $0.get("payments.create", body: Desk.topup(extra: ["externalId": "o"]))
            return try $0.ask("payments.create", body: Desk.topup(extra: ["externalId": "o"]))
        },
        Row(code: .failedPrecondition, cause: "a wrong state") {
            try $0.ask("payments.capture", $0.settled(), body: [:])
        },
        Row(code: .failedPrecondition, cause: "insufficient funds") {
            try $0.ask("payments.create", body: Desk.withdrawal("10000000.01"))
        },
        Row(code: .failedPrecondition, cause: "a refund of more than is left") {
            try $0.ask("payments.refund", $0.settled("5.00"), body: ["amount": "5.01"])
        },
        Row(code: .failedPrecondition, cause: "an account that is blocked") {
            try $0.get("accounts.update", "000000000000000000000102", body: ["status": "BLOCKED"])
            return try $0.ask("payments.create", body: Desk.topup())
        },
        Row(code: .failedPrecondition, cause: "a capture out of an account that was blocked since") {
            let id = try $0.id($0.get("payments.create", body: Desk.withdrawal("1.00")))
            try $0.get("accounts.update", "000000000000000000000108", body: ["status": "BLOCKED"])
            return try $0.ask("payments.capture", id, body: [:])
        },
        Row(code: .failedPrecondition, cause: "a refund out of an account that was blocked since") {
            let id = try $0.settled()
            try $0.get("accounts.update", "000000000000000000000102", body: ["status": "BLOCKED"])
            return try $0.ask("payments.refund", id, body: ["amount": "1.00"])
        },
        Row(code: .invalidParam, cause: "an offer that adds up to more than the most") {
            let item: JSON = ["preTaxAmount": "1000000000000", "totalAmount": "1000000000000", "description": "Gold"]
            return try $0.ask("payment_links.create", body: SessionTests.offer(["items": [item, item]]))
        },
        Row(code: .failedPrecondition, cause: "an identity with accounts is deleted") {
            try $0.ask("identities.delete", Desk.identity)
        },
        Row(code: .notFound, cause: "an id nobody has") { try $0.ask("payments.get", "nobody") },
        Row(code: .notFound, cause: "an account in a body that nobody has") {
            try $0.ask(
                "payments.create", body: Desk.topup(extra: ["destinations": [Desk.accountNode("ARS", number: "999")]]))
        },
        Row(code: .notFound, cause: "brands while they are off") { try $0.ask("organizations.brand", Desk.identity) },
        Row(code: .unauthorized, cause: "a wrong secret") {
            try $0.ask("auth", body: ["clientId": "local-client", "clientSecret": "guessed"])
        },
        Row(code: .forbiddenOperation, cause: "money of somebody else") { desk in
            let other = try desk.id(desk.get("identities.create", body: person))
            let savings = try desk.get(
                "accounts.create",
                body: [
                    "identityId": .string(other), "type": "SAVINGS", "custody": "BANK_ACCOUNT", "currency": "ARS", "name": "x",
                ])
            return try desk.ask(
                "payments.create",
                body: [
                    "type": "P2P", "product": "ARS:ARS", "totalAmount": "1.00", "identityId": .string(other),
                    "origins": [Desk.accountNode("ARS")],
                    "destinations": [Desk.accountNode("ARS", number: try #require(savings["accountNumber"]?.string))],
                ])
        },
        Row(code: .forbiddenOperation, cause: "a payment only the platform makes") {
            try $0.ask("payments.create", body: Desk.topup(extra: ["type": "FEE"]))
        },
    ]

    @Test("each error by the request that causes it, with its status, code, type and a trace", arguments: table)
    func error(row: Row) throws {
        var seen: [JSON] = []
        // The same wrong request always gets the same code.
        for _ in 0..<2 {
            let answer = try row.ask(Desk(row.options))
            let body = try #require(answer.body)
            #expect(answer.status == row.code.status)
            #expect(body["status"]?.integer == row.code.status)
            #expect(body["code"]?.string == row.code.rawValue, "\(body.text())")
            #expect(body["type"]?.string == row.code.type)
            #expect(body["traceId"]?.string?.utf8.count == 36)
            #expect(body["detail"]?.string?.isEmpty == false)
            seen.append(body)
        }
        #expect(seen[0] == seen[1])
    }

    @Test("what a body or a filter names and nobody has is not found, as it is in a path")
    func unknownReferences() throws {
        let desk = try Desk()
        let topup = Desk.topup(extra: ["destinations": [Desk.accountNode("ARS", number: "999")]])
        #expect(try desk.refusal("payments.create", body: topup) == "404 31")
        #expect(try desk.refusal("payment_attempts.create", body: topup) == "404 31")
        let offer = SessionTests.offer(["owner": ["identityId": "nobody"]])
        #expect(try desk.refusal("payment_links.create", body: offer) == "404 31")
        #expect(try desk.refusal("payment_methods.products", query: ["identityId": "nobody"]) == "404 31")
        #expect(try desk.refusal("payment_methods.origins", query: ["accountNumber": "999"]) == "404 31")
        #expect(try desk.refusal("customers.create", query: ["clientId": "another"], body: ["firstName": "A"]) == "404 31")
        #expect(try desk.refusal("payment_attempts.create", body: Desk.topup(extra: ["type": "FEE"])) == "403 43")
    }
}
