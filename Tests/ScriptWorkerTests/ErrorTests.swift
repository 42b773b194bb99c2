import ScriptWire
import Testing

@Suite struct ErrorTests {
    static let declined =
        #"{"kind":"declined","message":"the payment is refunded","status":409,"code":"ALREADY","trace_id":"t-1"}"#

    @Test("an error answer is raised at the script's line with all it carries")
    func raised() throws {
        let script = """
            local function refund(id)
                local answer = conomy.payments.refund(id)
                return answer
            end
            local ok, err = pcall(refund, "p1")
            print(ok, err.kind, err.status, err.code, err.trace_id, err.location, tostring(err))
            refund("p2")
            """
        let played = try play(script) { _ in .error(Self.declined) }
        #expect(played.printed == ["false\tdeclined\t409\tALREADY\tt-1\trefunds.lua:2\trefunds.lua:2: the payment is refunded"])
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
        #expect(played.failure?["status"] as? Int == 409)
        #expect(
            played.failure?["traceback"] as? [String] == ["refunds.lua:2: in local 'refund'", "refunds.lua:7: in the main chunk"]
                || played.failure?["traceback"] as? [String] == [
                    "refunds.lua:2: in function 'refund'", "refunds.lua:7: in the main chunk",
                ])
    }

    @Test(
        "any error value becomes a bounded report",
        arguments: [
            ("error('boom')", "error", "boom"), ("error('boom', 0)", "error", "boom"),
            ("error()", "error", "the script raised nil"),
            ("error(nil)", "error", "the script raised nil"), ("error(42)", "error", "42"),
            ("error({ 1, 2 })", "error", "the script raised a table [1,2]"),
            ("error({ message = 'm', kind = 'limit' })", "error", "m"),
            ("error({ message = 'm', kind = 'refused' })", "refused", "m"),
            ("error(setmetatable({}, { __tostring = function() return 'told' end }))", "error", "told"),
            (
                "error(setmetatable({}, { __tostring = function() error('no') end }))", "error",
                "the script raised a table whose __tostring fails"
            ),
            (
                "error(setmetatable({}, { __tostring = function() return {} end }))", "error",
                "the script raised a table whose __tostring fails"
            ),
            ("error(print)", "error", "function"), ("error('a\\27[31mb\\nc\\0d\\255')", "error", "a\\x1B[31mb\\nc\\x00d\\xFF"),
            ("error('\\u{9b}x')", "error", "\\xC2\\x9Bx"), ("fail('bad file', { line = 3 })", "failed", "bad file"),
            ("local t = nil; t.x = 1", "error", "attempt to index a nil value (local 't')"),
            ("assert(false, 'said')", "error", "said"),
            ("step('s')", "invalid", "step wants a function as its last argument, not a nil"),
            ("step(1, print)", "invalid", "step wants its name as a text, not a number"),
        ])
    func reports(script: String, kind: String, message: String) throws {
        let played = try play("local x = 1\n" + script)
        #expect(played.message == message)
        #expect(played.failure?["kind"] as? String == kind)
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
    }

    @Test("a long message is cut at a character")
    func long() throws {
        let message = try #require(try play("error(('é'):rep(100000), 0)").message)
        #expect(message.utf8.count <= 4100)
        #expect(message.allSatisfy { $0 == "é" || $0 == "." })
    }

    @Test("xpcall gives what its handler returns, and the handler's own error when it fails")
    func handler() throws {
        let played = try play(
            "print(xpcall(error, function(e) return e, 2 end, 'x')) print(xpcall(error, function() error('again', 0) end, 'x'))")
        #expect(played.printed == ["false\tx", "false\tagain"])
    }

    @Test(
        "a hostile error value becomes a report below 64 KiB that keeps what matters",
        arguments: [
            "local e = { message = 'told', kind = 'refused' } for i = 1, 100000 do e['k' .. i] = i end error(e)",
            "local e = { message = 'told', kind = 'refused' } for i = 1, 60 do e['k' .. i] = ('x'):rep(60000) end error(e)",
            "local e = { message = 'told', kind = 'refused' } e.self = e e[e] = e e[1] = 1 error(e)",
            "local v = 1 for i = 1, 61 do v = { v } end error({ message = 'told', kind = 'refused', v = v })",
            "error({ message = 'told', kind = 'refused', ['\\27[31m'] = 1, ['\\u{202e}'] = 1, [('k'):rep(1000)] = 1, [true] = 1 })",
            "error({ message = 'told', kind = 'refused', location = {}, traceback = 5, status = 0/0, f = print })",
            "local function trap() error('trap') end error(setmetatable({ message = 'told', kind = 'refused' }, { __index = trap, __pairs = trap, __len = trap, __eq = trap, __name = ('n'):rep(1000000) }))",
        ])
    func hostile(script: String) throws {
        for script in [
            script, "coroutine.wrap(function() \(script) end)()",
            "local _, raised = xpcall(function() \(script) end, function(...) return ... end) error(raised)",
        ] {
            let played = try play("local x = 1\n" + script)
            guard case .failed(let payload) = played.end else {
                Issue.record("ended otherwise: \(played.end)")
                continue
            }
            #expect(payload.count < 65536)
            #expect(payload.allSatisfy { $0 >= 0x20 })
            #expect(played.message == "told")
            #expect(played.failure?["kind"] as? String == "refused")
            #expect(played.failure?["location"] as? String == "refunds.lua:2")
            #expect((played.failure?["traceback"] as? [String])?.first?.hasPrefix("refunds.lua:2: in ") == true)
        }
    }

    @Test(
        "marks that turn text around or hide in it are shown as bytes",
        arguments: [0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069, 0xFEFF, 0x85, 0x1B, 0x7F])
    func marks(code: Int) throws {
        let scalar = try #require(Unicode.Scalar(UInt32(code)))
        let escaped = String(scalar).utf8.map { "\\x" + String($0, radix: 16, uppercase: true) }.joined()
        let script = "local c = utf8.char(\(code)) print('a' .. c .. 'b') log.info(c) error('é' .. c .. 'x')"
        let played = try play(script)
        #expect(played.printed == ["a\(escaped)b"])
        #expect(played.message == "é\(escaped)x")
        #expect(!played.notes.contains { $0.payload.unicodeScalars.contains(scalar) })
        let named = try play("local c = utf8.char(\(code)) local t = {} t[c] = load('local x = nil + 1', '=' .. c) t[c]()")
        let lines = (named.failure?["traceback"] as? [String] ?? []) + [named.failure?["location"] as? String ?? String(scalar)]
        #expect(lines.count == 3)
        #expect(!lines.contains { $0.unicodeScalars.contains(scalar) })
        let field = try play("local c = utf8.char(\(code)) local t = {} local x = t[c].y")
        #expect(field.message?.unicodeScalars.contains(scalar) == false)
    }

    @Test("the longest names and values leave a short traceback")
    func longNames() throws {
        let script = """
            local t = {} t[("n"):rep(1000000)] = load("local x = nil + 1", "=" .. ("s"):rep(1000000)) t[("n"):rep(1000000)]()
            """
        let played = try play(script)
        let lines = try #require(played.failure?["traceback"] as? [String])
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.utf8.count <= 256 })
    }

    @Test("what is logged is bounded, and fields that cannot be sent are left out with a note")
    func logged() throws {
        let script = """
            log.info(("\\0"):rep(1000000)) print(("x"):rep(60000), ("y"):rep(60000), 1) log.info("big", { a = ("x"):rep(70000) })
            log.info("bad", { a = { print } }) local t = {} t.t = t log.info("loop", t) log.info("good", { 1 })
            """
        let played = try play(script)
        #expect(played.notes.count == 6)
        #expect(played.notes.allSatisfy { $0.payload.utf8.count < 140_000 })
        #expect(
            played.notes.dropFirst(2).map(\.payload) == [
                #"{"fields":{"left_out":"70008 bytes of fields; the most is 65536"},"level":"info","message":"big"}"#,
                #"{"fields":{"left_out":"fields.a[1] is a function, which cannot be sent"},"level":"info","message":"bad"}"#,
                #"{"fields":{"left_out":"fields.t contains itself"},"level":"info","message":"loop"}"#,
                #"{"fields":[1],"level":"info","message":"good"}"#,
            ])
    }

    @Test("a script that does not compile says where")
    func syntax() throws {
        let played = try play("local a = 1\nlocal = 2")
        #expect(played.failure?["kind"] as? String == "invalid")
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
        #expect(played.message?.hasPrefix("<name> expected") == true)
        #expect(try play("\u{1B}Lua").failure?["kind"] as? String == "invalid")
    }

    @Test("an error keeps its line when it is raised in tail position")
    func tailPosition() throws {
        let script = """
            local function refund(...)
                return conomy.payments.refund(...)
            end
            local function again(id)

                return refund(id)
            end
            again("p")
            """
        let played = try play(script) { _ in .error(Self.declined) }
        #expect(played.failure?["location"] as? String == "refunds.lua:2")
        #expect(
            (played.failure?["traceback"] as? [String])?.map { $0.prefix(14) } == [
                "refunds.lua:2:", "refunds.lua:6:", "refunds.lua:8:",
            ])
        #expect(played.requests.map(\.location) == ["refunds.lua:2"])
        #expect(
            try play(
                "local function f(...) return ... end local function g(a, ...) return f(a, ...) end print((select('#', g(1, nil, 3))), g(4, 5))"
            ).printed == ["3\t4\t5"])
    }

    @Test("endless recursion is an error a script can catch, and the run goes on")
    func recursion() throws {
        #expect(
            try play("local function f() local x = f() return x end print(pcall(f)) print('on')", memory: 256 << 20).printed.last
                == "on")
        #expect(
            try play(
                "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end print(pcall(function() return t.x end)) print('on')"
            ).printed.last == "on")
    }

    @Test("an answer that is not JSON ends the script with a fault, not the process")
    func badAnswer() throws {
        for answer in ["", "{", "nope", "[1,]", "{\"a\":}", "1 2", String(repeating: "[", count: 100), "\"\\u12\""] {
            #expect(
                try play("pcall(now) print('went on')") { _ in .ok(answer) }.message?.contains("fault in the script's process")
                    == true)
        }
    }
}
