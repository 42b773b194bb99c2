import ConomyAPI
import ExactJSON

/// One way to control the simulator over HTTP: a method, a path beneath `/_sim/`, and what it does.
public struct ControlEndpoint: Sendable {
    public let method: String
    /// `payments/{id}/fail`
    public let path: String
    let perform: @Sendable (ControlRequest) throws(Refusal) -> JSON

    private init(
        _ method: String, _ path: String, _ perform: @escaping @Sendable (ControlRequest) throws(Refusal) -> JSON
    ) {
        self.method = method
        self.path = path
        self.perform = perform
    }

    func fits(_ method: String, _ steps: [String]) -> Bool {
        let own = path.split(separator: "/")
        return self.method == method && own.count == steps.count
            && zip(own, steps).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    public static let all = [
        ControlEndpoint("GET", "clock") { order in clock(order.simulator) },
        ControlEndpoint("POST", "clock") { order throws(Refusal) in try move(order) },

        ControlEndpoint("GET", "ledger") { order throws(Refusal) in
            let entries = order.simulator.ledger(tenant: order.tenant)
            return [
                "total": .integer(entries.count),
                "entries": .array(try order.cut(entries, sequence: \.sequence).map(\.json)),
            ]
        },
        ControlEndpoint("GET", "world") { order in order.simulator.snapshot().json },
        ControlEndpoint("GET", "calls") { order throws(Refusal) in
            let (total, entries) = order.simulator.withPlatform { ($0.log.total, $0.log.entries) }
            return ["total": .integer(total), "calls": .array(try order.cut(entries, sequence: \.sequence).map(\.json))]
        },
        ControlEndpoint("DELETE", "calls") { order in
            order.simulator.withPlatform { $0.log.removeAll() }
            return [:]
        },

        ControlEndpoint("POST", "deposits") { order throws(Refusal) in try deposit(order) },
        ControlEndpoint("POST", "payments/{id}/fail") { order throws(Refusal) in
            let id = order.path[1]
            guard order.simulator.fail(payment: id, tenant: order.tenant) else {
                throw .state("there is no payment \(id) that could fail")
            }
            return [:]
        },
        ControlEndpoint("POST", "customers/{id}/documents/{number}") { order throws(Refusal) in
            guard let approved = order.body["approved"]?.bool else { throw .missing("approved is missing: true or false") }
            let isThere = order.simulator.resolveDocument(
                ofCustomer: order.path[1], number: Int(order.path[3]) ?? 0, approved: approved,
                reason: order.body["reason"]?.string,
                tenant: order.tenant)
            guard isThere else { throw .notFound("document", "\(order.path[3]) of customer \(order.path[1])") }
            return [:]
        },
        ControlEndpoint("POST", "tokens/expire") { order in
            order.simulator.expireTokens()
            return [:]
        },

        ControlEndpoint("GET", "faults") { order in ["faults": order.simulator.withPlatform(\.faultsJSON)] },
        ControlEndpoint("POST", "faults") { order throws(Refusal) in
            let faults = try ordered { () throws(OrderError) in
                // One fault, or a list of them.
                order.body["fault"] == nil ? try Fault.list(order.body) : [try Fault(order.body)]
            }
            order.simulator.order(faults)
            return ["faults": order.simulator.withPlatform(\.faultsJSON)]
        },
        ControlEndpoint("DELETE", "faults") { order in
            order.simulator.removeFaults()
            return ["faults": []]
        },

        ControlEndpoint("GET", "webhook") { order in webhook(order) },
        ControlEndpoint("PUT", "webhook") { order throws(Refusal) in
            let endpoint = try ordered { () throws(OrderError) in try WebhookEndpoint(order.body) }
            order.simulator.withBank(order.tenant) { $0.webhooks.endpoint = endpoint }
            return webhook(order)
        },
        ControlEndpoint("DELETE", "webhook") { order in
            order.simulator.withBank(order.tenant) { $0.webhooks.endpoint = nil }
            return webhook(order)
        },
        ControlEndpoint("GET", "deliveries") { order throws(Refusal) in
            let (total, deliveries) = order.simulator.withBank(order.tenant) { ($0.webhooks.count, $0.webhooks.deliveries) }
            return [
                "total": .integer(total),
                "deliveries": .array(try order.cut(deliveries, sequence: \.sequence).map(\.json)),
            ]
        },
        ControlEndpoint("POST", "deliveries/{sequence}/replay") { order throws(Refusal) in
            let isThere = order.simulator.withBank(order.tenant) { bank in
                Int(order.path[1]).map { bank.webhooks.replay($0, at: bank.clock.now) } ?? false
            }
            guard isThere else { throw .notFound("delivery", order.path[1]) }
            return [:]
        },
    ]

    private static func clock(_ simulator: Simulator) -> JSON {
        let clock = simulator.withPlatform(\.clock)
        if case .manual(let now) = clock { return ["now": .string(now.description), "isManual": true] }
        return ["now": .string(clock.now.description), "isManual": false]
    }

    private static func move(_ order: ControlRequest) throws(Refusal) -> JSON {
        let simulator = order.simulator
        if let seconds = order.body["advanceSeconds"]?.integer {
            guard seconds >= 0, seconds < 10_000_000_000 else { throw .invalid("advanceSeconds is \(seconds)") }
            simulator.advance(by: .seconds(seconds))
        } else if let text = order.body["set"]?.string {
            guard let instant = Timestamp(text) else {
                throw .invalid("set is \"\(text)\", which is not a time as 2026-04-17T14:37:44Z")
            }
            if !simulator.setClock(instant) {
                // A clock of the machine stands still from here on.
                simulator.advance(by: .zero)
                simulator.setClock(instant)
            }
        } else {
            throw .missing("one of advanceSeconds, set is missing")
        }
        return clock(simulator)
    }

    private static func deposit(_ order: ControlRequest) throws(Refusal) -> JSON {
        let body = order.body
        for member in ["rail", "amount", "currency"] where body[member]?.string == nil { throw .missing("\(member) is missing") }
        let amount: Money
        do { amount = try Money(body["amount"]?.string ?? "", Currency(body["currency"]?.string ?? "")) } catch {
            throw .invalid("amount: \(error)")
        }
        let rail = body["rail"]?.string ?? ""
        guard Rail.push(rail, amount.currency) != nil, amount.minorUnits > 0 else {
            throw .invalid("\(rail) is no push rail that carries \(amount)")
        }
        let id = order.simulator.deposit(
            rail: rail, amount: amount, code: body["code"]?.string, originator: body["originator"],
            reference: body["reference"]?.string, tenant: order.tenant)
        return ["paymentId": id.map(JSON.string) ?? .null]
    }

    private static func webhook(_ order: ControlRequest) -> JSON {
        order.simulator.withBank(order.tenant) { $0.webhooks.endpoint }.map(\.json) ?? [:]
    }
}
