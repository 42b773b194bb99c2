import ConomyAPI
import ExactJSON
import Testing

@Suite("Webhooks that are received")
struct WebhookMessageTests {
    private static let secret = "k1"

    private func older(_ text: String) -> (body: [UInt8], header: [String]) {
        let body = Array(text.utf8)
        return (body, [WebhookSignature.header(body, secret: Self.secret)])
    }

    private func current(_ event: String, _ data: String, spelling: (String) -> String = { $0 }) throws -> [UInt8] {
        let data = try JSON(parsing: data)
        let signature = WebhookSignature.member(event: .string(event), data: data, secret: Self.secret)
        let body: JSON = ["event": .string(event), "data": data, "signature": .string(signature)]
        return Array(spelling(body.text()).utf8)
    }

    private func refusal(_ body: [UInt8], _ header: [String], _ secrets: [String] = [secret]) -> WebhookMessage.Refusal? {
        do throws(WebhookMessage.Refusal) {
            _ = try WebhookMessage(body, header: header, secrets: secrets)
            return nil
        } catch { return error }
    }

    private static let settled =
        #"{"eventType":"payment.settled","timestamp":"2026-11-30T01:00:00Z","transaction":{"id":"p1","status":"SETTLED"}}"#
    private static let captured = #"{"transaction":{"id":"p1","status":"CAPTURED","totalAmount":"10.00"}}"#

    @Test("are taken in both envelopes, signed with any of the secrets")
    func taken() throws {
        let (body, header) = older(Self.settled)
        let message = try WebhookMessage(body, header: header, secrets: ["other", Self.secret])
        #expect(message.type == "payment.settled" && message.object == "p1" && message.envelope == .older)
        #expect(message.content["transaction"]?["status"] == "SETTLED")
        // Capital digits are the same digits.
        #expect(refusal(body, header.map { $0.uppercased() }) == nil)
        let captured = try WebhookMessage(current("Transaction.Captured", Self.captured), header: [], secrets: [Self.secret])
        #expect(captured.type == "Transaction.Captured" && captured.object == "p1" && captured.envelope == .current)
        #expect(captured.content["transaction"]?["totalAmount"] == "10.00")
    }

    @Test("are refused when their signature is missing, wrong, cut, doubled or of other bytes")
    func refused() throws {
        let (body, header) = older(Self.settled)
        let right = header[0]
        var flipped = Array(right.utf8)
        flipped[5] = flipped[5] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        let wrong = [
            [], [""], [String(right.dropLast())], [right + "0"], [String(decoding: flipped, as: UTF8.self)], [right, right],
            ["sha256=" + right], [" " + right], [right.replacing("a", with: "g").replacing("b", with: "h")],
        ]
        for header in wrong where header != [right] { #expect(refusal(body, header) == .unsigned, "\(header)") }
        #expect(refusal(body, header, ["other"]) == .unsigned)
        // The same JSON, spelt otherwise, is other bytes.
        let spelt = Array(Self.settled.replacing(",", with: ", ").utf8)
        #expect(refusal(spelt, header) == .unsigned)
        #expect(refusal(body + [0x0A], header) == .unsigned)

        let captured = try current("Transaction.Captured", Self.captured)
        #expect(refusal(captured, []) == nil)
        #expect(
            refusal(try current("Transaction.Captured", Self.captured) { $0.replacing("10.00", with: "90.00") }, []) == .unsigned)
        #expect(
            refusal(try current("Transaction.Captured", Self.captured) { $0.replacing("Captured", with: "Received") }, [])
                == .unsigned)
        #expect(
            refusal(try current("Transaction.Captured", Self.captured) { String($0.dropLast()) + #","signature":"x"}"# }, [])
                == .unsigned)
        // A wrong header is not made good by a right member, nor the other way round.
        #expect(refusal(captured, [right]) == .unsigned)
        let unsigned = older(#"{"event":"Transaction.Captured","data":{},"signature":"00"}"#)
        #expect(refusal(unsigned.body, unsigned.header) == .unsigned)
        #expect(refusal(Array("no JSON".utf8), []) == .unsigned)
    }

    @Test("of the current form may be spelt with other blanks: what is signed is their compact form")
    func spelling() throws {
        let body = try current("Transaction.Captured", Self.captured) { $0.replacing(",\"", with: " ,\n \"") }
        #expect(refusal(body, []) == nil)
    }

    @Test("of the current form are checked by the bytes that JavaScript writes")
    func stringified() {
        let signed = "{\"event\":\"payment.new\",\"data\":{\"note\":\"\\b\\f\\n\\r\\t\\u0001\u{7F}\u{2028}é/\\\\\\\"\"}}"
        let signature = WebhookSignature.header(Array(signed.utf8), secret: Self.secret)
        #expect(refusal(Array((signed.dropLast() + ",\"signature\":\"\(signature)\"}").utf8), []) == nil)
    }

    @Test("that tell the same have one identity; another state or object has its own")
    func identity() throws {
        func identity(_ text: String) throws -> String {
            let (body, header) = older(text)
            return try WebhookMessage(body, header: header, secrets: [Self.secret]).identity
        }
        let first = try identity(Self.settled)
        #expect(try identity(Self.settled.replacing("01:00:00", with: "02:00:00")) == first)
        #expect(try identity(Self.settled.replacing(":", with: " : ")) != "")
        #expect(try identity(Self.settled.replacing("SETTLED", with: "UNSETTLED")) != first)
        #expect(try identity(Self.settled.replacing("p1", with: "p2")) != first)
        #expect(try identity(Self.settled.replacing("payment.settled", with: "payment.new")) != first)
        // What names no object is told apart by all it says.
        let odd = #"{"eventType":"bank.closed","reason":"a"}"#
        #expect(try identity(odd) != identity(odd.replacing("\"a\"", with: "\"b\"")))
        // What nobody signed tells nothing apart.
        let told = try current("bank.closed", #"{"reason":"a"}"#)
        let more = try current("bank.closed", #"{"reason":"a"}"#) { $0.replacing("{\"event\"", with: "{\"more\":1,\"event\"") }
        #expect(
            try WebhookMessage(told, header: [], secrets: [Self.secret]).identity
                == WebhookMessage(more, header: [], secrets: [Self.secret]).identity)
    }

    @Test("that are signed and no events are told what is wrong")
    func malformed() {
        for text in ["[]", "{}", #"{"eventType":""}"#, #"{"eventType":7}"#, "{", String(repeating: "[", count: 100)] {
            let (body, header) = older(text)
            guard case .malformed = refusal(body, header) else {
                Issue.record("\(text) was not refused as malformed")
                continue
            }
        }
    }
}
