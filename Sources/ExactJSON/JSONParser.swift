/// Why some bytes are not the JSON that is accepted here.
public struct JSONError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, as a sentence without a full stop.
    public let message: String
    /// Where: an offset in bytes from the start.
    public let offset: Int
    public var description: String { "\(message) (at byte \(offset))" }
}

extension JSON {
    /// Reads exactly one JSON value (RFC 8259) and nothing after it.
    ///
    /// Stricter than most readers, because an answer about money that can be read in two ways is not an answer: a repeated
    /// key, invalid UTF-8, a lone surrogate or nesting deeper than `maximumDepth` is an error.
    /// - Throws: `JSONError`.
    public init(parsing bytes: some Sequence<UInt8>, maximumDepth: Int = 64) throws(JSONError) {
        let copy = ContiguousArray(bytes)
        let result: Result<JSON, JSONError> = copy.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, maximumDepth: maximumDepth)
            do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    public init(parsing text: String, maximumDepth: Int = 64) throws(JSONError) {
        try self.init(parsing: text.utf8, maximumDepth: maximumDepth)
    }
}

/// A recursive reader over borrowed bytes; `depth` bounds the recursion.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error("there is more after the value") }
        return value
    }

    func error(_ message: String) -> JSONError { JSONError(message: message, offset: position) }

    /// The next byte, or 0 at the end: 0 is never valid outside a string, and inside one it is refused as a control character.
    var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard position < bytes.count else { throw error("the text ends where a value belongs") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("a value cannot start here")
        }
    }

    mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<text.utf8CodeUnitCount {
            guard next == text.utf8Start[index] else { throw error("a value cannot start here") }
            position += 1
        }
        return value
    }

    mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= maximumDepth else { throw error("the value is nested more than \(maximumDepth) deep") }
        position += 1
        skipSpace()
    }

    mutating func array() throws(JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var items: [JSON] = []
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            items.append(try value())
            if try closes(with: UInt8(ascii: "]")) { return .array(items) }
        }
    }

    mutating func object() throws(JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var members: [JSONObject.Member] = []
        var seen: Set<String> = []
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject())
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member's name belongs here") }
            let key = try string()
            // A walk is quicker for the few members most objects have; a set keeps thousands of them from costing millions.
            let repeated = members.count < 24 ? members.contains { $0.key == key } : seen.contains(key)
            guard !repeated else { throw error("the member \"\(key)\" stands twice") }
            if members.count == 23 { seen = Set(members.map(\.key)) }
            if members.count >= 23 { seen.insert(key) }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw error("a colon belongs here") }
            position += 1
            members.append((key, try value()))
            if try closes(with: UInt8(ascii: "}")) { return .object(JSONObject(unchecked: members)) }
        }
    }

    /// After an item: true at the closing bracket, false after a comma.
    mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        let byte = next
        guard byte == bracket || byte == UInt8(ascii: ",") else { throw error("a comma or a closing bracket belongs here") }
        position += 1
        return byte == bracket
    }

    mutating func digits() throws(JSONError) {
        let start = position
        while next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw error("a digit belongs here") }
    }

    mutating func number() throws(JSONError) -> JSON {
        let start = position
        var isInteger = true
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if next | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
        return .decimal(text)
    }

    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try text(bytes[start..<position])
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw error("a control character must be escaped in a text") }
            position += 1
        }
        throw error("the text is not closed")
    }

    func text(_ slice: some Collection<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error("a text is not valid UTF-8") }
        return text
    }

    /// The slower way, taken from the first backslash on.
    mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var output = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return try text(output) }
            guard byte >= 0x20 else { throw error("a control character must be escaped in a text") }
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            let escape = next
            position += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(escape)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): output.append(contentsOf: Array(String(Character(try unicodeEscape())).utf8))
            default: throw error("this escape is not known to JSON")
            }
        }
        throw error("the text is not closed")
    }

    mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        var code = try hexadecimal()
        if code >= 0xD800, code < 0xDC00 {
            guard next == UInt8(ascii: "\\") else { throw error("half of a surrogate pair is missing") }
            position += 1
            guard next == UInt8(ascii: "u") else { throw error("half of a surrogate pair is missing") }
            position += 1
            let low = try hexadecimal()
            guard low >= 0xDC00, low < 0xE000 else { throw error("half of a surrogate pair is missing") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair is missing") }
        return scalar
    }

    mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            switch next {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 + UInt32(next - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 + UInt32(next - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 + UInt32(next - UInt8(ascii: "A")) + 10
            default: throw error("four hexadecimal digits belong here")
            }
            position += 1
        }
        return code
    }
}
