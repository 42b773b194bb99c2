import ConomyAPI
import ExactJSON

/// Lines of a name and a value, `  script     refund.lua:12`, for the views of the journal.
struct FieldLines {
    private(set) var lines: [String] = []
    let width: Int
    /// Columns before each value.
    static let indent = 13

    init(width: Int) { self.width = width }

    /// Nothing is added for nil.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        let label = "  " + name + String(repeating: " ", count: max(1, FieldLines.indent - 2 - name.count))
        for (index, part) in ReportView.wrapped(FieldLines.single(value), width - FieldLines.indent, indent: 0).enumerated() {
            lines.append((index == 0 ? label : FieldLines.margin) + part)
        }
    }

    /// A value of JSON below its name, of at most so many lines. Text that is no JSON stands as it is.
    mutating func add(_ name: String, json text: String?, most: Int = 16) {
        guard let text else { return }
        guard let json = try? JSON(parsing: text), json.object != nil || json.array != nil else { return add(name, text) }
        add(name, json: json, most: most)
    }

    mutating func add(_ name: String, json: JSON, most: Int = 16) {
        let parts = json.text(.pretty).split(separator: "\n", omittingEmptySubsequences: false)
        add(name, String(parts[0]))
        let rest = parts.dropFirst()
        for part in rest.count > most ? rest.prefix(most - 1) : rest[...] {
            lines.append(FieldLines.margin + FieldLines.bounded(String(part)))
        }
        if rest.count > most { lines.append(FieldLines.margin + "... (--json has all)") }
    }

    /// A line as it is, for copying: it is never broken.
    mutating func add(_ name: String, command: String) {
        lines.append("  " + name + String(repeating: " ", count: max(1, FieldLines.indent - 2 - name.count)) + command)
    }

    private static let margin = String(repeating: " ", count: indent)

    /// What others wrote makes no lines of its own.
    static func single(_ text: String) -> String { bounded(text.replacing("\n", with: "\\n")) }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= 2000 ? text : text.prefix(1000) + "... (--json has all)"
    }

    // Values of the journal as people read them

    /// `2026-11-25 01:31:07Z`
    static func time(_ instant: Timestamp) -> String {
        let whole = Timestamp(millisecondsSince1970: instant.millisecondsSince1970 / 1000 * 1000)
        return whole.description.replacing("T", with: " ")
    }

    /// JSON that was written down as text; a text where it is none.
    static func parsed(_ text: String) -> JSON { (try? JSON(parsing: text)) ?? .string(text) }
}
