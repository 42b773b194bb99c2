import ConomyAPI
import ConomySimulator
import ExactJSON

// Measures the simulator in memory, on one thread, and prints calls a second as one object of JSON. `scripts/bench` runs it.

/// The names are those of the catalogue, and the calls are legal: anything else is a mistake in this file.
func call(_ name: String, _ id: String = "", query: [(name: String, value: String)] = [], body: JSON? = nil) -> Call {
    guard let operation = Catalogue.conomy[name] else { preconditionFailure("there is no operation \(name)") }
    let parameters = Dictionary(operation.pathParameters.map { ($0.name, id) }, uniquingKeysWith: { first, _ in first })
    return Call(operation, pathParameters: parameters, query: query, body: body)
}

let simulator = try Simulator(options: SimulatorOptions(clock: .manual(Timestamp(millisecondsSince1970: 1_800_000_000_000))))

@discardableResult
func ask(_ call: Call) -> JSON {
    let answer = simulator.answer(call)
    precondition(answer.isSuccess, "\(call.operation.name): \(answer.body?.text() ?? "")")
    return answer.body ?? .null
}

let account: JSON = ["type": "ACCOUNT", "currency": "CLP", "account": ["accountNumber": "100000000000000000001"]]
let topup = call(
    "payments.create",
    body: [
        "type": "TOPUP_ACCOUNT", "product": "CLP:CLP", "purchaseAmount": "1000", "purchaseCurrency": "CLP",
        "origins": [["type": "FINTOC", "currency": "CLP", "fintoc": [:]]], "destinations": [account],
    ])

func made() -> String { ask(topup)["id"]?.string ?? "" }

/// Runs `body` this many times.
/// - Returns: how many times a second that was.
func rate(_ count: Int, _ body: (Int) -> Void) -> JSON {
    let clock = ContinuousClock()
    let time = clock.measure { for index in 0..<count { body(index) } }
    let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
    return .integer(count * 1000 / max(1, Int(milliseconds)))
}

var figures = JSONObject()
let count = 20_000
var payments: [String] = []
figures["create and capture"] = rate(count) { _ in
    let id = made()
    ask(call("payments.capture", id, body: [:]))
    payments.append(id)
}
for id in payments { ask(call("payments.simulate_received", body: ["id": .string(id)])) }
let one = call("payments.get", payments[0])
figures["read"] = rate(10 * count) { _ in ask(one) }
let page = call("payments.list", query: [("limit", "50"), ("accountNumber", "100000000000000000001")])
figures["page of 50"] = rate(count / 10) { _ in ask(page) }
figures["refund"] = rate(count) { index in ask(call("payments.refund", payments[index], body: ["amount": "1"])) }
// All of one parent, whose refunds have to be added up each time.
figures["refund of one payment"] = rate(900) { _ in ask(call("payments.refund", payments[1], body: ["amount": "1"])) }
print(JSON.object(figures).text())
