import ExactJSON

/// Reads the outcomes of a loop back in the order of its rows. Rows were written as they ended; since none runs far ahead of the oldest
/// unfinished one, what waits for its turn here is bounded, too.
struct ResultSpool {
    struct Row {
        let record: JSON
        let status: String
        let reason: String
        let result: JSONObject
    }

    private let source: ByteSource
    private var waiting: [Int: Row] = [:]
    private var nextIndex = 0
    private var isAtEnd = false

    /// - Throws: `InputProblem` when the spool cannot be read.
    init(path: String) throws { source = try ByteSource(path: path, copied: false) }

    /// The next row; nil after the last. An index that never came is passed over.
    mutating func next() throws -> Row? {
        while !isAtEnd, waiting[nextIndex] == nil {
            var bytes: [UInt8] = []
            guard try source.take(into: &bytes, until: { $0 == 0x0A }) else {
                isAtEnd = true
                break
            }
            _ = try source.next()
            let parts = try JSON(parsing: bytes, maximumDepth: 80).array ?? []
            guard parts.count == 5, let index = parts[0].integer else {
                throw ResultFileError(path: source.path, problem: "is damaged")
            }
            waiting[index] = Row(
                record: parts[1], status: parts[2].string ?? "", reason: parts[3].string ?? "", result: parts[4].object ?? [:])
        }
        guard let index = waiting[nextIndex] == nil ? waiting.keys.min() : nextIndex else { return nil }
        nextIndex = index + 1
        return waiting.removeValue(forKey: index)
    }
}
