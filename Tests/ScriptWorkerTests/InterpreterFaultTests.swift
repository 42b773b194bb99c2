import ScriptWire
import Testing

/// Faults of Lua 5.4.4, and of functions of ours that could have them: what ended the process is an error or a result.
@Suite struct InterpreterFaultTests {
    /// Coroutines that wait inside the scope of a variable whose `__close` is `handler`, with `cos` and `i` in its sight.
    private func closers(_ handler: String) -> String {
        """
        local cos = {}
        for i = 1, 20000 do
            local co = coroutine.create(function()
                local x <close> = setmetatable({}, { __close = function() \(handler) end })
                coroutine.yield()
            end)
            coroutine.resume(co)
            cos[i] = co
        end
        print(coroutine.close(cos[1]))
        """
    }

    @Test("coroutines that close each other are closed so deep and not deeper")
    func nestedClose() throws {
        let plain = try play(
            closers("if cos[i + 1] then local ok, err = coroutine.close(cos[i + 1]) if not ok then error(err, 0) end end"))
        #expect(
            plain.printed == [
                "false\trefunds.lua:4: more than 8 coroutines are being closed, each by a __close of the one before"
            ],
            "\(plain.message ?? "")")
        // Each as deep in C as a script gets.
        let deep = """
            local function dive(n) if n == 0 then local co = cos[i + 1] cos[i + 1] = nil return co and coroutine.close(co) end
                return (("a"):gsub("a", function() dive(n - 1) end)) end
            for n = 200, 1, -1 do if pcall(dive, n) then break end end
            """
        #expect(try play(closers(deep), memory: 256 << 20).printed == ["true"])
    }

    @Test("gmatch goes on after a pattern that was too complex")
    func gmatch() throws {
        let script = """
            local step = ("a"):rep(300):gmatch(("a?"):rep(300))
            for _ = 1, 1000 do local ok, err = pcall(step) assert(not ok and err:find("too complex"), err) end
            print(("ab"):gmatch("b")())
            """
        #expect(try play(script).printed == ["b"])
    }

    @Test("a value's name in an error is not sought through any number of fields")
    func longNames() throws {
        let script = """
            local t = {} t.a = t
            print(load("local x = ... x = x" .. (".a"):rep(5000) .. ".b.c()"))
            print(pcall(load("local x = ... x = x" .. (".a"):rep(100) .. ".b.c()"), t))
            print(load("local x = ... " .. ("do local y = x.a x = f(x.a.b):c(y.z).d end "):rep(5000)) ~= nil)
            print(load("local t = ... " .. ("for _, v in pairs(t) do v = v.a.b t[1] = v end "):rep(5000)) ~= nil)
            """
        let played = try play(script)
        #expect(
            played.printed == [
                "nil\tload:1: an expression goes through more than 200 fields in a row; use local variables",
                "false\tload:1: attempt to index a nil value (field 'b')", "true", "true",
            ], "\(played.message ?? "")")
    }

    @Test(
        "recursion without an end is an error, whatever it goes through",
        arguments: [
            "local function f() return (('a'):gsub('a', f)) end f()", "local function f() table.sort({ 1, 2 }, f) end f()",
            "local function f() return coroutine.wrap(function() return f() end)() end f()",
            "local function f() return coroutine.close(coroutine.create(f)), f() + 1 end f()",
            "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end return t .. t",
            "local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)",
            "local t t = setmetatable({}, { __tostring = function() return string.format('%s', t) end }) return tostring(t)",
            "local t = {} for i = 1, 300 do t = setmetatable({}, { __index = t }) end local u = setmetatable({}, {}) getmetatable(u).__index = u return u.x",
        ])
    func recursion(script: String) throws {
        let played = try play("print(pcall(function() \(script) end)) print('on')", memory: 512 << 20)
        #expect(played.printed.count == 2, "\(played.message ?? "")")
        #expect(played.printed.last == "on")
    }

    @Test(
        "a text that is nested too deep or too long for the compiler is an error with a message",
        arguments: [
            "'return ' .. ('('):rep(100000)", "'return ' .. ('{'):rep(100000)", "('function f() '):rep(100000)",
            "'return ' .. ('- '):rep(100000) .. '1'", "'return ' .. ('a .. '):rep(100000)", "'x = ' .. ('a^'):rep(100000)",
            "('do '):rep(100000)", "('if x then '):rep(100000)", "'local ' .. ('a, '):rep(300) .. 'a'",
            "('goto a '):rep(40000) .. '::a::'", "'return {' .. ('{'):rep(250)", "'\\\\u{7FFFFFFFF}'", "'return \"\\\\xZZ\"'",
        ])
    func compiler(text: String) throws {
        let played = try play("local f, problem = load(\(text)) print(f, type(problem))")
        #expect(played.printed == ["nil\tstring"], "\(played.message ?? "")")
    }

    @Test("a constant _ENV, and functions with hundreds of constants, mean what they say")
    func constants() throws {
        let script = """
            print(pcall(load("local _ENV <const> = 1; X = 1"))) print(pcall(load("local _ENV <const> = {}; X = 1 return X")))
            local lines = {}
            for i = 1, 400 do lines[i] = "x = " .. i .. ".125 " end
            local tail = "local a = 3 return a & 0xF0F0F0F0F0, 0xF0F0F0F0F1 | a, 5 // 2.5, a == 1.75, a ~ 12345678901, a + 7.0625, x < 3.5"
            print(load(table.concat(lines) .. tail)())
            """
        let played = try play(script)
        #expect(played.printed.count == 3, "\(played.message ?? "")")
        #expect(played.printed.first?.hasPrefix("false") == true)
        #expect(played.printed.last == "0\t1034834473203\t2.0\tfalse\t12345678902\t10.0625\tfalse")
    }

    @Test(
        "a range that no table has is refused, with how many it would be",
        arguments: [
            ("table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 1)", "insert"),
            ("table.remove(setmetatable({}, { __len = function() return math.maxinteger end }), 1)", "remove"),
            ("table.move({}, 1, math.maxinteger - 1, 2)", "move"), ("table.concat({}, '', 1, math.maxinteger)", "concat"),
            ("table.concat({}, '', math.mininteger, math.maxinteger)", "concat"),
        ])
    func ranges(script: String, name: String) throws {
        let message = try #require(try play(script).message)
        #expect(message.hasPrefix("bad argument #"))
        #expect(message.contains("to '\(name)'"))
        #expect(message.hasSuffix("elements are too many; the most is 50000000)"))
    }

    @Test("nothing, repeated, is nothing at once")
    func nothingRepeated() throws {
        #expect(try play("print(#('').rep('', math.maxinteger), #(''):rep(1 << 62, ''))").printed == ["0\t0"])
    }

    @Test("what Lua bounds by its own stack stays an error")
    func stackBounds() throws {
        for script in [
            "table.unpack({}, 1, 1e7)", "table.unpack({}, 1, math.maxinteger)", "string.byte(('x'):rep(2000000), 1, -1)",
            "table.sort(setmetatable({}, { __len = function() return math.maxinteger end }))",
            "string.rep('ab', math.maxinteger)", "string.format('%999d', 1)", "string.format(('%d'):rep(1000000))",
            "select(math.mininteger, 1)", "string.pack('i17', 1)",
            "utf8.codepoint(('x'):rep(2000000), 1, -1)", "utf8.char(-1)",
        ] {
            let played = try play("local ok, err = pcall(function() \(script) end) print(ok, type(err))")
            #expect(played.printed == ["false\tstring"], "\(script): \(played.message ?? "")")
        }
    }
}
