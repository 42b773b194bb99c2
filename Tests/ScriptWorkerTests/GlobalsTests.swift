import Foundation
import ScriptWire
import Testing

@Suite struct GlobalsTests {
    /// Everything a script can reach by name, walked from its globals.
    static let walk = """
        local seen = {}
        local function walk(value, path)
            print(path .. " " .. type(value))
            if type(value) ~= "table" or seen[tostring(path)] or path:find("_G", 1, true) then return end
            seen[path] = true
            for key, inner in pairs(value) do walk(inner, path .. "." .. tostring(key)) end
        end
        for key, value in pairs(_ENV) do walk(value, key) end
        """

    @Test("a script reaches the allow list and nothing else")
    func allowList() throws {
        let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "globals.txt")
        let reached = try play(Self.walk).printed.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["BURSAR_REWRITE_GOLDEN"] != nil {
            try Data(reached.utf8).write(to: golden)
        }
        #expect(reached == String(decoding: try Data(contentsOf: golden), as: UTF8.self))
        for forbidden in [
            "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage", "string.dump", "coroutine.resumeall",
        ] {
            #expect(!reached.split(separator: "\n").contains { $0.hasPrefix(forbidden + " ") || $0.hasPrefix(forbidden + ".") })
        }
    }

    @Test(
        "a missing name says what is near or what to use instead",
        arguments: [
            ("os.time()", "os does not exist in a Bursar script: use now() for the time"),
            ("io.open('/etc/passwd')", "io does not exist in a Bursar script: use csv()"),
            ("conomy.payments.refnd()", #"conomy.payments.refnd does not exist in a Bursar script; did you mean "refund"?"#),
            ("conomy.paymnts.get()", #"conomy.paymnts does not exist in a Bursar script; did you mean "payments"?"#),
            ("fro_each()", #"there is no variable "fro_each"; did you mean "for_each"?"#),
            ("string.dump(print)", "string.dump does not exist in a Bursar script: code is loaded from text only"),
            ("log.warning('x')", #"log.warning does not exist in a Bursar script; did you mean "warn"?"#),
            ("for_each({}, { paralel = 2 }, print)", #"for_each has no option "paralel"; did you mean "parallel"?"#),
        ])
    func missing(script: String, message: String) throws {
        let played = try play("local x = 1\n" + script)
        #expect(played.message?.hasPrefix(message) == true, "\(played.message ?? "no error")")
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
    }

    @Test(
        "what is Bursar's cannot be set, and a script's own names can",
        arguments: [
            "emit = 1", "string.format = nil", "string.extra = 1", "conomy.payments.refund = nil", "conomy.payments = nil",
            "_G.print = 1",
            "rawset(_G, 'print', 1)", "rawset(string, 'format', 1)", "rawset(conomy, 'payments', 1)", "setmetatable(_G, {})",
            "setmetatable(string, nil)", "getmetatable('').__index = 1", "table.insert(math, 1)", "args = {}", "math.huge = 1",
            "setmetatable({}, { __gc = print })", "setmetatable({}, { __mode = 'k' })", "load('\\27Lua')()",
            "load('x', 'x', 'b')()",
        ])
    func sealed(script: String) throws {
        let played = try play(
            "print(pcall(function() \(script) end)) mine = 1 function ours() return mine end print(ours(), string.format('%d', 5))"
        )
        #expect(played.printed.first?.hasPrefix("false") == true)
        #expect(played.printed.last == "1\t5")
    }

    @Test("nothing prints an address")
    func addresses() throws {
        let script = """
            local values = { {}, print, coroutine.create(print), null, csv("a"), money("1", "ARS"), conomy, function() end }
            for _, value in ipairs(values) do print(tostring(value), string.format("%s %q", value, 1), ("%s"):format(value)) end
            print(pcall(string.format, "%p", {})) print(pcall(string.format, "%-20p", {}))
            """
        let played = try play(script) { _ in .ok(#"{"source":1}"#) }
        #expect(played.printed.count == 10)
        for line in played.printed { #expect(!line.contains("0x"), "\(line)") }
        #expect(played.printed.suffix(2).allSatisfy { $0.hasPrefix("false") })
    }

    @Test("pairs and next walk numbers, then texts by bytes, then booleans")
    func order() throws {
        let table = "{ b = 1, a = 2, B = 3, [10] = 1, [2] = 1, [1.5] = 1, [-1] = 1, [true] = 1, [false] = 1, ['10'] = 1, é = 1 }"
            .replacing("é = 1", with: "['é'] = 1")
        let expected = ["-1", "1.5", "2", "10", "10", "B", "a", "b", "é", "false", "true"]
        #expect(try play("for k in pairs(\(table)) do print(k) end").printed == expected)
        #expect(try play("for k in next, \(table) do print(k) end").printed == expected)
        #expect(
            try play(
                "local t = \(table) local k = next(t) while k ~= nil do for _ in next, { x = 1 } do end print(k) k = next(t, k) end"
            ).printed == expected)
    }

    @Test("a walk may remove what it meets, and keys without an order are refused")
    func walks() throws {
        #expect(
            try play("local t = { a = 1, b = 2, c = 3 } for k in pairs(t) do t.b = nil t[k] = nil print(k) end").printed == [
                "a", "c",
            ])
        #expect(try play("for k in pairs{ [{}] = 1, [{}] = 2 } do end").message?.contains("has no order") == true)
        #expect(try play("print(next({}), table.pack(next({})).n)").printed == ["nil\t1"])
    }

    @Test("table.sort is stable and says so the same in every run")
    func sort() throws {
        let script = """
            local list = {}
            for i = 1, 500 do list[i] = { key = i * 7 % 5, place = i } end
            table.sort(list, function(a, b) return a.key < b.key end)
            for i = 2, 500 do
                local a, b = list[i - 1], list[i]
                assert(a.key < b.key or (a.key == b.key and a.place < b.place), i)
            end
            local words = { "b", "a", "B", "" } table.sort(words) print(table.concat(words, ","))
            local numbers = { 3, 1.5, 2 } table.sort(numbers, function(a, b) return a > b end) print(table.concat(numbers, ","))
            print(pcall(table.sort, { 1, "x" }))
            """
        let played = try play(script)
        #expect(played.printed.prefix(2) == [",B,a,b", "3,2,1.5"], "\(played.message ?? "")")
        #expect(played.printed.last?.hasPrefix("false") == true)
    }
}
