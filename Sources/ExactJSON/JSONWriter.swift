/// How a value is laid out when it is written.
public enum JSONLayout: Sendable {
    /// One line, members in their own order: the bytes that JavaScript's `JSON.stringify` gives, which are what a signed event is checked by.
    case compact
    /// One line, members sorted by their key's bytes: the same value always gives the same bytes.
    case canonical
    /// Indented by two spaces, members in their own order.
    case pretty
}

extension JSON {
    /// The value as UTF-8 bytes.
    public func bytes(_ layout: JSONLayout = .compact) -> [UInt8] {
        var writer = JSONWriter(layout: layout)
        writer.write(self)
        return writer.output
    }

    /// The value as text.
    public func text(_ layout: JSONLayout = .compact) -> String { String(decoding: bytes(layout), as: UTF8.self) }
}

private struct JSONWriter {
    let layout: JSONLayout
    var output: [UInt8] = []
    var depth = 0

    init(layout: JSONLayout) {
        self.layout = layout
        // Most of what is written is a request or an answer.
        output.reserveCapacity(1024)
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .integer(let value): write(String(value))
        case .decimal(let text): write(text)
        case .string(let text): quote(text)
        case .array(let items):
            list(items, open: UInt8(ascii: "["), close: UInt8(ascii: "]")) { writer, item in writer.write(item) }
        case .object(let object):
            let members =
                layout == .canonical
                ? object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : object.members
            list(members, open: UInt8(ascii: "{"), close: UInt8(ascii: "}")) { writer, member in
                writer.quote(member.key)
                writer.output.append(UInt8(ascii: ":"))
                if writer.layout == .pretty { writer.output.append(0x20) }
                writer.write(member.value)
            }
        }
    }

    mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

    mutating func list<Item>(_ items: [Item], open: UInt8, close: UInt8, _ body: (inout JSONWriter, Item) -> Void) {
        output.append(open)
        depth += 1
        for (index, item) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine()
            body(&self, item)
        }
        depth -= 1
        if !items.isEmpty { breakLine() }
        output.append(close)
    }

    mutating func breakLine() {
        guard layout == .pretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: depth * 2))
    }

    mutating func quote(_ text: String) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            // What needs no escape is taken over as it is, all that stands beside each other at once.
            var rest = bytes[...]
            while let place = rest.firstIndex(where: isEscaped) {
                output.append(contentsOf: rest[..<place])
                escape(rest[place])
                rest = rest[(place + 1)...]
            }
            output.append(contentsOf: rest)
        }
        output.append(UInt8(ascii: "\""))
    }

    private func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F && layout != .compact
    }

    private mutating func escape(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        default:
            let hex = String(byte, radix: 16)
            output.append(contentsOf: ("u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
        }
    }
}
