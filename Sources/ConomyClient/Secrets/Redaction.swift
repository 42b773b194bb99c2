import Synchronization

/// The one point every sink passes its text through: outputs, logs, traces, reports, error texts.
///
/// A secret is found as it is, percent-encoded, escaped as JSON, mixed forms of these, and in base64 (plain and url-safe, with
/// and without padding, also where it is only a part of what was encoded); it is replaced by `<secret>`. Secrets shorter than
/// four bytes are not looked for: they would hide ordinary words, and are not secret.
public final class Redaction: Sendable {
    private let needles: Mutex<Needles>

    public init(_ secrets: [Secret] = []) {
        var needles = Needles()
        for secret in secrets { needles.add(secret) }
        self.needles = Mutex(needles)
    }

    /// From now on this secret is hidden too.
    public func add(_ secret: Secret) { needles.withLock { $0.add(secret) } }

    /// From now on this secret is hidden too, until very many of its kind came after it: a token that was just received.
    public func add(passing secret: Secret) { needles.withLock { $0.add(passing: secret) } }

    /// `text` without secrets; the same text where there are none.
    public func redact(_ text: String) -> String {
        let needles = needles.withLock { $0 }
        guard !needles.all.isEmpty else { return text }
        var text = text
        return text.withUTF8 { needles.replaced(in: $0) } ?? text
    }
}

/// The byte sequences looked for, longest first, so that the whole of a secret goes before a part of it.
private struct Needles: Sendable {
    private(set) var all: [[UInt8]] = []
    /// The same by their first byte.
    private var byFirst: [[[UInt8]]] = Array(repeating: [], count: 256)
    /// Pairs of bytes at which a match may start. Almost all text is passed over by one look at this.
    private var starts: [Bool] = Array(repeating: false, count: 1 << 16)

    /// The forms of secrets that pass, oldest first.
    private var passing: [[[UInt8]]] = []
    /// Tokens come and go during a long run; the oldest of so many are long invalid.
    private static let mostPassing = 100

    mutating func add(_ secret: Secret) { add(forms(of: secret)) }

    mutating func add(passing secret: Secret) {
        let new = forms(of: secret).filter { !all.contains($0) }
        guard !new.isEmpty else { return }
        passing.append(new)
        if passing.count > Needles.mostPassing {
            let old = Set(passing.removeFirst())
            all.removeAll { old.contains($0) }
        }
        add(new)
    }

    private func forms(of secret: Secret) -> [[UInt8]] {
        let bytes = Array(secret.reveal().utf8)
        return bytes.count >= 4 ? [bytes] + Base64.forms(of: bytes) : []
    }

    private mutating func add(_ forms: [[UInt8]]) {
        for form in forms where !all.contains(form) { all.append(form) }
        all.sort { $0.count > $1.count }
        index()
    }

    private mutating func index() {
        byFirst = Array(repeating: [], count: 256)
        starts = Array(repeating: false, count: 1 << 16)
        // A character may also be written as an escape, and a space as a plus.
        let escapes = Array("%\\+".utf8)
        for needle in all {
            byFirst[Int(needle[0])].append(needle)
            for second in [needle[1]] + escapes { starts[Int(needle[0]) << 8 | Int(second)] = true }
        }
        for escape in escapes {
            for second in 0..<256 { starts[Int(escape) << 8 | second] = true }
        }
    }

    /// Nil where nothing was found.
    func replaced(in text: UnsafeBufferPointer<UInt8>) -> String? {
        var output: [UInt8] = []
        var kept = 0
        var position = 0
        // No secret is shorter than four bytes.
        while position + 3 < text.count {
            guard starts[Int(text[position]) << 8 | Int(text[position + 1])], let end = matchEnd(text, position) else {
                position += 1
                continue
            }
            output.append(contentsOf: text[kept..<position])
            output.append(contentsOf: Secret.placeholder.utf8)
            position = end
            kept = end
        }
        guard kept > 0 else { return nil }
        output.append(contentsOf: text[kept...])
        return String(decoding: output, as: UTF8.self)
    }

    private func matchEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        for needle in byFirst[Int(text[start])] {
            if let end = EscapedText.end(of: needle, 0, in: text, at: start) { return end }
        }
        guard let first = EscapedText.escape(text, start)?.bytes.first else { return nil }
        for needle in byFirst[Int(first)] {
            if let end = EscapedText.end(of: needle, 0, in: text, at: start) { return end }
        }
        return nil
    }
}

/// Compares bytes with text in which any character may be escaped.
private enum EscapedText {
    /// Where `needle` from `first` on ends when it starts at `position`; nil when it does not.
    static func end(of needle: [UInt8], _ first: Int, in text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
        var position = position
        var place = first
        while place < needle.count {
            guard position < text.count else { return nil }
            let byte = needle[place]
            // A character that is written as itself and could also begin an escape is tried both ways.
            if text[position] == byte {
                if byte != UInt8(ascii: "%"), byte != UInt8(ascii: "\\") {
                    position += 1
                    place += 1
                    continue
                }
                if let end = end(of: needle, place + 1, in: text, at: position + 1) { return end }
            }
            guard let (bytes, length) = escape(text, position), needle[place...].starts(with: bytes) else { return nil }
            position += length
            place += bytes.count
        }
        return position
    }

    /// The bytes an escape at `position` stands for, and how long it is.
    static func escape(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> (bytes: [UInt8], length: Int)? {
        func byte(_ offset: Int) -> UInt8 { position + offset < text.count ? text[position + offset] : 0 }
        func hexadecimal(_ offset: Int, _ digits: Int) -> UInt32? {
            var value: UInt32 = 0
            for index in offset..<offset + digits {
                guard let digit = Character(Unicode.Scalar(byte(index))).hexDigitValue else { return nil }
                value = value << 4 | UInt32(digit)
            }
            return value
        }
        switch byte(0) {
        case UInt8(ascii: "+"): return ([0x20], 1)
        case UInt8(ascii: "%"): return hexadecimal(1, 2).map { ([UInt8($0)], 3) }
        case UInt8(ascii: "\\"):
            switch byte(1) {
            case UInt8(ascii: "n"): return ([0x0A], 2)
            case UInt8(ascii: "r"): return ([0x0D], 2)
            case UInt8(ascii: "t"): return ([0x09], 2)
            case UInt8(ascii: "b"): return ([0x08], 2)
            case UInt8(ascii: "f"): return ([0x0C], 2)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return ([byte(1)], 2)
            case UInt8(ascii: "u"):
                guard let code = hexadecimal(2, 4) else { return nil }
                if (0xD800..<0xDC00).contains(code), byte(6) == UInt8(ascii: "\\"), byte(7) == UInt8(ascii: "u"),
                    let low = hexadecimal(8, 4), (0xDC00..<0xE000).contains(low),
                    let scalar = Unicode.Scalar(0x10000 + (code - 0xD800) << 10 + (low - 0xDC00))
                {
                    return (Array(String(scalar).utf8), 12)
                }
                return Unicode.Scalar(code).map { (Array(String($0).utf8), 6) }
            default: return nil
            }
        default: return nil
        }
    }
}

/// How bytes look in base64, alone and as a part of something longer.
private enum Base64 {
    static func forms(of bytes: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for urlSafe in [false, true] {
            let whole = encoded(bytes, urlSafe: urlSafe)
            forms.append(whole + Array(repeating: UInt8(ascii: "="), count: (4 - whole.count % 4) % 4))
            forms.append(whole)
            // Embedded at an offset of 0, 1 or 2 modulo 3: the characters that hold bits of this text alone.
            for offset in 0..<3 {
                let padded = encoded(Array(repeating: 0, count: offset) + bytes, urlSafe: urlSafe)
                let first = (offset * 8 + 5) / 6
                let last = (offset + bytes.count) * 8 / 6
                if last - first >= 5 { forms.append(Array(padded[first..<last])) }
            }
        }
        return forms
    }

    /// Without padding.
    private static func encoded(_ bytes: [UInt8], urlSafe: Bool) -> [UInt8] {
        let tail = urlSafe ? "-_" : "+/"
        let alphabet = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + tail).utf8)
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                output.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { output.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return output
    }
}
