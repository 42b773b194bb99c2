import ScriptWire
import Testing

@testable import ScriptWorker

/// A room that says what it was answered: JSON through Lua values and back.
final class EchoRoom {
    private var room: ScriptRoom?
    private var request: UInt32 = 0

    /// The value as it came back; nil when the room took it for no JSON, which ends the room.
    func echo(_ json: [UInt8]) throws -> [UInt8]? {
        let room = try self.room ?? open()
        self.room = nil
        var messages = room.take([WorkerAnswer(id: request, ok: true, payload: json)])
        let state = room.advance(&messages)
        switch (state, messages.first, messages.last) {
        case (.waiting, .note(_, "emit", _, let payload)?, .request(let id, _, _, _, _)?):
            request = id
            self.room = room
            return payload
        case (.ended, .failed(let payload)?, _):
            let message = jsonObject(String(decoding: payload, as: UTF8.self))?["message"] as? String ?? ""
            try #require(message.hasPrefix("a fault in the script's process: malformed JSON at byte "), "\(message)")
            return nil
        default:
            Issue.record("\(state): \(messages)")
            return nil
        }
    }

    private func open() throws -> ScriptRoom {
        let room = try #require(ScriptRoom(memoryBytes: 512 << 20))
        let script = "while true do emit(conomy.payments.get()) end"
        let start = #"{"script":\#(quoted(script)),"name":"echo.lua","operations":["payments.get"],"lists":[]}"#
        var messages = room.start(Array(start.utf8))
        try #require(room.advance(&messages) == .waiting)
        guard case .request(let id, _, _, _, _)? = messages.last else { throw CancellationError() }
        request = id
        return room
    }
}
