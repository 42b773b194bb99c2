import Foundation

/// How a secret may stand in a text.
enum SecretSpellings {
    /// Plain, as a URL has it in both cases, and in base64 at each of the three places a text may have there.
    static func all(_ secret: String) -> [String] {
        let escaped = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret
        let whole = secret.utf8.map { String(format: "%%%02X", $0) }.joined()
        return Array(Set([secret, escaped, escaped.lowercased(), whole, whole.lowercased()] + base64(secret))).sorted()
    }

    /// The characters that hold nothing but bits of the secret, in both alphabets.
    private static func base64(_ secret: String) -> [String] {
        (0..<3).flatMap { lead -> [String] in
            let text = Data([UInt8](repeating: 0, count: lead) + Array(secret.utf8)).base64EncodedString()
            let own = String(text.prefix((lead + secret.utf8.count) * 8 / 6).dropFirst((lead * 8 + 5) / 6))
            return [own, own.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")]
        }
    }
}
