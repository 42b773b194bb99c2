import ExactJSON

/// The faults a simulator was ordered to show, and how far each has come.
///
/// Every fault counts the calls that concern it and draws its own chance, whatever the others do, so that one more fault in the
/// list changes nothing for those before it. Where several would happen at one call, the first of the list does.
struct FaultPlan: Sendable {
    private struct Order: Sendable {
        let fault: Fault
        var chance: Identifiers
        var met = 0
        var happened = 0
    }

    private var orders: [Order] = []
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    var isEmpty: Bool { orders.isEmpty }

    mutating func add(_ faults: [Fault]) {
        for fault in faults {
            // Ids and faults are drawn apart from each other: a fault does not change what the bank gives out.
            orders.append(Order(fault: fault, chance: Identifiers(seed: seed ^ 0xFA17 ^ UInt64(orders.count) << 32)))
        }
    }

    mutating func removeAll() { orders = [] }

    /// The fault that happens at this call of an operation (or this delivery of an event), if one does.
    mutating func meet(_ name: String, isEvent: Bool = false) -> Fault? {
        guard !orders.isEmpty else { return nil }
        var result: Fault?
        for index in orders.indices where orders[index].fault.isForEvents == isEvent && orders[index].fault.concerns(name) {
            let fault = orders[index].fault
            orders[index].met += 1
            var happens = fault.calls?.contains(orders[index].met) ?? true
            if happens, let chance = fault.chance { happens = orders[index].chance.next() % 1_000_000 < chance }
            if let times = fault.times, orders[index].happened >= times { happens = false }
            guard happens, result == nil else { continue }
            orders[index].happened += 1
            result = fault
        }
        return result
    }

    /// Each fault as it was ordered, with `met` (calls that concerned it) and `happened`.
    var json: JSON {
        .array(
            orders.map { order in
                var object = order.fault.json.object ?? [:]
                object["met"] = .integer(order.met)
                object["happened"] = .integer(order.happened)
                return .object(object)
            })
    }
}
