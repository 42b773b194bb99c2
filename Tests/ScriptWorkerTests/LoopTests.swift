import ScriptWire
import Testing

/// A host that hands out rows: enough of the engine's side of `for_each` for these tests.
final class LoopHost {
    var rows: Int
    var parallel: Int
    var mostFailures = Int.max
    private(set) var given = 0
    private(set) var done: [Int: String] = [:]
    private(set) var keys: [String] = []
    private(set) var iterates = false
    private var failures = 0

    init(rows: Int, parallel: Int) {
        self.rows = rows
        self.parallel = parallel
    }

    func reply(_ asked: Asked) -> Reply {
        let fields = jsonObject(asked.payload) ?? [:]
        switch asked.name {
        case "loop.open":
            if let names = fields["keys"] as? [String] {
                keys = names
                rows = names.count
            }
            iterates = fields["iterator"] != nil
            return .ok(#"{"loop":1,"parallel":\#(parallel)}"#)
        case "loop.next":
            if let report = fields["done"] as? [String: Any], let index = report["index"] as? Int {
                #expect(done[index] == nil)
                let ok = report["ok"] as? Bool == true
                done[index] = ok ? "ok" : ((report["error"] as? [String: Any])?["message"] as? String ?? "?")
                if !ok { failures += 1 }
            }
            if iterates, let key = fields["key"] as? String { keys.append(key) }
            if failures >= mostFailures || (iterates ? fields["key"] == nil : given == rows) { return .ok(#"{"finished":true}"#) }
            given += 1
            return .ok(
                #"{"index":\#(given),"task":\#(1000 + given),"row":{"id":"r\#(given)","amount":"\#(given).50","currency":"ARS"}}"#
            )
        case "loop.close":
            if failures >= mostFailures { return .error(#"{"kind":"failed","message":"\#(failures) rows failed"}"#) }
            return .ok(#"{"rows":\#(given),"succeeded":\#(done.count - failures),"failed":\#(failures)}"#)
        case "csv.open": return .ok(#"{"source":1,"money":{"amount":"currency"}}"#)
        case "each.open": return .ok(#"{"each":1}"#)
        case "each.next": return .ok(#"{"items":[{"id":"e1"},{"id":"e2"},{"id":"e3"}],"done":true}"#)
        case "parallel.open": return .ok(#"{"tasks":[1,2,3]}"#)
        default: return .ok(#"{"v":1}"#)
        }
    }
}

@Suite struct LoopTests {
    @Test("every row runs once, in input order, with its own task", arguments: [1, 2, 7, 64])
    func rows(parallel: Int) throws {
        let host = LoopHost(rows: 20, parallel: parallel)
        let script = """
            return for_each(csv("a", { amount = "money(currency)" }), { parallel = \(parallel) }, function(row, index)
                conomy.payments.refund(row.id, { amount = row.amount })
                conomy.payments.get(index)
                return { id = row.id }
            end)
            """
        let played = try play(script, reply: host.reply)
        #expect(played.result == #"{"failed":0,"rows":20,"succeeded":20}"#, "\(played.message ?? "")")
        #expect(host.done == Dictionary(uniqueKeysWithValues: (1...20).map { ($0, "ok") }))
        let refunds = played.requests.filter { $0.payload.contains("payments.refund") }
        #expect(
            refunds.map(\.payload)
                == (1...20).map { #"{"args":["r\#($0)",{"amount":{"$money":["\#($0).50","ARS"]}}],"op":"payments.refund"}"# })
        #expect(refunds.map(\.task) == (1001...1020).map { UInt32($0) })
        #expect(refunds.allSatisfy { $0.location == "refunds.lua:2" })
        #expect(played.requests.filter { $0.name == "loop.next" }.allSatisfy { $0.task == 0 })
    }

    @Test("a row that fails is reported, and the others go on")
    func failures() throws {
        let host = LoopHost(rows: 6, parallel: 2)
        let script = """
            return for_each(csv("a"), function(row, index)
                if index == 2 then error("bad row") end
                if index == 3 then return { f = print } end
                if index == 4 then local x = nil + 1 end
                conomy.payments.get(row.id)
            end)
            """
        let played = try play(script, reply: host.reply)
        #expect(played.result == #"{"failed":3,"rows":6,"succeeded":3}"#)
        #expect(
            host.done == [
                1: "ok", 2: "bad row", 3: "the row's result.f is a function, which cannot be sent",
                4: "attempt to perform arithmetic on a nil value", 5: "ok", 6: "ok",
            ])
        let report = try #require(played.requests.first { $0.payload.contains("bad row") })
        #expect(
            report.payload
                == #"{"done":{"error":{"kind":"error","location":"refunds.lua:2","message":"bad row","traceback":["refunds.lua:2: in the function at line 1"]},"index":2,"ok":false},"loop":1}"#
        )
    }

    @Test("the host stops a loop, and its error is raised when all rows have ended")
    func stopped() throws {
        let host = LoopHost(rows: 100, parallel: 4)
        host.mostFailures = 3
        let played = try play(
            "local x\nfor_each(csv('a'), { max_failures = 3 }, function() now() error('no') end)", reply: host.reply)
        #expect(played.message?.hasSuffix("rows failed") == true)
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
        #expect(host.given < 10)
        #expect(played.requests.last?.name == "loop.close")
    }

    @Test("a list is told by its keys, and its rows stay in the worker")
    func lists() throws {
        let host = LoopHost(rows: 0, parallel: 2)
        let played = try play(
            "for_each({ { id = 'a' }, { id = 7 } }, { key = 'id' }, function(row, i) print(i, row.id) end)", reply: host.reply)
        #expect(host.keys == ["a", "7"])
        #expect(played.printed == ["1\ta", "2\t7"])
        #expect(
            try play("for_each({ {} }, { key = 'id' }, print)").message
                == #"row 1 has no key: its "id" is a nil, and a key is text or a whole number"#)
        #expect(
            try play("for_each({ 1, 2 }, print)", reply: host.reply).requests.first?.payload
                == #"{"keys":["1","2"],"options":{}}"#)
    }

    @Test("an iterator is pulled one item at a time, also by many tasks", arguments: [1, 3, 9])
    func iterators(parallel: Int) throws {
        let host = LoopHost(rows: 0, parallel: parallel)
        let played = try play(
            "local r = for_each(conomy.payments.each{}, { key = 'id' }, function(p) conomy.payments.get(p.id) end) return r",
            reply: host.reply)
        #expect(host.keys == ["e1", "e2", "e3"])
        #expect(played.result == #"{"failed":0,"rows":3,"succeeded":3}"#, "\(played.message ?? "")")
        #expect(played.requests.filter { $0.name == "each.next" }.count == 1)
        let broken = try play(
            "local n = 0 for_each(function() n = n + 1 if n == 2 then error('pulled') end return n end, function() end)",
            reply: LoopHost(rows: 0, parallel: parallel).reply)
        #expect(broken.message == "pulled")
        #expect(broken.requests.last?.name == "loop.close")
    }

    @Test("loops nest, and a loop's answer that is an error is raised after all have ended")
    func nested() throws {
        var loops = 0
        let script =
            "for_each({ 1, 2 }, function(i) local r = for_each({ 'x' }, function() conomy.payments.get(i) end) return r end)"
        var hosts: [Int: LoopHost] = [:]
        let played = try play(script) { asked in
            if asked.name == "loop.open" {
                loops += 1
                let host = LoopHost(rows: 0, parallel: 2)
                hosts[loops] = host
                _ = host.reply(asked)
                return .ok(#"{"loop":\#(loops),"parallel":2}"#)
            }
            let loop = (jsonObject(asked.payload)?["loop"] as? Int) ?? 1
            return hosts[loop]?.reply(asked) ?? .ok("{}")
        }
        #expect(played.message == nil)
        #expect(played.requests.filter { $0.name == "loop.open" }.map(\.task) == [0, 1001, 1002])
        let refused = try play("for_each({ 1 }, print)") { asked in
            asked.name == "loop.next"
                ? .error(#"{"kind":"error","message":"the journal failed"}"#) : .ok(#"{"loop":1,"parallel":3}"#)
        }
        #expect(refused.message == "the journal failed")
    }

    @Test("parallel gives results in order, and the first error when all have ended")
    func parallel() throws {
        let host = LoopHost(rows: 0, parallel: 1)
        let script =
            "print(parallel(function() conomy.payments.get() conomy.payments.get() return 'a' end, function() return 'b' end, function() end))"
        let played = try play(script, reply: host.reply)
        #expect(played.printed == ["a\tb\tnil"])
        #expect(played.requests.map(\.task) == [0, 1, 1])
        let failing = try play(
            "parallel(function() now() now() error('first') end, function() error('second') end, function() now() print('ended') end)",
            reply: host.reply)
        #expect(failing.message == "first")
        #expect(failing.printed == ["ended"])
    }

    @Test("memory is flat however many rows run")
    func flatMemory() throws {
        let host = LoopHost(rows: 20_000, parallel: 16)
        let played = try play(
            "for_each(csv('a'), function(row) conomy.payments.get(row.id) return { id = row.id } end)", reply: host.reply)
        #expect(played.result == "null", "\(played.message ?? "")")
        let half = played.memory.count / 2
        let early = try #require(played.memory[..<half].max()), late = try #require(played.memory[half...].max())
        #expect(late < early + 100_000)
    }

    @Test("ten thousand tasks wait at once")
    func manyTasks() throws {
        let host = LoopHost(rows: 10_000, parallel: 10_000)
        let played = try play("return for_each(csv('a'), function(row) conomy.payments.get(row.id) end)", reply: host.reply)
        #expect(played.result == #"{"failed":0,"rows":10000,"succeeded":10000}"#)
    }

    @Test("the same answers give the same requests", arguments: 0..<5)
    func determinism(seed: Int) throws {
        let script = """
            local totals = {}
            for_each(csv("a"), { parallel = 8 }, function(row, index)
                local set = {}
                for i = 1, 20 do set["k" .. (i * 7919 % 97)] = i end
                for key, value in pairs(set) do totals[key] = (totals[key] or 0) + value end
                conomy.payments.get(set)
                emit(tostring(set) .. tostring(print))
            end)
            emit(totals)
            """
        var runs: [[Asked]] = []
        for _ in 0..<2 {
            var random = SeededGenerator(seed: UInt64(seed))
            let host = LoopHost(rows: 50, parallel: 8)
            let played = try play(script, reply: host.reply, order: { $0.shuffled(using: &random) })
            runs.append(played.requests + played.notes)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].count > 100)
    }
}
