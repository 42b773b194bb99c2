/// What a script has open in the host: files, lists and loops. Each is closed at its end, and those of a row with the row, so that
/// a script which leaves them half read does not fill the host.
struct OpenHandles {
    private struct Handle {
        let row: UInt32?
        let bytes: Int
    }

    private let most: Int
    /// The most memory that all of them may take in the host, in bytes.
    private static let mostBytes = 256 << 20
    private var handles: [Int: Handle] = [:]
    private var ofRow: [UInt32: Set<Int>] = [:]
    private var bytes = 0
    private var last = 0

    init(most: Int) { self.most = most }

    /// The number of a new one. `bytes` is about how much memory it takes.
    /// - Throws: `ScriptError` of kind limit, which ends the run.
    mutating func open(inRow row: UInt32?, bytes taken: Int) throws(ScriptError) -> Int {
        guard handles.count < most else {
            throw ScriptError(
                "limit", code: OpenHandles.limitCode,
                "the script has more than its limit of \(most) files, lists and loops open at once",
                hint: "walk them to their end, or within the rows of for_each, which close theirs; --open-limit raises it")
        }
        guard bytes + taken <= OpenHandles.mostBytes else {
            throw ScriptError(
                "limit", code: OpenHandles.limitCode,
                "the files, lists and loops that the script has open need more than \(OpenHandles.mostBytes >> 20) MiB",
                hint: "walk them to their end before others are opened")
        }
        last += 1
        handles[last] = Handle(row: row, bytes: taken)
        bytes += taken
        if let row { ofRow[row, default: []].insert(last) }
        return last
    }

    mutating func close(_ number: Int) {
        guard let handle = handles.removeValue(forKey: number) else { return }
        bytes -= handle.bytes
        if let row = handle.row { ofRow[row]?.remove(number) }
    }

    /// Closes what a row left open; gives the numbers.
    mutating func closeAll(ofRow row: UInt32) -> Set<Int> {
        let left = ofRow.removeValue(forKey: row) ?? []
        for number in left { close(number) }
        ofRow[row] = nil
        return left
    }

    static let limitCode = "open_limit"
}
