import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

/// A simulator with the words tests use to talk to it.
struct Desk {
    let simulator: Simulator

    init(world: World = .starter, _ change: (inout SimulatorOptions) -> Void = { _ in }) throws {
        var options = SimulatorOptions(seed: 7, clock: .manual(Desk.start))
        change(&options)
        simulator = try Simulator(world: world, options: options)
    }

    static let start = Timestamp(year: 2026, month: 6, day: 1)!  // There is such a day.
    static let identity = "000000000000000000000001"

    static func account(_ currency: String) -> String {
        let order = ["CLP", "ARS", "BRL", "COP", "MXN", "USD", "PEN", "EUR"]
        return "10000000000000000000\((order.firstIndex(of: currency) ?? 0) + 1)"
    }

    func call(_ name: String, _ path: [String] = [], query: [String: String] = [:], _ body: JSON? = nil) throws -> Call {
        let operation = try #require(
            name == "auth" ? Catalogue.conomy.authenticate : Catalogue.conomy[name], "no operation \(name)")
        let parameters = Dictionary(uniqueKeysWithValues: zip(operation.pathParameters.map(\.name), path))
        return Call(
            operation, pathParameters: parameters, query: query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, body: body)
    }

    @discardableResult
    func ask(_ name: String, _ path: String..., query: [String: String] = [:], body: JSON? = nil) throws -> Answer {
        simulator.answer(try call(name, path, query: query, body))
    }

    /// The body of an answer that must be a success and fit the contract.
    @discardableResult
    func get(
        _ name: String, _ path: String..., query: [String: String] = [:], body: JSON? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        let call = try call(name, path, query: query, body)
        let answer = simulator.answer(call)
        #expect(answer.isSuccess, "\(name): \(answer.body?.text() ?? "")", sourceLocation: location)
        expectFits(answer, call.operation, at: location)
        return answer.body ?? .null
    }

    /// The status and code of an answer that must be a refusal.
    func refusal(
        _ name: String, _ path: String..., query: [String: String] = [:], body: JSON? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let answer = simulator.answer(try call(name, path, query: query, body))
        #expect(!answer.isSuccess, "\(name) was accepted: \(answer.body?.text() ?? "")", sourceLocation: location)
        #expect(
            SchemaChecker(.ownAnswer).check(answer.body ?? .null, try #require(Schema.named("Error"))) == [],
            sourceLocation: location)
        return "\(answer.status) \(answer.body?["code"]?.string ?? "")"
    }

    // MARK: Usual payments

    static func accountNode(_ currency: String, amount: String? = nil, number: String? = nil) -> JSON {
        var node: JSONObject = [
            "type": "ACCOUNT", "currency": .string(currency), "account": ["accountNumber": .string(number ?? account(currency))],
        ]
        node["amount"] = amount.map(JSON.string)
        return .object(node)
    }

    static let payer: JSON = [
        "firstName": "Ana", "lastName": "Diaz", "email": "ana@example.com", "documentNumber": "30111222", "documentType": "DNI",
    ]

    static func topup(_ amount: String = "100.00", _ currency: String = "ARS", extra: JSONObject = [:]) -> JSON {
        var body: JSONObject = [
            "type": "TOPUP_ACCOUNT", "product": .string("\(currency):\(currency)"), "purchaseAmount": .string(amount),
            "purchaseCurrency": .string(currency), "origins": [["type": "CVU", "currency": .string(currency), "cvu": [:]]],
            "destinations": [accountNode(currency)],
        ]
        for (key, value) in extra.members { body[key] = value }
        return .object(body)
    }

    static func withdrawal(_ amount: String) -> JSON {
        [
            "type": "WITHDRAWAL_ACCOUNT", "product": "EUR:EUR", "totalAmount": .string(amount), "origins": [accountNode("EUR")],
            "destinations": [["type": "SEPA", "currency": "EUR", "sepa": ["iban": "DE1", "bic": "B", "customer": payer]]],
        ]
    }

    /// A payment that has arrived and settled: its id.
    func settled(_ amount: String = "100.00") throws -> String {
        let id = try id(get("payments.create", body: Desk.topup(amount)))
        try get("payments.capture", id)
        try get("payments.simulate_received", body: ["id": .string(id)])
        return id
    }

    func id(_ json: JSON) throws -> String { try #require(json["id"]?.string) }

    func status(_ payment: String) throws -> String { try get("payments.get", payment)["status"]?.string ?? "" }

    func funds(_ currency: String) throws -> (balance: String, available: String) {
        let page = try get("accounts.list", query: ["accountNumber": Desk.account(currency)])
        let account = try #require(page["pagination"]?["results"]?.array?.first)
        return (account["balance"]?.string ?? "", account["availableFunds"]?.string ?? "")
    }
}

/// The answer's body fits the schema the contract has for this status.
func expectFits(_ answer: Answer, _ operation: ConomyAPI.Operation, at location: SourceLocation = #_sourceLocation) {
    guard let schema = operation.answers[answer.status] else {
        Issue.record("\(operation.name) answered \(answer.status), which the contract does not have", sourceLocation: location)
        return
    }
    guard let schema else {
        #expect(answer.body == nil, sourceLocation: location)
        return
    }
    let violations = SchemaChecker(.ownAnswer).check(answer.body ?? .null, schema)
    #expect(violations == [], "\(operation.name): \(answer.body?.text() ?? "")", sourceLocation: location)
}
