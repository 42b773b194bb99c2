import ExactJSON

extension Platform {
    /// Orders faults, after those that were ordered before.
    mutating func order(_ ordered: [Fault]) {
        faults.add(ordered.filter { !$0.isForEvents })
        for index in banks.indices {
            withBank(index) { $0.eventFaults.add(ordered.filter(\.isForEvents)) }
        }
    }

    mutating func removeFaults() {
        faults.removeAll()
        for index in banks.indices { withBank(index) { $0.eventFaults.removeAll() } }
    }

    /// All faults and how far they have come; those of events once a tenant.
    var faultsJSON: JSON { .array((faults.json.array ?? []) + banks.flatMap { $0.eventFaults.json.array ?? [] }) }
}
