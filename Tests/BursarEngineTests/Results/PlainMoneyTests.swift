import ExactJSON
import Testing

@testable import BursarEngine

@Suite("Money in what a run gives out")
struct PlainMoneyTests {
    @Test("is an amount and a currency, wherever it stands")
    func nested() {
        let value: JSON = ["total": ["$money": ["150.00", "ARS"]], "parts": [["$money": ["7", "CLP"]], "text", 1]]
        #expect(
            value.withPlainMoney == [
                "total": ["amount": "150.00", "currency": "ARS"], "parts": [["amount": "7", "currency": "CLP"], "text", 1],
            ])
    }

    @Test(
        "leaves what only looks like it alone",
        arguments: [["$money": "150.00"], ["$money": ["1", "ARS"], "more": 1], ["money": ["1", "ARS"]]] as [JSON])
    func others(value: JSON) {
        #expect(value.withPlainMoney == value)
    }
}
