import Foundation
import Fuzzing
import ScriptHost
import ScriptWire
import Testing

@Suite struct DeterminismTests {
    @Test("the same script with the same answers says the same, byte for byte, in any process")
    func processes() async throws {
        let first = try await said()
        #expect(first.count > 50, "\(first.suffix(2))")
        for _ in 0..<19 {
            let again = try await said()
            #expect(again.count == first.count)
            for (line, wanted) in zip(again, first) where line != wanted {
                Issue.record("one process said\n\(line)\nand not\n\(wanted)")
                return
            }
        }
    }

    /// Everything that a fresh process said, in its order. The answers of a turn come in an order that a seed chooses.
    private func said() async throws -> [String] {
        let worker = try begin(broadScript)
        var random = FuzzRandom(seed: 9)
        var said: [String] = []
        var row = 0
        while let messages = await worker.nextMessages() {
            var answers: [WorkerAnswer] = []
            for message in messages {
                said.append("\(message)")
                guard case .request(let id, _, let name, _, _) = message else { continue }
                if name == "loop.next" { row += 1 }
                let json =
                    switch name {
                    case "random": "4"
                    case "csv.open": #"{"source":1}"#
                    case "loop.open": #"{"loop":1,"parallel":3}"#
                    case "parallel.open": #"{"tasks":[1,2,3]}"#
                    case "loop.next": row > 5 ? #"{"finished":true}"# : #"{"index":\#(row),"task":\#(row)}"#
                    default: #"{"v":[1,2.5,"é",null]}"#
                    }
                answers.append(WorkerAnswer(id: id, ok: true, payload: Array(json.utf8)))
            }
            worker.answer(answers.shuffled(using: &random))
        }
        return said + ["\(await worker.end)"]
    }
}
