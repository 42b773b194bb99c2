/// A frame: the length of what follows (four bytes, little endian), then messages one after the other. A message is a kind
/// byte and its fields; texts and payloads have their length before them.
public enum Frame {
    /// The largest frame body, in bytes.
    public static let largestBody = 64 << 20
    /// The largest payload, in bytes. The worker's encoder stops at the same size.
    public static let largestPayload = 16 << 20
    /// The most messages in a frame. Senders close a frame long before; a reader must not make sixty million messages of a
    /// largest body, one byte each.
    public static let mostMessages = 1 << 20
    /// The longest name or location, in bytes.
    public static let longestText = 1024
    /// Bytes of the length before a body.
    public static let headerSize = 4

    /// A frame with these messages. The caller keeps them within `largestBody`; a message beyond its own bounds is a
    /// programming error of the sender and traps.
    public static func bytes<Message: FrameMessage>(_ messages: [Message]) -> [UInt8] {
        var writer = FrameWriter()
        for message in messages { writer.append(message) }
        return writer.finish()
    }

    /// The messages of a frame's body.
    public static func messages<Message: FrameMessage>(_ type: Message.Type, in body: some Sequence<UInt8>) throws(FrameError)
        -> [Message]
    {
        let bytes = Array(body)
        var fields = FieldReader(bytes)
        var messages: [Message] = []
        while !fields.isAtEnd {
            guard messages.count < mostMessages else { throw .tooManyMessages(most: mostMessages) }
            messages.append(try Message.read(from: &fields))
        }
        return messages
    }
}

/// A message that has a place in a frame.
public protocol FrameMessage {
    /// Reads one message.
    static func read(from fields: inout FieldReader) throws(FrameError) -> Self
    /// Writes this message.
    func write(to fields: inout FieldWriter)
}

/// Why bytes are not a frame. After one of these the stream cannot be read on.
public enum FrameError: Error, Equatable, CustomStringConvertible {
    /// The body ends within a message.
    case truncated
    /// No message has this kind.
    case unknownKind(UInt8)
    /// A length beyond its bound.
    case tooLarge(what: String, bytes: Int, most: Int)
    /// More messages in a frame than any sender makes.
    case tooManyMessages(most: Int)
    /// A name or location is not UTF-8.
    case notText
    /// A field holds a value it cannot have.
    case badValue(what: String)

    public var description: String {
        switch self {
        case .truncated: "a frame ends within a message"
        case .unknownKind(let kind): "a frame has a message of the unknown kind \(kind)"
        case .tooLarge(let what, let bytes, let most): "\(what) of \(bytes) bytes is larger than \(most) bytes"
        case .tooManyMessages(let most): "a frame has more than \(most) messages"
        case .notText: "a name in a frame is not UTF-8 text"
        case .badValue(let what): "a frame has an impossible \(what)"
        }
    }
}

/// Builds a frame message by message, so that a sender can watch its size.
public struct FrameWriter: Sendable {
    private var fields = FieldWriter(bytes: [0, 0, 0, 0])

    public init() {}

    /// Bytes of the body so far.
    public var bodySize: Int { fields.bytes.count - Frame.headerSize }

    public mutating func append(_ message: some FrameMessage) {
        message.write(to: &fields)
    }

    /// The frame. The writer is empty afterwards.
    public mutating func finish() -> [UInt8] {
        let size = UInt32(bodySize)
        for place in 0..<Frame.headerSize { fields.bytes[place] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(place))) }
        let frame = fields.bytes
        fields = FieldWriter(bytes: [0, 0, 0, 0])
        return frame
    }
}

/// Cuts a stream of bytes into frame bodies, whatever pieces it comes in.
public struct FrameSplitter: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    public init() {}

    /// Bytes held that are not yet given out as a body.
    public var pendingBytes: Int { bytes.count - start }

    public mutating func append(_ piece: some Sequence<UInt8>) {
        if start > 0, start >= bytes.count / 2 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: piece)
    }

    /// The next whole body, or nil until more bytes come. Throws on a length beyond the bound.
    public mutating func next() throws(FrameError) -> [UInt8]? {
        guard pendingBytes >= Frame.headerSize else { return nil }
        var size = 0
        for place in 0..<Frame.headerSize { size |= Int(bytes[start + place]) << (8 * place) }
        guard size <= Frame.largestBody else { throw .tooLarge(what: "a frame", bytes: size, most: Frame.largestBody) }
        guard pendingBytes >= Frame.headerSize + size else { return nil }
        let body = Array(bytes[start + Frame.headerSize..<start + Frame.headerSize + size])
        start += Frame.headerSize + size
        return body
    }
}
