/// Text that must not appear anywhere but in the request it is for. However it is printed, described, mirrored, dumped or
/// encoded, it reads `<secret>`.
public struct Secret: Sendable, Equatable {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The text itself, for the one place that writes it into a request.
    public func reveal() -> String { text }

    public var isEmpty: Bool { text.isEmpty }

    /// What stands in its place everywhere else.
    public static let placeholder = "<secret>"

    /// Takes as long whatever the first difference is, so that comparing tells nothing about the text.
    public static func == (a: Secret, b: Secret) -> Bool {
        let (a, b) = (Array(a.text.utf8), Array(b.text.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Secret.placeholder }
    public var debugDescription: String { Secret.placeholder }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Encodable only: a secret is never read back from what was written.
extension Secret: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Secret.placeholder)
    }
}
