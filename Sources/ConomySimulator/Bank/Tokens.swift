import ConomyAPI
import ExactJSON

/// Access tokens and how long they live.
struct Tokens: Sendable {
    private var expiry: [String: Timestamp] = [:]
    /// What died is swept out when the number of tokens has doubled since.
    private var sweepAt = 64

    mutating func add(_ token: String, until: Timestamp, now: Timestamp) {
        if expiry.count >= sweepAt {
            expiry = expiry.filter { $0.value > now }
            sweepAt = max(64, expiry.count * 2)
        }
        expiry[token] = until
    }

    /// Nil for a token that was never given out.
    func isAlive(_ token: String, at now: Timestamp) -> Bool? { expiry[token].map { $0 > now } }

    /// Ends all tokens at once.
    mutating func expireAll(at now: Timestamp) { expiry = expiry.mapValues { min($0, now) } }
}

extension Bank {
    mutating func authenticate(_ call: Call) throws(Refusal) -> Answer {
        let expected = options.credentials
        guard call.body?["clientId"]?.string == expected.clientID, call.body?["clientSecret"]?.string == expected.clientSecret
        else {
            throw Refusal(.unauthorized, "the client id or its secret is not right")
        }
        let life = Int(options.tokenLife.milliseconds / 1000)
        let issued = now.millisecondsSince1970 / 1000
        let claims: JSON = [
            "sub": .string(expected.clientID), "iat": .integer(Int(issued)), "exp": .integer(Int(issued) + life),
            "jti": .string(identifiers.uuid()),
        ]
        let header: JSONObject = ["alg": "HS256", "typ": "JWT"]
        let parts = [base64URL(JSON.object(header).bytes()), base64URL(claims.bytes()), identifiers.token(43)]
        let token = parts.joined(separator: ".")
        tokens.add(token, until: now.adding(milliseconds: options.tokenLife.milliseconds), now: now)
        return Answer(
            status: 200,
            body: ["accessToken": .string(token), "tokenType": "Bearer", "expiresIn": .integer(life)])
    }
}

/// RFC 4648, section 5, without padding.
private func base64URL(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for sextet in 0...group.count { output.append(alphabet[Int(bits >> UInt32(18 - 6 * sextet)) & 63]) }
    }
    return String(decoding: output, as: UTF8.self)
}
