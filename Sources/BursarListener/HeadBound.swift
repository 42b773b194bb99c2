import NIOCore

/// Closes a connection whose head is longer than it may be: before the parser has kept it.
///
/// It counts all bytes until an empty line; what follows is the body, which is bounded where it is gathered. Of several requests
/// on one connection only the first head is counted here: the parser's own bound holds for the others.
final class HeadBound: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let most: Int
    private var seen = 0
    private var isDone = false
    private var tail: UInt32 = 0

    init(_ most: Int) { self.most = most }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDone {
            for byte in unwrapInboundIn(data).readableBytesView {
                seen += 1
                tail = tail << 8 | UInt32(byte)
                // A line break, twice, with or without carriage returns.
                if tail == 0x0D0A_0D0A || tail & 0xFFFF == 0x0A0A {
                    isDone = true
                    break
                }
            }
            guard seen <= most else {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(data)
    }
}
