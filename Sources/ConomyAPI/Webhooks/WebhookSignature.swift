import Crypto
public import ExactJSON

/// The two documented ways to sign a webhook. Both are HMAC-SHA256 with the tenant's secret, written as 64 hexadecimal digits.
public enum WebhookSignature {
    /// The older way: over the bytes of the body as they travel, for the header `X-Webhook-Signature`.
    public static func header(_ body: [UInt8], secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        return code.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// The current way: over the compact JSON of `event` and `data` in this order; it stands in the body's member `signature`.
    public static func member(event: JSON, data: JSON, secret: String) -> String {
        header(JSON.object(["event": event, "data": data]).bytes(), secret: secret)
    }
}

extension WebhookSignature {
    /// Compares in a time that does not depend on where two signatures differ.
    /// - Parameters:
    ///   - signature: 64 hexadecimal digits, as it came.
    ///   - message: the bytes that were signed.
    ///   - secrets: any of them will do: while a secret is being changed there are two.
    static func isValid(_ signature: String, of message: [UInt8], secrets: [String]) -> Bool {
        guard let code = bytes(ofHex: signature) else { return false }
        // All of them are tried, whichever fits.
        return secrets.reduce(false) { isValid, secret in
            let key = SymmetricKey(data: Array(secret.utf8))
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) || isValid
        }
    }

    private static func bytes(ofHex text: String) -> [UInt8]? {
        guard text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high { bytes.append(first << 4 | digit) }
            high = high == nil ? digit : nil
        }
        return bytes
    }
}
