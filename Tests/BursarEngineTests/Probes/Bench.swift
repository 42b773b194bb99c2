import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

/// A bank, and a probe that looks at it.
struct Bench {
    let simulator: Simulator

    init(world: World = .starter, _ change: (inout SimulatorOptions) -> Void = { _ in }) throws {
        var options = SimulatorOptions(seed: 7, clock: .manual(Bench.bankTime))
        change(&options)
        simulator = try Simulator(world: world, options: options)
    }

    /// The bank's clock stands far from ours.
    static let bankTime = Timestamp(millisecondsSince1970: 1_780_000_000_000)
    static let ourTime = Timestamp(millisecondsSince1970: 1_795_000_000_000)
    static let stamp = "bursar-7f3a"
    static let identity = "000000000000000000000001"

    static func account(_ currency: String) -> String {
        let order = ["CLP", "ARS", "BRL", "COP", "MXN", "USD", "PEN", "EUR"]
        return "10000000000000000000\((order.firstIndex(of: currency) ?? 0) + 1)"
    }

    func call(_ name: String, _ ids: [String] = [], _ body: JSON? = nil) throws -> Call {
        let operation = try #require(Catalogue.conomy[name], "no operation \(name)")
        return Call(
            operation, pathParameters: Dictionary(uniqueKeysWithValues: zip(operation.pathParameters.map(\.name), ids)),
            body: body)
    }

    /// The body of an answer that must be a success.
    @discardableResult
    func get(_ name: String, _ ids: String..., body: JSON? = nil, at location: SourceLocation = #_sourceLocation) throws -> JSON {
        let answer = simulator.answer(try call(name, ids, body))
        #expect(answer.isSuccess, "\(name): \(answer.body?.text() ?? "")", sourceLocation: location)
        return answer.body ?? .null
    }

    func id(_ json: JSON, _ member: String = "id") throws -> String { try #require(json[member]?.string) }

    // What a bank is filled with

    static func node(_ currency: String, amount: String? = nil, number: String? = nil) -> JSON {
        var node: JSONObject = [
            "type": "ACCOUNT", "currency": .string(currency), "account": ["accountNumber": .string(number ?? account(currency))],
        ]
        node["amount"] = amount.map(JSON.string)
        return .object(node)
    }

    static func topup(_ amount: String = "100.00", _ extra: JSONObject = [:]) -> JSON {
        var body: JSONObject = [
            "type": "TOPUP_ACCOUNT", "product": "ARS:ARS", "purchaseAmount": .string(amount), "purchaseCurrency": "ARS",
            "origins": [["type": "CVU", "currency": "ARS", "cvu": [:]]], "destinations": [node("ARS")],
        ]
        for (key, value) in extra.members { body[key] = value }
        return .object(body)
    }

    static func offer(_ token: String = "spring") -> JSON {
        [
            "checkoutToken": .string(token), "currency": "CLP", "duration": 3600, "paymentMethodsAllowed": ["ETPAY", "CVU"],
            "owner": ["identityId": .string(identity)],
            "items": [["preTaxAmount": "1000", "totalAmount": "1000", "description": "Shoes"]],
            "destinations": [node("CLP", amount: "1000")],
        ]
    }

    static let payer: JSON = [
        "firstName": "Ana", "lastName": "Diaz", "email": "ana@example.com", "documentNumber": "30111222", "documentType": "DNI",
    ]

    static func person(_ number: String, _ extra: JSONObject = [:]) -> JSON {
        var body: JSONObject = [
            "type": "USER", "name": "Ana", "email": .string("\(number)@example.com"), "phone": .string("+5411\(number)"),
            "documentNumber": .string(number), "documentType": "DNI", "idv": "idv", "country": "ARG",
        ]
        for (key, value) in extra.members { body[key] = value }
        return .object(body)
    }

    func created(_ amount: String = "100.00", _ extra: JSONObject = [:]) throws -> String {
        try id(get("payments.create", body: Bench.topup(amount, extra)))
    }

    func captured(_ amount: String = "100.00") throws -> String {
        let payment = try created(amount)
        try get("payments.capture", payment)
        return payment
    }

    /// A payment that has arrived and settled.
    func settled(_ amount: String = "100.00") throws -> String {
        let payment = try captured(amount)
        try get("payments.simulate_received", body: ["id": .string(payment)])
        return payment
    }

    /// A deposit that waits to be assigned.
    func deposited(_ amount: String = "75.00", document: String? = nil) throws -> String {
        try #require(
            simulator.deposit(
                rail: "CVU", amount: try Money(amount, Currency("ARS")),
                originator: document.map { ["firstName": "Ana", "documentNumber": .string($0)] }))
    }

    // Looking

    func doubt(
        _ call: Call, stamp: String? = nil, claimed: Set<String> = [], witness: String? = nil, notBefore: Timestamp? = nil,
        reads: (any Performer)? = nil
    ) -> Doubt {
        Doubt(
            call: call, intendedAt: Bench.ourTime, stamp: stamp, reads: reads ?? simulator,
            claim: { id throws(CallFailure) in claimed.contains(id) ? .anothers : .none }, witness: witness, notBefore: notBefore)
    }

    func look(
        _ call: Call, stamp: String? = nil, claimed: Set<String> = [], witness: String? = nil, notBefore: Timestamp? = nil,
        reads: (any Performer)? = nil
    ) async throws -> Finding {
        let probe = try #require(Probes.probe(for: call.operation.name))
        return await probe.finding(
            for: doubt(call, stamp: stamp, claimed: claimed, witness: witness, notBefore: notBefore, reads: reads))
    }
}

extension Finding {
    /// `present`, `absent` or `unknown`.
    var word: String {
        switch self {
        case .present: "present"
        case .absent: "absent"
        case .unknown: "unknown"
        }
    }

    var answer: Answer? { if case .present(let answer, _) = self { answer } else { nil } }

    /// For the texts of failed expectations.
    var story: String {
        switch self {
        case .present(let answer, let evidence): "present (\(evidence)): \(answer.body?.text() ?? "")"
        case .absent(let evidence): "absent (\(evidence))"
        case .unknown(let reason): "unknown (\(reason))"
        }
    }
}

extension Probe {
    /// Looks once, and says why where nothing can be concluded: as the caller of a probe takes it.
    func finding(for doubt: Doubt) async -> Finding {
        do { return try await look(for: doubt) } catch { return .unknown(error.description) }
    }
}
