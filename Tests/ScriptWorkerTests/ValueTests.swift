import ScriptWire
import Testing

@Suite struct ValueTests {
    @Test(
        "a value comes back as it was sent",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993", "0.1", "1.0",
            "-0.0", "1e+300", "5e-324", "\"\"", #""a\"b\\c\n\u0000é€😀""#, "[]", "{}", "[[],{},[null]]", "[1,null,3]",
            #"{"":1,"a":{"b":[1,2,{"c":null}]}}"#,
        ])
    func roundTrip(value: String) throws {
        #expect(try play("emit(conomy.payments.get())") { _ in .ok(value) }.notes.first?.payload == value)
    }

    @Test(
        "a number that neither kind of Lua number holds arrives as its text",
        arguments: [
            ("9223372036854775808", #""9223372036854775808""#), ("0.12345678901234567890", #""0.12345678901234567890""#),
            ("1e400", #""1e400""#), ("1.10", "1.1"), ("100e-1", "10.0"), ("2.5E3", "2500.0"), ("1e-400", #""1e-400""#),
        ])
    func numbers(sent: String, seen: String) throws {
        #expect(try play("emit(conomy.payments.get())") { _ in .ok(sent) }.notes.first?.payload == seen)
    }

    @Test("random values come back as they were sent", arguments: 0..<60)
    func randomRoundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let value = randomJSON(depth: 5, &random)
        let seen = try play("emit(conomy.payments.get())") { _ in .ok(value) }.notes.first?.payload
        #expect(seen == value)
    }

    @Test("objects are sent with their keys sorted by bytes")
    func sortedKeys() throws {
        let keys = (0..<60).map { "k\($0 * 7919 % 1000)" }
        let script = "local t = {} for _, k in ipairs{\(keys.map { "'\($0)'" }.joined(separator: ","))} do t[k] = 1 end emit(t)"
        let expected =
            "{" + keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        #expect(try play(script).notes.first?.payload == expected)
    }

    @Test(
        "what cannot be sent exactly is refused with its path",
        arguments: [
            (
                "conomy.payments.get('p', { origins = { { amount = 0/0 } } })",
                "argument 2.origins[1].amount is not a number (NaN)"
            ),
            ("conomy.payments.get({ 1, 2, math.huge })", "argument 1[3] is infinite"),
            ("conomy.payments.get({ f = print })", "argument 1.f is a function, which cannot be sent"),
            ("conomy.payments.get(coroutine.create(print))", "argument 1 is a coroutine, which cannot be sent"),
            ("local t = {} t.self = { t } conomy.payments.get(t)", "argument 1.self[1] contains itself"),
            ("conomy.payments.get({ text = '\\255' })", "argument 1.text is not valid UTF-8 text"),
            ("conomy.payments.get({ 1, a = 2 })", "argument 1 mixes list elements and named fields; make it one or the other"),
            (
                "conomy.payments.get({ [1] = 1, [3] = 3 })",
                "argument 1 is a list with holes; use null for an element that is absent"
            ),
            ("conomy.payments.get({ [1.5] = 1 })", "argument 1 has a key that is neither text nor a place in a list"),
            (
                "conomy.payments.get({ csv('a') })",
                "argument 1[1] is a source or an iterator, which cannot be sent; send its rows"
            ),
            ("emit({ a = { b = print } })", "the emitted value.a.b is a function, which cannot be sent"),
            ("job { args = { x = print } }", "job.args.x is a function, which cannot be sent"),
            ("emit(('x'):rep(17 << 20))", "the emitted value makes the value larger than 16 MiB"),
        ])
    func refusals(script: String, message: String) throws {
        let played = try play(script) { _ in .ok(#"{"source":1}"#) }
        #expect(played.message == message)
        #expect(played.failure?["kind"] as? String == "invalid")
        #expect(played.failure?["location"] as? String == "refunds.lua:1")
        #expect(!played.requests.contains { $0.name == "call" })
    }

    @Test("a value may be 64 deep and not deeper")
    func depth() throws {
        let script = "local t = {} for _ = 1, depth do t = { t } end emit(t)"
        #expect(try play("local depth = 63 " + script).notes.count == 1)
        #expect(try play("local depth = 64 " + script).message?.hasSuffix("is nested more than 64 deep") == true)
    }

    @Test("an answer may be 64 deep and not deeper")
    func answerDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        let room = EchoRoom()
        #expect(try room.echo(nested(64)) == nested(64))
        #expect(try room.echo(nested(65)) == nil)
    }

    @Test("a value may be 16 MiB of JSON and not a byte more, however small the tables it is made of")
    func size() throws {
        #expect(try play("emit(('x'):rep((16 << 20) - 2))").notes.first?.payload.utf8.count == 16 << 20)
        let refused = "the emitted value makes the value larger than 16 MiB"
        #expect(try play("emit(('x'):rep((16 << 20) - 1))").message == refused)
        // Sixty doublings: as text it would be as long as there are grains of sand.
        let doubled = try play("local t = { 1 } for _ = 1, 60 do t = { a = t, b = t } end emit(t)")
        #expect(
            doubled.message?.wholeMatch(of: /the emitted value(\.[ab]){60} makes the value larger than 16 MiB/) != nil,
            "\(doubled.message ?? "")")
        #expect(
            try play("local t = { 1 } for _ = 1, 10 do t = { t, t } end emit(t)").notes.first?.payload.utf8.count == 3 * 1024 + 3
                * 1023)
    }

    @Test("what others wrote is never money, and a table that looks like money on the wire is refused")
    func money() throws {
        let answer = #"{"a":[{"$money":["1.50","USD"]}]}"#
        let script = """
            local answer = conomy.payments.get()
            print(type(answer.a[1]), type(json.decode(args.text).a[1]), json.encode(answer) == args.text, json.encode(money("1.5", "USD")))
            emit(answer)
            """
        let played = try play(script, arguments: "{\"text\":\(quoted(answer))}") { _ in .ok(answer) }
        #expect(played.printed == ["table\ttable\ttrue\t" + #"{"amount":"1.50","currency":"USD"}"#])
        #expect(
            played.message
                == #"the emitted value.a[1] has a field "$money", which is how Bursar marks money; name it otherwise"#)
    }

    @Test(
        "keys that Lua tells apart and JSON does not are one",
        arguments: [
            ("emit{ [1.0] = 'a', [2] = 'b' }", #"["a","b"]"#), ("emit{ ['1'] = 'a' }", #"{"1":"a"}"#),
            ("local t = { x = 1 } emit{ t, t, { t } }", #"[{"x":1},{"x":1},[{"x":1}]]"#),
            ("emit{ ['__index'] = 1, ['a\\0b'] = '\\0' }", #"{"__index":1,"a\u0000b":"\u0000"}"#),
            (
                "emit{ math.mininteger, math.maxinteger, -0.0, 2 ^ 63 }",
                "[-9223372036854775808,9223372036854775807,-0.0,9.223372036854776e+18]"
            ),
            ("emit(setmetatable({ 1 }, { __index = error, __len = error, __pairs = error }))", "[1]"),
        ])
    func luaValues(script: String, payload: String) throws {
        let played = try play(script)
        #expect(played.notes.first?.payload == payload, "\(played.message ?? "")")
    }

    @Test("an empty table is an object unless it is marked as an array, and an emptied array stays one")
    func arrays() throws {
        let script = "local a = conomy.payments.get() table.remove(a) emit{ a, {}, array{}, array(a) }"
        #expect(try play(script) { _ in .ok("[1]") }.notes.first?.payload == "[[],{},[],[]]")
    }

    @Test("json.encode and json.decode follow the rules of calls and answers")
    func json() throws {
        let text = #"{"a":[1,2.5,null,[],{}],"long":"12345678901234567890","s":"é\u0001"}"#
        let script = """
            local value = json.decode(args.text)
            print(json.encode(value) == args.text, math.type(value.a[1]), value.a[3] == null)
            print(json.decode("12345678901234567890"), json.decode("1.10"), json.decode(" [ ] ") ~= nil, json.encode(nil))
            for _, bad in ipairs{ "", "01", "1.", "1e", "-", "[1,]", '{"a"}', '"\\1"', '"\\255"', "1 2", "nul", "1.2.3", ("["):rep(65) } do
                local good, err = pcall(json.decode, bad)
                assert(not good and err.kind == "invalid" and err.message:find("byte %d"), bad)
            end
            local good, err = pcall(json.encode, { a = { 1, print } })
            print(err.kind, err.message, err.path)
            json.encode = nil
            """
        let played = try play(script, arguments: "{\"text\":\(quoted(text))}")
        #expect(
            played.printed == [
                "true\tinteger\ttrue", "12345678901234567890\t1.1\ttrue\tnull",
                "invalid\tjson.encode: the value.a[2] is a function, which cannot be sent\t.a[2]",
            ], "\(played.message ?? "")")
        #expect(played.message == "json.encode cannot be set: json is Bursar's")
    }

    @Test("trailing nils are not arguments, and a nil between arguments is null")
    func arguments() throws {
        let played = try play("conomy.payments.get('a', nil, 'b', nil, nil) conomy.payments.get(nil)")
        #expect(
            played.requests.map(\.payload) == [
                #"{"args":["a",null,"b"],"op":"payments.get"}"#, #"{"args":[],"op":"payments.get"}"#,
            ])
    }

    private func randomJSON(depth: Int, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2: return String(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<60, using: &random))
        case 3: return "\(Int.random(in: 1...999, using: &random)).\(Int.random(in: 1...9, using: &random))"
        case 4:
            return quoted(
                String(
                    (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in "abü€😀\t\u{1}".randomElement(using: &random) })
            )
            .replacing("\\/", with: "/")
        case 5:
            return "["
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in randomJSON(depth: depth - 1, &random) }.joined(
                    separator: ",") + "]"
        default:
            return "{"
                + (0..<Int.random(in: 0...26, using: &random)).map { String(UnicodeScalar(UInt8(65 + $0))) }
                .map { "\"\($0)\":" + randomJSON(depth: depth - 2, &random) }.joined(separator: ",") + "}"
        }
    }
}
