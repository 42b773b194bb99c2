import ConomyAPI
import Testing

@Suite("Money is exact or refused")
struct MoneyTests {
    @Test(
        "text goes in and comes out in the currency's own decimals",
        arguments: [
            ("150", "ARS", "150.00"), ("0.1", "USD", "0.10"), ("0", "CLP", "0"), ("1000000", "PYG", "1000000"),
            ("0.000001", "USDC", "0.000001"),
            ("92233720368547758079.99", "BRL", "92233720368547758079.99"),
        ])
    func text(input: String, code: String, output: String) throws {
        #expect(try Money(input, Currency(code)).text == output)
    }

    @Test("decimals that the currency does not have are refused in words")
    func excessDecimals() {
        let peso = #expect(throws: MoneyError.self) { try Money("10.5", Currency("CLP")) }
        #expect(peso?.problem == "has decimals, and CLP has none")
        let cents = #expect(throws: MoneyError.self) { try Money("12.345", Currency("ARS")) }
        #expect(cents?.problem == "has 3 decimals, and ARS has 2")
    }

    @Test("an amount so large that a sum of such amounts would overflow is refused")
    func tooLarge() throws {
        let nines = String(repeating: "9", count: 38)
        #expect(#expect(throws: MoneyError.self) { try Money(nines, Currency("CLP")) }?.problem == "is too large")
        #expect(throws: MoneyError.self) { try Money("1000000000000000000000001", Currency("CLP")) }
        #expect(throws: MoneyError.self) { try Money("10000000000000000000000.01", Currency("USD")) }
        let most = try Money("1000000000000000000000000", Currency("CLP"))
        #expect((1...1000).reduce(most) { sum, _ in sum + most }.text == "1001" + String(repeating: "0", count: 24))
    }

    @Test("sums are exact where binary floats are not")
    func sums() throws {
        var totals = Totals()
        for _ in 0..<10 { totals.add(try Money("0.10", Currency("USD"))) }
        totals.add(try Money("5", Currency("CLP")))
        #expect(totals.amounts.map(\.description) == ["5 CLP", "1.00 USD"])
    }

    @Test("less than nothing is no amount")
    func subtraction() throws {
        let (small, large) = (try Money("1.00", Currency("USD")), try Money("1.01", Currency("USD")))
        #expect(small - large == nil)
        #expect((large - small)?.text == "0.01")
    }
}
