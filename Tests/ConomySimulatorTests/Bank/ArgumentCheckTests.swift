import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct ArgumentCheckTests {
    private func refusal(_ name: String, _ query: [(name: String, value: String)]) throws -> String {
        let desk = try Desk()
        var call = try desk.call(name)
        call = Call(call.operation, query: query)
        let answer = desk.simulator.answer(call)
        expectFits(answer, call.operation)
        return "\(answer.status) \(answer.body?["code"]?.string ?? "")"
    }

    @Test(
        "an empty value is refused where the contract has no empty value for the parameter",
        arguments: [
            ("payments.list", "startDate"), ("payments.list", "sort"), ("payments.list", "limit"), ("payments.list", "type"),
            ("refunds.list_legacy", "dateTo"), ("identities.list", "email"), ("payments.unassigned", "amountMin"),
        ])
    func empty(operation: String, parameter: String) throws {
        let tenant = operation == "payments.unassigned" ? [(name: "clientId", value: "local-client")] : []
        #expect(try refusal(operation, tenant + [(parameter, "")]) == "400 11")
    }

    @Test("an empty text is no filter where the contract takes any text")
    func emptyText() throws {
        #expect(try refusal("accounts.list", [("accountNumber", "")]) == "200 ")
        #expect(
            try refusal("payments.unassigned", [("clientId", "local-client"), ("expiresWithin", ""), ("search", "")]) == "200 ")
        #expect(try refusal("payments.unassigned", [("clientId", "")]) == "400 12")
    }

    @Test("a parameter that is given twice is refused, since nobody can say which value was meant")
    func twice() throws {
        #expect(try refusal("payments.list", [("limit", "5"), ("limit", "50")]) == "400 11")
        #expect(try refusal("payments.list", [("limit", "5"), ("limit", "5")]) == "400 11")
        #expect(try refusal("payments.list", [("colour", "blue"), ("colour", "red")]) == "200 ")
    }

    @Test("an offset larger than any list is an empty page, and such a limit is above the most")
    func large() throws {
        let desk = try Desk()
        let page = try desk.get("accounts.list", query: ["offset": "11673157635225873446953025536"])
        #expect(page["pagination"]?["results"] == [])
        #expect(try refusal("accounts.list", [("limit", "11673157635225873446953025536")]) == "400 11")
        #expect(try refusal("accounts.list", [("offset", "-11673157635225873446953025536")]) == "400 11")
        for text in ["+5", "5.0", "1e3", "-", "0x5", "٣"] {
            #expect(try refusal("accounts.list", [("offset", text)]) == "400 11")
        }
    }
}
