import ConomyAPI
import ExactJSON
import Testing

@Suite struct WebhookTests {
    @Test("the contract has three webhooks, and says where each is signed")
    func contract() {
        #expect(Webhook.all.map(\.name) == ["transactionStatus", "paymentLifecycle", "customerLevelChanged"])
        #expect(Webhook.all.map(\.signatureHeader) == [nil, "X-Webhook-Signature", "X-Webhook-Signature"])
        #expect(Webhook.all.allSatisfy { $0.timeoutSeconds == 10 })
        #expect(Webhook.named("weather") == nil)
    }

    @Test("a delivery is tried again after 30 seconds, then after twice as long each time, at most an hour, for a day")
    func retries() throws {
        let webhook = try #require(Webhook.named("transactionStatus"))
        let first = try #require(Timestamp("2026-06-01T00:00:00Z"))
        var times = [first]
        while let last = times.last, let next = webhook.nextAttempt(after: times.count, failedAt: last, first: first) {
            times.append(next)
        }
        let gaps = zip(times.dropFirst(), times).map { ($0.millisecondsSince1970 - $1.millisecondsSince1970) / 1000 }
        #expect(gaps.prefix(8) == [30, 60, 120, 240, 480, 960, 1920, 3600])
        #expect(gaps.dropFirst(8).allSatisfy { $0 == 3600 })
        #expect(times.allSatisfy { $0 <= first.adding(milliseconds: 86_400_000) })
        #expect(times.last.map { $0 > first.adding(milliseconds: 86_400_000 - 3_600_000) } == true)
    }

    @Test("signatures are what an independent HMAC-SHA256 gives, over the bytes and over the compact JSON")
    func signatures() throws {
        let data: JSON = ["transaction": ["id": "1", "externalId": "ñ/\"x\""]]
        let body = #"{"event":"Transaction.Captured","data":{"transaction":{"id":"1","externalId":"ñ/\"x\""}}}"#
        // Computed with Python's hmac.
        let expected = "83c310fbeb57f8af20689ac5e64da244c061c587ae2ff298ff9b5b7e6c01327a"
        #expect(WebhookSignature.header(Array(body.utf8), secret: "secret") == expected)
        #expect(WebhookSignature.member(event: "Transaction.Captured", data: data, secret: "secret") == expected)
        #expect(WebhookSignature.header([], secret: "secret") != WebhookSignature.header([], secret: "Secret"))
    }
}
