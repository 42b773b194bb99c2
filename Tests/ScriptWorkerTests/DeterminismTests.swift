import Fuzzing
import ScriptWire
import Testing

@testable import ScriptWorker

/// The same script with the same answers asks and says the same, byte for byte, wherever its values lie. (Fresh processes are in
/// ScriptHostTests.)
@Suite struct DeterminismTests {
    @Test("rooms at other addresses, with other limits and other hash seeds, say the same")
    func rooms() throws {
        let script = broadScript
        var first: [String]?
        var others: [ScriptRoom] = []
        for round in 0..<20 {
            // A room that stays takes the addresses the last one had; another limit collects at other moments.
            let limit = UInt64(2 << 20) << UInt64(round % 6)
            others.append(try #require(ScriptRoom(memoryBytes: limit)))
            let said = try said(script, in: try #require(ScriptRoom(memoryBytes: limit)))
            let expected = first ?? said
            first = expected
            #expect(said.count == expected.count)
            for (line, wanted) in zip(said, expected) where line != wanted {
                Issue.record("room \(round) said\n\(line)\nand not\n\(wanted)")
                break
            }
        }
        let messages = try #require(first)
        #expect(messages.count > 50, "\(messages.suffix(2))")
        #expect(!messages.joined().contains("0x"))
    }

    /// Everything that left the room, in its order. The answers of a turn come in an order that a seed chooses.
    private func said(_ script: String, in room: ScriptRoom) throws -> [String] {
        let host = LoopHost(rows: 5, parallel: 3)
        var random = FuzzRandom(seed: 5)
        let played = try play(
            script, in: room,
            reply: { asked in
                switch asked.name {
                case "random": return .ok(asked.payload.contains("high") ? "4" : "0.25")
                case "call" where asked.payload.contains("[{}]"): return .error(#"{"kind":"refused","message":"no"}"#)
                default: return host.reply(asked)
                }
            }, order: { $0.shuffled(using: &random) })
        return (played.requests + played.notes).map { "\($0.id) \($0.task) \($0.name) \($0.location) \($0.payload)" }
            + ["\(played.message ?? "finished") \(played.failure?["traceback"] ?? "")"]
    }
}
