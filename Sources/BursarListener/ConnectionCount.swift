import NIOCore
import Synchronization

/// How many connections are open, and how many requests are being answered.
final class ConnectionCount: Sendable {
    private let most: Int
    private let counts = Mutex((open: 0, busy: 0, bytes: 0))

    init(most: Int) { self.most = most }

    var stored: Int { counts.withLock { $0.busy } }

    /// - Returns: false where there are as many as there may be.
    func enter() -> Bool {
        counts.withLock { counts in
            guard counts.open < most else { return false }
            counts.open += 1
            return true
        }
    }

    /// More bytes of bodies are held.
    /// - Returns: false where that would be more than all may hold together; they are not counted then.
    func hold(_ bytes: Int, most: Int) -> Bool {
        counts.withLock { counts in
            guard counts.bytes + bytes <= most else { return false }
            counts.bytes += bytes
            return true
        }
    }

    func letGo(_ bytes: Int) { counts.withLock { $0.bytes -= bytes } }

    func leave() { counts.withLock { $0.open -= 1 } }
    func begin() { counts.withLock { $0.busy += 1 } }
    func end() { counts.withLock { $0.busy -= 1 } }
}

/// The channel that listens, once there is one.
final class ListeningChannel: Sendable {
    private let channel = Mutex<(any Channel)?>(nil)

    func put(_ channel: any Channel) { self.channel.withLock { $0 = channel } }

    func take() -> (any Channel)? {
        channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
    }
}
