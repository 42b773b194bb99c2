import Dispatch
import Foundation
import Synchronization

/// A pipe from the handler of signals, which may do next to nothing, to the code that acts on them. What is rung before anybody
/// listens waits in it.
private let doorbell: (heard: Int32, rung: Int32) = {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return (ends[0], ends[1])
}()

/// Ctrl-C and its kin: the first asks the run to end well, a second ends the program at once.
final class SignalWatch: Sendable {
    private let first = Mutex<Int32?>(nil)
    private let notice: String
    // Held to keep it alive and never touched again; the protocol lacks Sendable, the library's sources are safe from any thread.
    private nonisolated(unsafe) var source: (any DispatchSourceRead)?

    /// The signal that asked for the end, if one did.
    var received: Int32? { first.withLock { $0 } }

    /// From its return on no signal is lost. Where the system has no more descriptors for it, signals end the program as ever.
    /// - Parameter notice: told at the first signal.
    init(notice: String, _ stop: @escaping @Sendable () -> Void) {
        self.notice = notice
        let (heard, rung) = doorbell
        guard heard >= 0, rung >= 0 else { return }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(doorbell.rung, &byte, 1)
                errno = before
            }
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: heard, queue: .global())
        source.setEventHandler { [weak self] in
            var byte: UInt8 = 0
            while read(heard, &byte, 1) == 1 { self?.receive(Int32(byte), stop) }
        }
        source.activate()
        self.source = source
    }

    private func receive(_ number: Int32, _ stop: @Sendable () -> Void) {
        let isFirst = first.withLock { first in
            defer { first = first ?? number }
            return first == nil
        }
        // At once: output that nobody reads may hold whoever waits for it.
        guard isFirst else { _exit(128 + number) }
        stop()
        DispatchQueue.global().async { [notice] in Output.error(notice) }
    }
}
