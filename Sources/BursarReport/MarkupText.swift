/// Text for HTML and XML.
enum MarkupText {
    /// As content and as an attribute's value. What XML has no way to hold is written as people write its number.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // An attribute's line breaks would be read as blanks.
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE:
                result += "\\u" + String(String(0x10000 + scalar.value & 0xFFFF, radix: 16).suffix(4))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
