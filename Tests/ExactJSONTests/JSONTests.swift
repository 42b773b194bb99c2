import ExactJSON
import Testing

@Suite("JSON keeps what was written")
struct JSONTests {
    @Test(
        "a value is written back as it was read",
        arguments: [
            #"{"a":1,"b":[],"c":{},"d":null,"e":[true,false]}"#, "9223372036854775807", "-9223372036854775808",
            "18446744073709551616",
            "0.1000", "1e3", "-0", #""\"\\\n\u0001é€😀""#, "[[[]]]",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).text() == text)
    }

    @Test("escapes and surrogate pairs are read")
    func escapes() throws {
        #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\/\b\f""#) == .string("é😀/\u{8}\u{c}"))
    }

    @Test(
        "what can be read in two ways, or not at all, is refused",
        arguments: [
            "", " ", "{", "[1,]", #"{"a":1,"a":2}"#, "01", "1.", ".5", "+1", "1e", "nul", "tru", #""\ud800""#, #""\ud800\u0041""#,
            #""\x""#, "\"\u{1}\"",
            "1 2", "{1:2}", #"{"a" 1}"#, "NaN", "'a'", "\"abc",
        ])
    func refusals(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test("invalid UTF-8 is refused")
    func invalidUTF8() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
    }

    @Test("nesting deeper than the bound is refused, and the bound itself is not")
    func depth() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSON(parsing: nested(64)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(100_000)) }
    }

    @Test("a repeated member is found among thousands")
    func repeatedMember() {
        let members = (0..<3000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(throws: Never.self) { try JSON(parsing: "{\(members)}") }
        #expect(throws: JSONError.self) { try JSON(parsing: "{\(members),\"k2500\":1}") }
    }

    @Test("the canonical layout sorts members at every depth")
    func canonical() throws {
        #expect(try JSON(parsing: #"{"b":{"z":1,"a":2},"a":3}"#).text(.canonical) == #"{"a":3,"b":{"a":2,"z":1}}"#)
    }

    @Test("random bytes are read or refused, never worse")
    func rubbish() {
        var seed: UInt64 = 42
        for _ in 0..<20_000 {
            let alphabet = Array(#"{}[]",:\u0123456789eE+-.truefalsn "#.utf8)
            var bytes: [UInt8] = []
            for _ in 0..<24 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(seed >> 33) % alphabet.count])
            }
            if let value = try? JSON(parsing: bytes) { #expect((try? JSON(parsing: value.bytes())) == value) }
        }
    }
}
