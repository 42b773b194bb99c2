import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and its kin: the first asks the run to end well, a second ends the program at once.
final class SignalWatch: Sendable {
    private let first = Mutex<Int32?>(nil)
    // Held to keep them alive and never touched again; the protocol lacks Sendable, the library's sources are safe from any thread.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    /// The signal that asked for the end, if one did.
    var received: Int32? { first.withLock { $0 } }

    init(_ stop: @escaping @Sendable () -> Void) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in self?.receive(number, stop) }
            source.activate()
            sources.append(source)
        }
    }

    private func receive(_ number: Int32, _ stop: @Sendable () -> Void) {
        let isFirst = first.withLock { first in
            defer { first = first ?? number }
            return first == nil
        }
        guard isFirst else { exit(128 + number) }
        Output.error("stopping: no new rows; those in flight end (once more to stop at once)")
        stop()
    }
}
