import ExactJSON

/// Writes CSV that is safe to open in a spreadsheet, and that Bursar reads back as it was.
public enum CSVWriter {
    /// One line with its line ending (RFC 4180).
    public static func line(_ cells: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(guarded(cell), to: &bytes)
        }
        return bytes + [0x0D, 0x0A]
    }

    /// A spreadsheet runs a cell that starts like a formula; an apostrophe in front makes it text. A cell that starts with an apostrophe and
    /// a formula gets one more, so that reading a result file back takes off exactly what was put on.
    static func guarded(_ cell: String) -> String { startsFormula(cell) ? "'" + cell : cell }

    /// Undoes `guarded`.
    static func unguarded(_ cell: String) -> String {
        cell.utf8.first == UInt8(ascii: "'") && startsFormula(String(cell.dropFirst())) ? String(cell.dropFirst()) : cell
    }

    private static func startsFormula(_ cell: String) -> Bool {
        let bytes = cell.utf8.drop { $0 == UInt8(ascii: "'") }
        switch bytes.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D: return true
        // Full-width forms of the same, which some spreadsheets fold.
        case 0xEF?: return ["＝", "＋", "－", "＠"].contains { bytes.starts(with: $0.utf8) }
        default: return false
        }
    }

    /// A value as a cell: text as it is, nothing for null, everything else as JSON.
    static func cell(_ value: JSON?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case .object(let object)? where object["$money"] != nil: object["$money"]?.array?.first?.string ?? ""
        case let value?: value.text()
        }
    }

    private static func append(_ cell: String, to bytes: inout [UInt8]) {
        let needsQuotes =
            cell.utf8.contains {
                $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D || $0 == UInt8(ascii: ";")
                    || $0 == 0x09
            }
            || cell.utf8.first == 0x20 || cell.utf8.last == 0x20
        guard needsQuotes else {
            bytes += Array(cell.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
