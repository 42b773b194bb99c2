/// What the hash of a row is made from: the hash of the row before it, its own number, and each of its values with its kind and its
/// length, so that nothing can move from one column into the next.
struct HashedBytes {
    private var bytes: [UInt8] = []

    /// - Parameter capacity: how many bytes are expected.
    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func begin(after previous: ChainHash, id: Int64) {
        bytes.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: previous) { bytes.append(contentsOf: $0) }
        append(id)
    }

    mutating func addNothing() { bytes.append(0) }

    mutating func add(_ number: Int64) {
        bytes.append(1)
        append(number)
    }

    mutating func add(_ number: Double) {
        bytes.append(2)
        append(Int64(bitPattern: number.bitPattern))
    }

    mutating func add(text: UnsafeRawBufferPointer) { append(3, text) }

    mutating func add(blob: UnsafeRawBufferPointer) { append(4, blob) }

    var count: Int { bytes.count }

    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value { try bytes.withUnsafeBytes(body) }

    var hash: ChainHash { bytes.withUnsafeBytes { ChainHash(of: $0) } }

    private mutating func append(_ number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ kind: UInt8, _ content: UnsafeRawBufferPointer) {
        bytes.append(kind)
        append(Int64(content.count))
        bytes.append(contentsOf: content)
    }
}
