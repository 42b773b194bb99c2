import ExactJSON

/// A JSON object that is printed while its members are made: however long a list in it is, one page of it is held.
struct JSONStream {
    /// The last line, held back until it shows whether a comma follows.
    private var held: String?
    private var page: [String] = ["{"]

    mutating func member(_ name: String, _ value: JSON) { add("\(JSON.string(name).text()): \(value.text())") }

    mutating func open(list name: String) {
        add("\(JSON.string(name).text()): [")
        release(comma: false)
    }

    mutating func element(_ value: JSON) { add(value.text()) }

    mutating func closeList() {
        release(comma: false)
        held = "]"
    }

    mutating func end() {
        release(comma: false)
        page.append("}")
        flush()
    }

    private mutating func add(_ line: String) {
        release(comma: true)
        held = line
        if page.count >= 256 { flush() }
    }

    private mutating func release(comma: Bool) {
        if let held { page.append(held + (comma ? "," : "")) }
        held = nil
    }

    private mutating func flush() {
        Output.result(page.joined(separator: "\n"))
        page = []
    }
}
