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
            let members = try order.members("approved", "reason")
            guard let approved = members["approved"]?.bool else { throw .missing("approved is missing: true or false") }
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
                order.body["faults"] == nil && order.body.object != nil ? [try Fault(order.body)] : try Fault.list(order.body)
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
        let members = try order.members("advanceSeconds", "set")
        let seconds = try ordered { () throws(OrderError) in try members.whole("advanceSeconds", in: 0...10_000_000_000) }
        let text = try ordered { () throws(OrderError) in try members.text("set") }
        let target: Timestamp
        switch (seconds, text) {
        case (let seconds?, nil): target = simulator.now.adding(milliseconds: Int64(seconds) * 1000)
        case (nil, let text?):
            guard let instant = Timestamp(text) else {
                throw .invalid("set is \"\(text)\", which is not a time as 2026-04-17T14:37:44Z")
            }
            target = instant
        default: throw .missing("one of advanceSeconds, set is missing; one of them moves the clock")
        }
        guard target <= latest else { throw .invalid("the clock would stand at a time after \(latest), which cannot be written") }
        if !simulator.setClock(target) {
            // A clock of the machine stands still from here on.
            simulator.advance(by: .zero)
            simulator.setClock(target)
        }
        return clock(simulator)
    }

    /// The last second of the last year that a timestamp can be written in, less what settles and expires after it.
    private static let latest = Timestamp(millisecondsSince1970: 253_402_300_799_000 - 100 * 366 * 86_400_000)

    private static func deposit(_ order: ControlRequest) throws(Refusal) -> JSON {
        let members = try order.members("rail", "amount", "currency", "code", "originator", "reference")
        func text(_ name: String) throws(Refusal) -> String? { try ordered { () throws(OrderError) in try members.text(name) } }
        for name in ["rail", "amount", "currency"] where members[name] == nil { throw .missing("\(name) is missing") }
        let amount: Money
        let (written, currency) = (try text("amount") ?? "", try text("currency") ?? "")
        do { amount = try Money(written, Currency(currency)) } catch { throw .invalid("amount: \(error)") }
        let rail = try text("rail") ?? ""
        guard Rail.push(rail, amount.currency) != nil, amount.minorUnits > 0 else {
            throw .invalid("\(rail) is no push rail that carries \(amount)")
        }
        let originator = members["originator"]
        guard originator?.object != nil || originator == nil else {
            throw .invalid("originator is \(originator?.kind ?? "") where an object belongs")
        }
        let id = order.simulator.deposit(
            rail: rail, amount: amount, code: try text("code"), originator: originator, reference: try text("reference"),
            tenant: order.tenant)
        return ["paymentId": id.map(JSON.string) ?? .null]
    }

    private static func webhook(_ order: ControlRequest) -> JSON {
        order.simulator.withBank(order.tenant) { $0.webhooks.endpoint }.map(\.json) ?? [:]
    }
}
