import NIOCore
import Synchronization

/// Which connections are open, and how many requests are being answered.
final class ConnectionCount: Sendable {
    private struct State {
        /// Those that a whole request is still to come from, by when they began to be waited for.
        var waiting: [Int: any Channel] = [:]
        var places: [ObjectIdentifier: Int] = [:]
        /// Those whose request is being answered.
        var answered: Set<ObjectIdentifier> = []
        var next = 0
        var busy = 0
        var bytes = 0

        mutating func wait(_ channel: any Channel) {
            places[ObjectIdentifier(channel)] = next
            waiting[next] = channel
            next += 1
        }

        /// - Returns: false where it did not wait.
        @discardableResult
        mutating func waitsNoMore(_ channel: any Channel) -> Bool {
            guard let place = places.removeValue(forKey: ObjectIdentifier(channel)) else { return false }
            waiting[place] = nil
            return true
        }
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int) { self.most = most }

    var stored: Int { state.withLock { $0.busy } }

    /// Where there are as many as there may be, the one that has been waited for longest makes room; one that is being answered never does.
    func enter(_ channel: any Channel) {
        let oldest = state.withLock { state -> (any Channel)? in
            state.wait(channel)
            guard state.places.count + state.answered.count > most else { return nil }
            let oldest = state.waiting.min { $0.key < $1.key }?.value
            if let oldest { state.waitsNoMore(oldest) }
            return oldest
        }
        oldest?.close(promise: nil)
    }

    /// A whole request has come.
    func answers(_ channel: any Channel) {
        state.withLock { state in
            if state.waitsNoMore(channel) { state.answered.insert(ObjectIdentifier(channel)) }
        }
    }

    /// It was answered, and may be used again.
    func waits(_ channel: any Channel) {
        state.withLock { state in
            if state.answered.remove(ObjectIdentifier(channel)) != nil { state.wait(channel) }
        }
    }

    func leave(_ channel: any Channel) {
        state.withLock { state in
            state.waitsNoMore(channel)
            state.answered.remove(ObjectIdentifier(channel))
        }
    }

    /// More bytes of bodies are held.
    /// - Returns: false where that would be more than all may hold together; they are not counted then.
    func hold(_ bytes: Int, most: Int) -> Bool {
        state.withLock { state in
            guard state.bytes + bytes <= most else { return false }
            state.bytes += bytes
            return true
        }
    }

    func letGo(_ bytes: Int) { state.withLock { $0.bytes -= bytes } }

    func begin() { state.withLock { $0.busy += 1 } }
    func end() { state.withLock { $0.busy -= 1 } }
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
