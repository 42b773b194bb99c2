import ExactJSON
import Fuzzing
import Testing

/// JSON through the room and back, beside the reader that the host uses.
@Suite struct JSONFuzzTests {
    @Test("random JSON, damaged or not, comes back as the same value exactly when the host's reader takes it")
    func sameAsExactJSON() throws {
        let room = EchoRoom()
        let failure = try fuzz(rounds: 1500) { random in
            var json = Array(randomText(depth: random.number(0...6), &random).utf8)
            if random.once(in: 3) { json = random.damaged(json, tokens: Self.tokens) }
            guard let difference = try difference(json, room) else { return nil }
            let small = try shrunk(json) { try self.difference($0, room) != nil }
            return "\(difference); smallest: \(shown(small)): \(try self.difference(small, room) ?? "")"
        }
        #expect(failure == nil)
    }

    /// What differs between the value that the host reads and the one that came back; nil when nothing does.
    private func difference(_ json: [UInt8], _ room: EchoRoom) throws -> String? {
        let wanted: JSON
        do { wanted = try JSON(parsing: json) } catch {
            return try room.echo(json).map { "the host refuses it (\(error)), and it came back as \(shown($0))" }
        }
        guard let back = try room.echo(json) else { return "the room refuses what the host takes" }
        guard let seen = try? JSON(parsing: back) else { return "it came back as no JSON: \(shown(back))" }
        let expected = Self.throughLua(wanted)
        return Self.same(expected, seen) ? nil : "it came back as \(shown(back)), not \(expected.text())"
    }

    /// What a value is after Lua: the numbers that neither kind of Lua number holds are their text.
    private static func throughLua(_ value: JSON) -> JSON {
        switch value {
        case .decimal(let text):
            let isWhole = !text.contains { ".eE".contains($0) } && text != "-0"
            guard !isWhole, let number = Double(text), number.isFinite, sameNumber("\(number)", text) else {
                return .string(text)
            }
            return value
        case .array(let items): return .array(items.map(throughLua))
        case .object(let object):
            return .object(JSONObject(object.members.map { ($0.key, throughLua($0.value)) }))
        default: return value
        }
    }

    /// Equal but for the order of keys and the spelling of decimals.
    private static func same(_ a: JSON, _ b: JSON) -> Bool {
        switch (a, b) {
        case (.decimal(let a), .decimal(let b)): return sameNumber(a, b) && a.hasPrefix("-") == b.hasPrefix("-")
        case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy(same)
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && zip(sorted(a), sorted(b)).allSatisfy { Array($0.key.utf8) == Array($1.key.utf8) && same($0.value, $1.value) }
        case (.string(let a), .string(let b)): return Array(a.utf8) == Array(b.utf8)
        default: return a == b
        }
    }

    private static func sorted(_ object: JSONObject) -> [JSONObject.Member] {
        object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Whether two decimal spellings are the same number: the same digits at the same places.
    private static func sameNumber(_ a: String, _ b: String) -> Bool { places(a) == places(b) }

    private static func places(_ text: String) -> [Int: Character] {
        let parts = text.drop { $0 == "-" }.lowercased().split(separator: "e")
        guard let exponent = parts.count > 1 ? Int(parts[1]) : 0 else { return [.max: "?"] }
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves[0], digits = Array(whole) + (halves.count > 1 ? Array(halves[1]) : [])
        var result: [Int: Character] = [:]
        for (index, digit) in digits.enumerated() where digit != "0" { result[whole.count - 1 - index &+ exponent] = digit }
        return result
    }

    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "-", "0", "1e", ".", "e+", "true",
            "null",
            "\"a\":1", "\u{0}", "\u{1}", " ", "\n", "\u{FEFF}",
        ].map { Array($0.utf8) } + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x82]]

    private func space(_ random: inout FuzzRandom) -> String {
        random.once(in: 8) ? random.one(of: [" ", "\n", "\t ", "\r\n"]) : ""
    }

    /// JSON text in every spelling the grammar has.
    private func randomText(depth: Int, _ random: inout FuzzRandom) -> String {
        let space = space(&random)
        switch random.number(0...(depth > 0 ? 6 : 4)) {
        case 0: return space + random.one(of: ["null", "true", "false"])
        case 1: return space + randomNumber(&random)
        case 2, 3: return randomString(&random) + space
        case 4: return "\(Int64.random(in: .min ... .max, using: &random) >> Int64(random.number(0...63)))"
        case 5:
            return "[" + space
                + (0..<random.number(0...4)).map { _ in randomText(depth: depth - 1, &random) }.joined(separator: ",")
                + space + "]"
        default:
            return "{" + space
                + (0..<random.number(0...random.one(of: [2, 5, 40]))).map { index in
                    let key = random.once(in: 3) ? randomString(&random) : "\"\(random.one(of: Self.keys))\(index)\""
                    return key + space + ":" + randomText(depth: depth - 2, &random)
                }.joined(separator: ",") + "}"
        }
    }

    private static let keys = ["__index", "__gc", "__array", "__metatable", "a", "B", "é", "$money", "1", "\\u0000", ""]

    private func randomNumber(_ random: inout FuzzRandom) -> String {
        let digits = (0..<random.number(0...random.one(of: [3, 17, 60]))).map { _ in "\(random.number(0...9))" }.joined()
        let whole = random.once(in: 2) ? "0" : "\(random.number(1...9))" + digits
        let fraction = random.once(in: 2) ? "" : "." + digits + "\(random.number(0...9))"
        let exponent =
            random.once(in: 2)
            ? "" : random.one(of: ["e", "E", "e+", "e-", "E-0"]) + "\(random.number(0...random.one(of: [3, 25, 400, 100000])))"
        return (random.once(in: 2) ? "-" : "") + whole + fraction + exponent
    }

    private func randomString(_ random: inout FuzzRandom) -> String {
        let pieces = [
            "a", "text ", "é", "😀", "\u{FFFF}", "\u{10FFFF}", "\u{7F}", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t", "\\u0000",
            "\\u00e9", "\\uD83D\\uDE00", "\\uFFFF", "\u{202E}", String(repeating: "x", count: 50),
        ]
        return "\"" + (0..<random.number(0...6)).map { _ in random.one(of: pieces) }.joined() + "\""
    }
}
