import Foundation
import ScriptWire
import Testing

@testable import ScriptWorker

/// One request as a test reads it.
struct Asked: Equatable {
    var id: UInt32
    var task: UInt32
    var name: String
    var location: String
    var payload: String
}

/// What a script did, from its start to its end.
struct Played {
    var requests: [Asked] = []
    var notes: [Asked] = []
    var end: WorkerMessage = .waiting
    /// Bytes of Lua values at each turn.
    var memory: [Int] = []

    /// Texts given to `print`.
    var printed: [String] {
        notes.compactMap { note in
            guard note.name == "log", let fields = jsonObject(note.payload), fields["level"] as? String == "print" else {
                return nil
            }
            return fields["message"] as? String
        }
    }

    /// The result as JSON text, when the script finished.
    var result: String? {
        if case .finished(let payload) = end { String(decoding: payload, as: UTF8.self) } else { nil }
    }

    /// The error object, when the script failed or reached a limit.
    var failure: [String: Any]? {
        switch end {
        case .failed(let payload), .limit(_, let payload): jsonObject(String(decoding: payload, as: UTF8.self))
        default: nil
        }
    }

    var message: String? { failure?["message"] as? String }
}

/// A JSON object, for reading in tests.
func jsonObject(_ text: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
}

/// JSON text of a string.
func quoted(_ text: String) -> String {
    let data = (try? JSONSerialization.data(withJSONObject: [text])) ?? Data()
    return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast())
}

/// The host's answer in a test.
enum Reply {
    case ok(String)
    case error(String)
}

extension ScriptRoom {
    /// A room bounded in memory only.
    convenience init?(memoryBytes: UInt64) {
        self.init(WireLimits(memoryBytes: memoryBytes, runningMilliseconds: 0))
    }
}

/// Plays a script against answers made by `reply`, in this process and without pipes. `order` permutes the answers of a turn.
/// The room is one of its own with `memory` bytes, unless one is given.
func play(
    _ script: String, memory: UInt64 = 64 << 20, in room: ScriptRoom? = nil, arguments: String = "{}",
    reply: (Asked) -> Reply = { _ in .ok("{}") }, order: ([WorkerAnswer]) -> [WorkerAnswer] = { $0 }
) throws -> Played {
    var played = Played()
    let room = try #require(room ?? ScriptRoom(memoryBytes: memory))
    let start = """
        {"script":\(quoted(script)),"name":"refunds.lua","args":\(arguments),
         "operations":["accounts.create","payments.create","payments.get","payments.list","payments.refund","transfers.search"],
         "lists":["payments.list","transfers.search"],
         "currencies":{"ARS":2,"BHD":3,"BRL":2,"CLP":0,"USD":2,"USDT":6},"default_exponent":2}
        """
    var messages = room.start(Array(start.utf8))
    while true {
        let state = room.advance(&messages)
        var answers: [WorkerAnswer] = []
        for message in messages {
            switch message {
            case .request(let id, let task, let name, let location, let payload):
                let text = try #require(String(validating: payload, as: UTF8.self))
                let asked = Asked(id: id, task: task, name: name, location: location, payload: text)
                played.requests.append(asked)
                switch reply(asked) {
                case .ok(let json): answers.append(WorkerAnswer(id: id, ok: true, payload: Array(json.utf8)))
                case .error(let json): answers.append(WorkerAnswer(id: id, ok: false, payload: Array(json.utf8)))
                }
            case .note(let task, let name, let location, let payload):
                let text = try #require(String(validating: payload, as: UTF8.self))
                played.notes.append(Asked(id: 0, task: task, name: name, location: location, payload: text))
            default: played.end = message
            }
        }
        played.memory.append(room.memoryUsed)
        if state == .ended || played.end != .waiting { return played }
        if state == .waiting {
            try #require(!answers.isEmpty, "the script waits and nothing was asked")
        }
        messages = room.take(order(answers))
    }
}
