import ConomyAPI
import ExactJSON

/// What a simulator was asked, in the order the bank came to it: whoever sent something can be shown to have sent nothing else.
struct CallLog: Sendable {
    struct Entry: Sendable {
        let sequence: Int
        let time: Timestamp
        let clientID: String?
        let method: String
        /// Path and query as they came, or as they would travel.
        let target: String
        /// Nil where the path names no operation.
        let operation: String?
        /// What the bank answered; nil where it was not asked.
        let status: Int?
        let fault: Fault.Kind?

        var json: JSON {
            var object: JSONObject = ["sequence": .integer(sequence), "time": .string(time.description)]
            object["clientId"] = clientID.map(JSON.string)
            object["method"] = .string(method)
            object["target"] = .string(target)
            object["operation"] = operation.map(JSON.string)
            object["status"] = status.map(JSON.integer)
            object["fault"] = fault.map { .string($0.rawValue) }
            return .object(object)
        }
    }

    /// Older entries are dropped, some at a time.
    static let bound = 100_000

    private(set) var total = 0
    private(set) var entries: [Entry] = []

    mutating func add(
        time: Timestamp, clientID: String?, method: String, target: String, operation: String?, status: Int?, fault: Fault.Kind?
    ) {
        total += 1
        if entries.count >= CallLog.bound { entries.removeFirst(CallLog.bound / 4) }
        entries.append(
            Entry(
                sequence: total, time: time, clientID: clientID, method: method, target: target, operation: operation,
                status: status,
                fault: fault))
    }

    mutating func removeAll() { entries = [] }
}
