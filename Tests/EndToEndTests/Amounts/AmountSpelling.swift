/// One way people and spreadsheets write an amount, and what must become of it.
struct AmountSpelling: Sendable {
    let text: String
    let currency: String
    /// The amount that leaves, as the API writes it; nil where none may.
    let exact: String?
    /// What is wrong with the text, where it is refused.
    let problem: String

    private init(_ text: String, _ currency: String, exact: String?, problem: String = "") {
        self.text = text
        self.currency = currency
        self.exact = exact
        self.problem = problem
    }

    private static func exact(_ text: String, _ currency: String, _ amount: String) -> AmountSpelling {
        AmountSpelling(text, currency, exact: amount)
    }

    private static func refused(_ currency: String, _ problem: String, _ texts: String...) -> [AmountSpelling] {
        texts.map { AmountSpelling($0, currency, exact: nil, problem: problem) }
    }

    /// Spellings that mean what they say, and those that leave room for doubt.
    static let all: [AmountSpelling] =
        [
            exact("5", "ARS", "5.00"), exact("5.0", "ARS", "5.00"), exact("5.00", "ARS", "5.00"), exact("0.01", "ARS", "0.01"),
            exact("0.1", "ARS", "0.10"), exact("0.29", "ARS", "0.29"), exact("1.1", "ARS", "1.10"),
            exact("4.35", "ARS", "4.35"), exact("1000", "ARS", "1000.00"), exact("1000.00", "ARS", "1000.00"),
            exact("10000.1", "ARS", "10000.10"), exact("123456.78", "ARS", "123456.78"), exact("999999.99", "ARS", "999999.99"),
            exact("1", "CLP", "1"), exact("100", "CLP", "100"), exact("10000", "CLP", "10000"), exact("999999", "CLP", "999999"),
        ]
        // Separators of thousands, and decimals the way half of the world writes them.
        + refused(
            "ARS", "has a separator", "1,000", "1,000.00", "1.000,00", "1000,00", "5,5", "1'000.00", "1_000", "10,00,000.00", ",5"
        )
        + refused("ARS", "has a space", "1 000", "1 000.00", "1\u{A0}000", " 5", "5 ", "\t5", "5\t", "5\n", "5 .00", " ")
        + refused("ARS", "has a character that is no digit", "1\u{202F}000", "1\u{2009}000", "1٬000", "12½")
        // Exponents, as a spreadsheet shows long numbers.
        + refused("ARS", "has an exponent", "1e3", "1E3", "1E5", "1.5E5", "5e0")
        + refused("ARS", "has an exponent", "1.23457E+05") + refused("ARS", "has a sign", "+5", "-5", "-5.00", "\u{2212}5", "5-")
        // Signs of currencies, words, and the accountant's negative.
        + refused(
            "ARS", "has a character that is no digit", "$5", "$ 5", "5$", "AR$5", "€5.00", "R$ 5", "(5.00)", "5%", "5.00CR",
            "=5", "=A1*2", "#REF!", "#VALUE!", "#N/A", "####", "NaN", "inf", "null", "nil", "all", "n/a", "O.50", "l0", "0x10",
            "½", "\u{200B}5", "\u{FEFF}5", "5\u{200F}", "5;00", "5:00", "\"5\"")
        + refused("ARS", "has a sign", "-")
        // Dots and zeros.
        + refused("ARS", "lacks digits before or after the dot", ".5", "5.", ".")
        + refused("ARS", "has more than one dot", "1.000.000", "1.2.3", "1.000.00")
        + refused("ARS", "starts with a zero", "00100", "05", "00.50", "007.00")
        + refused("ARS", "has digits of another script", "٥", "５", "५.५", "１０.００")
        // Decimals that the currency does not have: rounding one away, or multiplying by a hundred, would be a guess.
        + refused("ARS", "has 3 decimals, and ARS has 2", "5.000", "150.005", "0.001")
        + refused("ARS", "has 17 decimals, and ARS has 2", "4.35000000000000001") + refused("ARS", "has 4 decimals", "1.0000")
        + refused("CLP", "has decimals, and CLP has none", "1000.00", "1000.0", "10.5", "0.01")
        + refused("ARS", "is too large", "99999999999999999999999999")
        + refused("ARS", "is too long", String(repeating: "9", count: 60))
        + refused("ARS", "is empty", "")
}
