import BursarJournal
import ConomyAPI
import ExactJSON

/// Events that were received, as people and programs read them.
enum EventView {
    static func line(_ event: StoredEvent) -> String {
        let times = event.repeats > 0 ? ", came \(event.repeats + 1) times" : ""
        return "\(event.name) \(event.receivedAt) \(event.type) \(event.object ?? "-") \(event.state.rawValue)\(times)"
    }

    static func text(_ event: StoredEvent, width: Int) -> String {
        var fields = FieldLines(width: width)
        fields.add("type", event.type)
        if let object = event.object { fields.add("about", object) }
        fields.add("received", event.receivedAt.description + (event.repeats > 0 ? ", and \(event.repeats) times again" : ""))
        fields.add("listener", event.listener)
        fields.add(
            "state",
            event.state.rawValue
                + (event.attempts > 0 ? " after \(event.attempts) failed \(event.attempts == 1 ? "try" : "tries")" : ""))
        if event.state == .waiting, event.attempts > 0 { fields.add("next try", event.nextAt.description) }
        if let problem = event.problem { fields.add("problem", problem) }
        let body = (try? JSON(parsing: event.body))?.text(.pretty) ?? String(decoding: event.body, as: UTF8.self)
        return ([event.name] + fields.lines + ["", body]).joined(separator: "\n")
    }

    static func json(_ event: StoredEvent) -> JSON {
        var object: JSONObject = [
            "event": .string(event.name), "type": .string(event.type), "listener": .string(event.listener),
            "received_at": .string(event.receivedAt.description), "repeats": .integer(event.repeats),
            "state": .string(event.state.rawValue), "attempts": .integer(event.attempts),
        ]
        object["object"] = event.object.map(JSON.string)
        object["next_at"] = event.state == .waiting ? .string(event.nextAt.description) : nil
        object["problem"] = event.problem.map(JSON.string)
        object["body"] = .string(String(decoding: event.body, as: UTF8.self))
        return .object(object)
    }
}
