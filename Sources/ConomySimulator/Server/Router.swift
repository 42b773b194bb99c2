import ConomyAPI

/// Finds the operation a method and a path name. Built from the catalogue's path templates; a literal segment beats a
/// parameter, and where it leads nowhere the parameter is tried.
struct Router: Sendable {
    private struct Node: Sendable {
        var literals: [Substring: Int] = [:]
        var parameter: Int?
        var operations: [String: Operation] = [:]
    }

    private var nodes = [Node()]

    init(_ operations: [Operation]) {
        for operation in operations {
            var current = 0
            for segment in operation.path.split(separator: "/") {
                let known = segment.hasPrefix("{") ? nodes[current].parameter : nodes[current].literals[segment]
                if let known {
                    current = known
                    continue
                }
                nodes.append(Node())
                if segment.hasPrefix("{") {
                    nodes[current].parameter = nodes.count - 1
                } else {
                    nodes[current].literals[segment] = nodes.count - 1
                }
                current = nodes.count - 1
            }
            nodes[current].operations[operation.method.rawValue] = operation
        }
    }

    /// - Parameter path: still percent-encoded, without query.
    /// - Returns: the operation and its path parameters, decoded; nil when the path names nothing, or not with this method.
    func match(_ method: String, _ path: Substring) -> (operation: Operation, parameters: [String: String])? {
        // Empty segments count: "/payments//refund" is no payment's refund.
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix("/"), segments.count < 16 else { return nil }
        var values: [Substring] = []
        guard let operation = match(method, segments[...], 0, &values) else { return nil }
        var parameters: [String: String] = [:]
        for (parameter, value) in zip(operation.pathParameters, values) {
            guard let text = percentDecoded(value), !text.isEmpty else { return nil }
            parameters[parameter.name] = text
        }
        return (operation, parameters)
    }

    private func match(_ method: String, _ segments: ArraySlice<Substring>, _ node: Int, _ values: inout [Substring])
        -> Operation?
    {
        guard let first = segments.first else { return nodes[node].operations[method] }
        if let next = nodes[node].literals[first], let found = match(method, segments.dropFirst(), next, &values) { return found }
        guard let next = nodes[node].parameter else { return nil }
        values.append(first)
        if let found = match(method, segments.dropFirst(), next, &values) { return found }
        values.removeLast()
        return nil
    }
}

/// Nil where an escape is broken, or what comes out is not UTF-8.
func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
    guard text.utf8.contains(where: { $0 == 0x25 || (plusIsSpace && $0 == 0x2B) }) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    func digit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case let byte? where byte >= 0x30 && byte <= 0x39: byte - 0x30
        case let byte? where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66: (byte | 0x20) - 0x57
        default: nil
        }
    }
    while let byte = rest.popFirst() {
        if byte == 0x25 {
            guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
            bytes.append(high << 4 | low)
        } else {
            bytes.append(plusIsSpace && byte == 0x2B ? 0x20 : byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
