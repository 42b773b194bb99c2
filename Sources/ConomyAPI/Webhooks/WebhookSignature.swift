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
