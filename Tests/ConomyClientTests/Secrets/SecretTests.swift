import ConomyClient
import Foundation
import Testing

@Suite("A secret shows itself to nobody")
struct SecretTests {
    private let secret = Secret("marked-secret-4711")
    private struct Holder: Encodable {
        let secret: Secret
        let list: [Secret]
    }

    @Test("printed, described, mirrored, dumped and encoded it reads <secret>")
    func shown() throws {
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Holder(secret: secret, list: [secret]), to: &dumped)
        let encoded = String(decoding: try JSONEncoder().encode(Holder(secret: secret, list: [secret])), as: UTF8.self)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)",
            "\(["key": secret])", "\(Holder(secret: secret, list: [secret]))",
            "\(Mirror(reflecting: secret).children.map(\.value))", dumped, encoded,
            "\(credentials)", String(reflecting: credentials),
        ]
        for text in texts {
            #expect(!text.contains("4711"), "\(text)")
            #expect(!text.contains("marked"), "\(text)")
        }
        #expect("\(secret)" == "<secret>")
        #expect(
            encoded == #"{"secret":"<secret>","list":["<secret>"]}"# || encoded == #"{"list":["<secret>"],"secret":"<secret>"}"#)
    }

    @Test("it is equal to the same text only")
    func equality() {
        #expect(secret == Secret("marked-secret-4711"))
        #expect(secret != Secret("marked-secret-4712"))
        #expect(secret != Secret("marked-secret-471"))
        #expect(secret.reveal() == "marked-secret-4711")
    }
}

@Suite("The one point of redaction")
struct RedactionTests {
    private let texts = [
        "marked-secret-4711", "s3cr3t/+&=\"quoted\" väl", "tab\there\\and\nline", "100%25 sure?", "emoji 🦊 inside",
    ]

    @Test("a secret is hidden plain, escaped as JSON and percent-encoded")
    func forms() throws {
        let redaction = Redaction(texts.map { Secret($0) })
        for text in texts {
            let json = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
            let slashes = json.replacingOccurrences(of: "\\/", with: "/")
            let unicode = text.utf16.map {
                "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
            }.joined()
            let percent = try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let form = percent.replacingOccurrences(of: "%20", with: "+")
            for shown in [text, json, slashes, unicode, percent, percent.lowercased(), form] {
                // Lower case of the whole is another text, unless only the escapes change.
                if shown == percent.lowercased(), text != text.lowercased() { continue }
                let redacted = redaction.redact("before <\(shown)> after")
                #expect(redacted.contains("<secret>"), "\(shown)")
                #expect(redacted.hasPrefix("before <") && redacted.hasSuffix("> after"))
                for word in ["4711", "quoted", "line", "sure", "inside"] {
                    #expect(!redacted.contains(word), "\(shown) -> \(redacted)")
                }
            }
        }
    }

    @Test("a secret is hidden in base64, alone or as a part, plain or url-safe, padded or not", arguments: 0..<12)
    func base64(offset: Int) {
        for secret in texts + ["k\u{00FF}\u{00FE}??>>~~"] {
            let redaction = Redaction([Secret(secret)])
            let before = String(repeating: "x", count: offset)
            for after in ["", ":", "tail of it"] {
                let encoded = Data((before + secret + after).utf8).base64EncodedString()
                let urlSafe = encoded.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
                for shown in [
                    encoded, urlSafe, urlSafe.replacingOccurrences(of: "=", with: ""),
                    encoded.replacingOccurrences(of: "+", with: "%2B"),
                ] {
                    let redacted = redaction.redact("Basic \(shown)")
                    #expect(redacted.contains("<secret>"), "\(shown)")
                    // What is left must not decode to any four bytes of the secret in a row.
                    let rest = redacted.replacingOccurrences(of: "<secret>", with: "")
                    #expect(rest.count <= "Basic ".count + 4 * (offset + after.count) / 3 + 8, "\(shown) -> \(redacted)")
                }
            }
        }
    }

    @Test("other text passes as it is, and short secrets hide nothing")
    func others() {
        let redaction = Redaction(texts.map { Secret($0) } + [Secret(""), Secret("abc")])
        for text in [
            "", "abc", "marked-secret-471", "a % b \\ c + d", "naïve 🦊", String(repeating: "marked-secret-", count: 1000),
        ] {
            #expect(redaction.redact(text) == text)
        }
    }

    @Test("after very many tokens the newest and the credentials are still hidden, and the oldest are forgotten")
    func manyTokens() {
        let redaction = Redaction([Secret("client-secret-of-the-tests")])
        func token(_ number: Int) -> String { "header.\(String(repeating: "t", count: 200))\(number).signature" }
        for number in 1...400 { redaction.add(passing: Secret(token(number))) }
        for number in 310...400 { #expect(redaction.redact("a \(token(number)) b") == "a <secret> b", "token \(number)") }
        #expect(redaction.redact("client-secret-of-the-tests") == "<secret>")
        #expect(redaction.redact(token(1)) == token(1))
    }

    @Test("a secret that is learned later is hidden from then on, and a longer one before a part of it")
    func later() {
        let redaction = Redaction([Secret("token")])
        #expect(redaction.redact("token-part-two") == "<secret>-part-two")
        redaction.add(Secret("token-part-two"))
        #expect(redaction.redact("a token-part-two b token c") == "a <secret> b <secret> c")
    }
}
