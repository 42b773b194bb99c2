import CLuaShims
import Foundation
import Fuzzing
import ScriptWire
import Testing

@testable import ScriptWorker

/// Every allocation of a room's life is refused in turn: alone (Lua then collects and asks again), and together with all that
/// follow it. `BURSAR_SWEEP=all` leaves none out; without it every few are tried, from a place that the seed chooses.
@Suite struct AllocationSweepTests {
    /// Uses most of what a script can: arguments of every kind, answers, errors, coroutines, tasks, modules, sorting, text.
    static let script = """
        local function f(...) return conomy.payments.get(...) end
        local r = f("p/1", { x = { 1, 2.5, null, { y = "z\\n" } }, m = money("1.50", "USD") * 3, s = "é", e = array() })
        local fields = {} for i = 1, 40 do fields["k" .. i] = { i } end
        emit(fields) emit(r) log.info("text", { n = 1 })
        for k, v in pairs(r) do emit{ k = k, v = v } end
        for i = 41, 70 do fields["k" .. i] = i end
        print(json.decode(json.encode(fields)).k70, pcall(json.encode, print), pcall(json.decode, '{"a":1,"a":2}'))
        print(json.decode([=[[{"$money":["1","USD"]},{"$money":["x","USD"]},"a\\tb"]]=])[1])
        for k in pairs(fields) do fields[k] = nil end
        emit(fields)
        print(pcall(error, { kind = "x" })) print(pcall(f, print)) print(xpcall(f, tostring, 0 / 0))
        print(pcall(function() local x <close> = setmetatable({}, { __close = function() f() end }) error("in") end))
        local co = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(f(i)) end end) co() co()
        coroutine.close(coroutine.create(f))
        local list = { 5, 3, 9, 1 } table.sort(list, function(a, b) return a < b end)
        print(table.concat(list, ","), ("abc"):gsub(".", { a = "b" }), ("%5.2f|%s"):format(1.5, list), ("x"):rep(2000):len())
        print(load("return function(...) return select('#', ...) end")()(1, nil, 3), load("x ="))
        print(require("lib").answer, select("#", table.unpack(list)))
        for_each(csv("a", { amount = "money(currency)" }), { parallel = 2 }, function(row)
            if row.id == "r2" then error("bad row") end
            return { id = row.id, amount = row.amount }
        end)
        for_each(list, function(n) return n end)
        print(parallel(now, uuid, function() return pcall(f, {}) end))
        local keys = {} for k in next, { 1, 2, a = 1, [true] = 2 } do keys[#keys + 1] = tostring(k) end
        string.gsub("ab", ".", print)
        return { list = list, keys = keys, deep = { { {} } } }
        """

    /// How one life of a room ended.
    enum Ending: Equatable {
        case refused, finished, stopped
        case other(String)
    }

    /// One room from before its creation to after its end.
    private func live() throws -> Ending {
        guard let room = ScriptRoom(memoryBytes: 64 << 20) else { return .refused }
        let host = LoopHost(rows: 3, parallel: 2)
        var modules = 0
        let played = try play(Self.script, in: room) { asked in
            switch asked.name {
            case "call" where asked.payload.contains("[{}]"): return .error(#"{"kind":"refused","message":"no","status":404}"#)
            case "call":
                return .ok(
                    #"{"a":[1,2.5,null,[],{}],"big":123456789012345678901,"text":"\u00e9 \n long enough","m":{"amount":"1.00","currency":"USD"},"n":{}}"#
                )
            case "require":
                modules += 1
                return .ok(#"{"source":"local m = { answer = 42 } return m","name":"lib.lua"}"#)
            default: return host.reply(asked)
            }
        }
        #expect(room.memoryUsed == room.memoryCountedByLua)
        switch played.end {
        case .finished: return .finished
        case .limit(.memory, let payload):
            let report = jsonObject(String(decoding: payload, as: UTF8.self))
            let message = report?["message"] as? String ?? ""
            guard report?["kind"] as? String == "limit",
                message.hasPrefix("the script needs more memory than its limit of 64 MiB: "),
                !message.contains(": 0 bytes")
            else { return .other(message) }
            return .stopped
        default: return .other("\(played.message ?? "?") \(played.failure?["traceback"] ?? "")")
        }
    }

    @Test(
        "whichever allocation is refused, the script finishes, ends at the limit, or was never started, and leaves nothing",
        arguments: [false, true])
    func sweep(persistent: Bool) throws {
        let held = bursar_blocks_held()
        bursar_fail_allocations(-1, false)
        #expect(try live() == .finished)
        let all = bursar_allocations_asked()
        #expect(bursar_blocks_held() == held)
        _ = ScriptRoom(memoryBytes: 64 << 20)
        let ofPrelude = bursar_allocations_asked() - all
        var random = FuzzRandom(seed: FuzzBudget.seed)
        var places: [Int64] = []
        if ProcessInfo.processInfo.environment["BURSAR_SWEEP"] == "all" {
            places = Array(0..<all)
        } else {
            places += stride(from: Int64.random(in: 0..<23, using: &random), to: ofPrelude, by: 23)
            places += stride(from: ofPrelude + Int64.random(in: 0..<5, using: &random), to: all, by: 5)
        }
        defer { bursar_fail_allocations(-1, false) }
        var endings: [Int64: Ending] = [:]
        for place in places {
            bursar_fail_allocations(place, persistent)
            let ending = try live()
            bursar_fail_allocations(-1, false)
            endings[place] = ending
            if case .other(let what) = ending { Issue.record("allocation \(place) of \(all), persistent \(persistent): \(what)") }
            if bursar_blocks_held() != held {
                Issue.record(
                    "allocation \(place) of \(all), persistent \(persistent): \(bursar_blocks_held() - held) blocks are left")
                break
            }
        }
        // One that is refused alone, Lua gets after a collection.
        #expect(endings.values.contains(persistent ? .stopped : .finished))
        #expect(!persistent || endings.values.contains(.refused))
        // Refused in the middle of the script, with nothing given afterwards: it cannot have finished. (The number of allocations
        // of a run differs by a few: Lua's hash has a seed of its own.)
        if persistent { #expect(places.filter { $0 > ofPrelude && $0 < all - 20 }.allSatisfy { endings[$0] == .stopped }) }
    }
}
