/// Where an environment's calls go: scheme, host, port and path prefix, checked so that every reader of it agrees on the host.
public struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    public let isSecure: Bool
    /// Lower case; an IPv6 address is without its brackets.
    public let host: String
    /// Nil where the scheme's own port is meant.
    public let port: Int?
    /// Empty, or `/sandbox`: begins with a slash and does not end with one.
    public let pathPrefix: String

    /// Reads `https://api.conomyhq.com/sandbox`.
    /// - Throws: `EnvironmentError` that names what is wrong. Plain http is accepted for loopback addresses only.
    public init(_ text: String) throws(EnvironmentError) {
        func wrong(_ problem: String, _ hint: String) -> EnvironmentError {
            EnvironmentError(code: "bad_url", "the base URL \"\(text.prefix(200))\" \(problem)", hint: hint)
        }
        // What is printable ASCII means the same to every parser; anything else is where they start to differ.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw wrong("has a character that does not belong in a URL", "write it in plain ASCII, without spaces or backslashes")
        }
        let lower = text.lowercased()
        let rest: Substring
        if lower.hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst(8)
        } else if lower.hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst(7)
        } else {
            throw wrong("does not begin with https://", "write it in full, such as https://api.conomyhq.com/sandbox")
        }
        guard !rest.contains("?"), !rest.contains("#") else {
            throw wrong("has a query or a fragment", "end it after the path")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw wrong("has a user name before its host", "credentials do not belong in a URL")
        }
        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw wrong("has no end of its address", "close it with ]") }
            host = authority[authority.index(after: authority.startIndex)..<close].lowercased()
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw wrong("has text after its address", "only a port may follow")
            }
            portText = after.isEmpty ? nil : after.dropFirst()
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw wrong("has a host that is no IPv6 address", "an address in brackets is IPv6, such as [::1]")
            }
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw wrong("has more than one colon after its host", "write an IPv6 address in brackets")
            }
            host = parts[0].lowercased()
            portText = parts.count == 2 ? parts[1] : nil
            let labels = host.split(separator: ".", omittingEmptySubsequences: false)
            guard labels.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && $0.utf8.allSatisfy(isHostByte) }) else {
                throw wrong("has no proper host", "a host is letters, digits, dots and hyphens")
            }
        }
        if let portText {
            guard portText.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(portText), (1...65535).contains(number)
            else {
                throw wrong("has a port that is no number from 1 to 65535", "leave it out, or write one such as :8443")
            }
            port = number
        } else {
            port = nil
        }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        guard path.isEmpty || path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPlainSegment)
        else {
            throw wrong("has an odd path", "a prefix is plain words, such as /sandbox")
        }
        pathPrefix = path
        guard isSecure || isLoopback else {
            throw wrong(
                "is plain http to another machine",
                "use https; plain http is for this machine only, such as http://127.0.0.1:8080")
        }
    }

    /// True for this machine: `localhost`, 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { isOctet($0) }
    }

    /// Scheme, host and port without a path: `https://api.conomyhq.com`.
    public var origin: String {
        (isSecure ? "https://" : "http://") + (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
    }

    public var description: String { origin + pathPrefix }
}

private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}

private func isOctet(_ text: Substring) -> Bool {
    guard text.count <= 3, text.allSatisfy(\.isNumber), let number = Int(text) else { return false }
    return number < 256 && (text.count == 1 || !text.hasPrefix("0"))
}

private func isPlainSegment(_ segment: Substring) -> Bool {
    !segment.isEmpty && segment != "." && segment != ".."
        && segment.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." || $0 == "~" }
}
