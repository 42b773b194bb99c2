/// How people and spreadsheets write amounts: what is exact, and what nobody can be sure of.
struct AmountSpelling: Sendable {
    let text: String
    /// What travels, for amounts in pesos of two decimals; nil where nothing may.
    let sent: String?

    static let exact: [AmountSpelling] = [
        ("1", "1"), ("10", "10"), ("7.5", "7.5"), ("7.50", "7.50"), ("0.01", "0.01"), ("0.1", "0.1"), ("100.00", "100.00"),
        ("1000", "1000"), ("12345.67", "12345.67"), ("2.05", "2.05"),
    ].map { AmountSpelling(text: $0.0, sent: $0.1) }

    static let refused: [AmountSpelling] = [
        // Separators of thousands and decimals, of any country.
        "1,000.00", "1.000,00", "1,000", "10,00", "1,5", "1.000.000", "1 000.00", "1\u{A0}000.00", "1\u{202F}000,00", "1'000.00",
        "1\u{2019}000.00", "1_000", "1.00,00", "1,00,000.00", "1..0", "1.0.0", "10;50", "1\u{66B}5",
        // Signs and brackets.
        "-5", "+5", "\u{2212}5", "\u{2013}5", "5-", "(5.00)", "--", "-", "\u{B1}5",
        // Exponents, bases, other numbers.
        "1e3", "1E3", "1.5E+02", "1e-2", "0x10", "0b11", "1/2", "\u{BD}", "NaN", "Infinity", "inf", "50%", "1.2e",
        // Decimals that the currency does not have, and dots without digits.
        "10.001", "10.500", "0.001", ".5", "5.", ".", "10.",
        // Zeros in front.
        "00100", "05.00", "00", "000.10", "0010",
        // Spaces and what cannot be seen.
        " 5", "5 ", "\t5", "5\t", "5\u{A0}", "\u{200B}5", "5\u{200B}", "\u{FEFF}5", "\u{202E}5", "5\n", "\n5", "5\r",
        // Digits of other scripts, and letters that look like digits.
        "\u{665}", "\u{FF15}", "\u{FF11}\u{FF10}.00", "\u{966}", "1O.00", "l0.00", "1\u{43E}0", "\u{2460}",
        // Currencies and words.
        "$5", "5$", "ARS 5", "5 ARS", "5.00ARS", "US$5.00", "R$ 5,00", "\u{20AC}5", "five", "cinco", "5 pesos",
        // What spreadsheets leave behind.
        "'5", "=5", "=SUM(A1)", "#REF!", "#N/A", "#VALUE!", "#####", "N/A", "TRUE", "NULL", "nil", "null", "2026-01-05", "5:00",
        "\"5\"", "5.00*", "~5", "5?",
        // Beyond all amounts.
        "99999999999999999999999999", "1000000000000000000000000000000000000000000",
        "0.00000000000000000000000000000000000000001",
    ].map { AmountSpelling(text: $0, sent: nil) }
}
