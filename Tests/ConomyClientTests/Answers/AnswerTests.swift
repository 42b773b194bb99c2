import ConomyAPI
import ExactJSON
import NIOCore
import Testing

@testable import ConomyClient

@Suite("What counts as an answer")
struct AnswerTests {
    private func read(_ call: Call, _ status: Int, _ body: String) -> String {
        switch AnswerReader.read(call, status: status, body: ByteBuffer(string: body)) {
        case .answer(let answer): "answer \(answer.status)"
        case .rubbish(let problem): problem
        }
    }

    @Test("other documented forms of a list are accepted, and only those")
    func alternates() throws {
        let account =
            #"{"id":"a","identityId":"i","type":"CHECKING","balance":"1","availableFunds":"1","currency":"CLP","accountNumber":"1","status":"ACTIVE"}"#
        let page = #""pagination":{"limit":50,"offset":0,"total":1}"#
        let accounts = Call(try operation("accounts.list"))
        for body in [
            #"{"pagination":{\#(page),"results":[\#(account)]}}"#, #"{\#(page),"results":[\#(account)]}"#, "[\(account)]", "[]",
        ] {
            #expect(read(accounts, 200, body) == "answer 200", "\(body)")
        }
        for body in ["{}", #"{"results":[]}"#, "[1]", #"[{"id":"a"}]"#, #"{\#(page),"results":[{"id":"a"}]}"#] {
            #expect(read(accounts, 200, body) != "answer 200", "\(body)")
        }
        #expect(read(Call(try operation("customers.list")), 200, #"{"count":1,"customers":[{"id":"c"}]}"#) == "answer 200")
        #expect(read(Call(try operation("refunds.list")), 200, #"{"total":0,"refunds":[]}"#) == "answer 200")
        #expect(read(Call(try operation("payments.list")), 200, #"{"total":0,"refunds":[]}"#) != "answer 200")
        let deposits = #"{"total":1,"totalAmount":"1","currency":"ARS","deposits":[{"paymentId":"p","amount":"1"}]}"#
        #expect(read(Call(try operation("payments.unassigned")), 200, deposits) == "answer 200")
    }

    @Test(
        "that a write was declined is the API's own word: another's page or silence is none, and a read needs no more than the status"
    )
    func declines() throws {
        let refund = Call(try operation("payments.refund"), pathParameters: ["id": "p"], body: ["amount": "1"])
        for status in [400, 403, 404, 409, 422] {
            for body in ["", "<html>no</html>", "[]", "{}", #""no""#, #"{"detail": "no"}"#] {
                #expect(read(refund, status, body) == "is no error of the API's", "\(status) \(body)")
                #expect(
                    read(Call(try operation("payments.get"), pathParameters: ["id": "p"]), status, body) == "answer \(status)")
            }
            for body in [
                #"{"code": "21"}"#, #"{"statusCode": 400, "error": "Bad", "message": "no"}"#, #"{"error": {"type": "x"}}"#,
            ] {
                #expect(read(refund, status, body) == "answer \(status)")
            }
        }
        // These were not performed, whoever says so.
        for status in [401, 429, 500] { #expect(read(refund, status, "<html>") == "answer \(status)") }
    }

    @Test("an answer in another currency than the money that was sent is none")
    func currencies() throws {
        let money = try Money("1.00", Currency("ARS"))
        let refund = Call(
            try operation("payments.refund"), pathParameters: ["id": "p"], body: ["amount": "1.00"], money: ["amount": money])
        func answer(_ currency: String) -> String {
            #"{"refundId":"r","parentPaymentId":"p","status":"RECEIVED","totalAmount":"1.00","currency":"\#(currency)","createdAt":"2026-06-01T00:00:00Z"}"#
        }
        #expect(read(refund, 201, answer("ARS")) == "answer 201")
        #expect(read(refund, 201, answer("BRL")).contains("is in another currency"))
    }

    @Test("the alternates are those of the contract")
    func alternatesOfTheContract() throws {
        let contract = try contractText()
        var found: [String: [AnswerShape.Alternate]] = [:]
        var id = ""
        var isListing = false
        for line in contract.split(separator: "\n").map(String.init) {
            let text = line.trimmingSpaces()
            // Shared responses stand behind the paths; those are errors, which APIError reads.
            if line == "components:" { break }
            if text.hasPrefix("operationId: ") { id = String(text.dropFirst(13)) }
            if text == "x-alternate-schemas:" {
                isListing = true
            } else if isListing, text.hasPrefix("- ") {
                let entry = text.dropFirst(2).replacing("'", with: "")
                let name = String(entry.split(separator: "/").last ?? "")
                found[id, default: []].append(entry.hasPrefix("array of") ? .array(of: name) : .schema(name))
            } else {
                isListing = false
            }
        }
        #expect(found == AnswerShape.alternates)
    }

    @Test("null stands for a member that may be absent, and for no other")
    func nulls() throws {
        let call = try getPayment()
        #expect(
            read(call, 200, #"{"id":"p1","status":"SETTLED","externalId":null,"origins":null,"createdAt":null}"#) == "answer 200")
        #expect(read(call, 200, #"{"id":null,"status":"SETTLED"}"#) != "answer 200")
        #expect(read(call, 200, #"{"id":"p1","status":null}"#) != "answer 200")
    }

    @Test("texts that are no proper dates or addresses do not make an effect doubtful; amounts that are none do")
    func formats() throws {
        let call = try getPayment()
        #expect(read(call, 200, #"{"id":"p1","status":"BRAND_NEW","createdAt":"yesterday","unknown":1}"#) == "answer 200")
        for amount in ["\"-5\"", "\"1e3\"", "\"1,000.00\"", "\"\"", "5", "5.0"] {
            #expect(read(call, 200, #"{"id":"p1","status":"SETTLED","totalAmount":\#(amount)}"#) != "answer 200", "\(amount)")
        }
    }

    @Test(
        "an answer about another object is none",
        arguments: [
            ("payments.get", "id", #"{"id":"X","status":"SETTLED"}"#),
            ("payments.capture", "id", #"{"id":"X","status":"CAPTURED"}"#),
            ("payments.authorize", "id", #"{"id":"X","status":"AUTHORIZED"}"#),
            ("payment_attempts.get", "id", #"{"id":"X","status":"ATTEMPT"}"#),
            ("identities.get", "id", #"{"id":"X"}"#), ("identities.add_children", "id", #"{"id":"X"}"#),
            ("identities.remove_fee", "id", #"{"id":"X"}"#),
            ("customers.get", "customerId", #"{"id":"X"}"#), ("customers.update", "customerId", #"{"id":"X"}"#),
            ("payment_links.get", "id", #"{"id":"X","checkoutToken":"t"}"#),
            ("payment_links.activate", "id", #"{"id":"X","checkoutToken":"t"}"#),
            ("checkout_sessions.get", "checkoutSessionId", #"{"id":"X","status":"ACTIVE"}"#),
            ("checkout_sessions.pay", "checkoutSessionId", #"{"id":"p9","status":"CREATED","checkoutSessionId":"X"}"#),
            (
                "payments.refund_summary", "id",
                #"{"parentId":"X","refunds":[],"summary":{"parentPaymentId":"X","parentAmount":"1","currency":"ARS","totalRefunded":"0","totalInProgress":"0","totalFailed":"0","maxRefundable":"1","completedCount":0,"inProgressCount":0,"failedCount":0}}"#
            ),
            ("payments.mark_unsettled", "id", #"{"paymentId":"X","status":"UNSETTLED"}"#),
            ("payments.customer", "id", #"{"paymentId":"X","attached":false}"#),
        ])
    func otherObject(name: String, parameter: String, body: String) throws {
        let operation = try operation(name)
        let status = try #require(operation.successStatuses.first)
        var parameters = Dictionary(uniqueKeysWithValues: operation.pathParameters.map { ($0.name, "mine") })
        parameters[parameter] = "mine"
        let call = Call(operation, pathParameters: parameters)
        #expect(read(call, status, body.replacing("\"X\"", with: "\"mine\"")) == "answer \(status)")
        #expect(read(call, status, body).contains("another object"), "\(read(call, status, body))")
    }

    @Test("an account may be asked for by its number")
    func accountByNumber() throws {
        let body =
            #"{"id":"a","identityId":"i","type":"CHECKING","balance":"1","availableFunds":"1","currency":"CLP","accountNumber":"777","status":"ACTIVE"}"#
        for (id, fits) in [("a", true), ("777", true), ("i", true), ("b", false)] {
            #expect(
                (read(Call(try operation("accounts.get"), pathParameters: ["id": id]), 200, body) == "answer 200") == fits,
                "\(id)")
        }
    }

    @Test("what a write sent comes back with its answer, where it comes back at all")
    func echoes() throws {
        let create = try operation("payments.create")
        let call = Call(
            create, body: ["type": "P2P", "externalId": "ref-1", "purchaseAmount": "150.00", "purchaseCurrency": "ARS"])
        for (members, fits) in [
            (#""externalId":"ref-1","purchaseAmount":"150","purchaseCurrency":"ARS""#, true), (#""externalId":"ref-2""#, false),
            (#""purchaseAmount":"150.0""#, true), (#""purchaseAmount":"0150.000""#, true), (#""purchaseAmount":"15""#, false),
            (#""purchaseAmount":"150.01""#, false),
            (#""purchaseCurrency":"USD""#, false), (#""totalAmount":"155.00""#, true), (#""type":"P2P""#, true),
            (#""type":"REFUND""#, false),
        ] {
            #expect((read(call, 200, #"{"id":"p","status":"CREATED",\#(members)}"#) == "answer 200") == fits, "\(members)")
        }
        for id in ["", " "] { #expect(read(call, 200, #"{"id":"\#(id)","status":"CREATED"}"#).contains("its id is empty")) }
        let received = Call(try operation("payments.simulate_received"), body: ["id": "p1"])
        #expect(read(received, 200, payment("p1")) == "answer 200")
        #expect(read(received, 200, payment("p2")) != "answer 200")
    }

    @Test("a deletion answers without a body; where a body belongs its absence is no answer")
    func bodies() throws {
        let delete = Call(try operation("payment_links.delete"), pathParameters: ["id": "l"])
        #expect(read(delete, 204, "") == "answer 204")
        #expect(read(delete, 200, "{}") == "answer 200")
        #expect(read(delete, 200, "<html>") != "answer 200")
        #expect(read(try getPayment(), 204, "") != "answer 204")
        #expect(read(try getPayment(), 200, "") != "answer 200")
    }
}
