import NIOCore
import NIOPosix
import Synchronization

/// The open connections of a server, and the port they come in by. Closing them all ends a server without taking a connection
/// away from under it: one that was accepted and not yet begun cannot be cancelled safely.
final class Connections: Sendable {
    private struct State {
        var listener: (any Channel)?
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())

    func listen(_ listener: any Channel) { state.withLock { $0.listener = listener } }

    /// Closes the port and every connection. What is accepted meanwhile is closed as it comes.
    func close() async {
        let listener = state.withLock { state in
            state.isClosed = true
            return state.listener
        }
        if let listener { await Connections.close(listener) }
        for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }

    /// Closes a port. First nothing more is accepted; then what was accepted has time to pass from loop to loop until it is begun:
    /// a connection that arrives behind a closed port has no owner, and the library ends the program for it.
    private static func close(_ listener: any Channel) async {
        // That it is closed already is no failure here.
        try? await listener.setOption(.autoRead, value: false).get()
        for _ in 0..<4 {
            for loop in group.makeIterator() { try? await loop.submit {}.get() }
        }
        try? await listener.close()
    }

    /// The loops that servers run on.
    static let group = MultiThreadedEventLoopGroup.singleton

    fileprivate func add(_ channel: any Channel) { state.withLock { $0.open[ObjectIdentifier(channel)] = channel } }
    fileprivate func remove(_ channel: any Channel) { state.withLock { $0.open[ObjectIdentifier(channel)] = nil } }
    var isClosed: Bool { state.withLock(\.isClosed) }
}

/// Stands in the pipeline of a connection and keeps it in the list while it is open.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    private let connections: Connections

    init(_ connections: Connections) { self.connections = connections }

    func handlerAdded(context: ChannelHandlerContext) { connections.add(context.channel) }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if connections.isClosed { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connections.remove(context.channel)
        context.fireChannelInactive()
    }
}
