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

/// Ctrl-C and its kin: the first asks the run to end well, a second ends the program at once. SIGUSR1 asks how it goes.
final class SignalWatch: Sendable {
    private let first = Mutex<Int32?>(nil)
    private let notice: String
    private let tell: @Sendable () -> Void
    /// What a hangup means to a program that no terminal has; nil where it asks for the end.
    private let hangUp: (@Sendable () -> Void)?
    /// One at a time, and apart from everything else: output that nobody reads must hold nothing but this.
    private let teller = DispatchQueue(label: "bursar.status")
    // Held to keep it alive and never touched again; the protocol lacks Sendable, the library's sources are safe from any thread.
    private nonisolated(unsafe) var source: (any DispatchSourceRead)?

    /// The signal that asked for the end, if one did.
    var received: Int32? { first.withLock { $0 } }

    /// From its return on SIGUSR1 ends nothing. One that comes before somebody listens is answered then; to be called first of all.
    static func survivePolling() {
        // Without the pipe there is nobody to answer.
        guard doorbell.heard >= 0, doorbell.rung >= 0 else {
            _ = signal(SIGUSR1, SIG_IGN)
            return
        }
        ring(on: SIGUSR1)
    }

    /// From its return on no signal is lost. Where the system has no more descriptors for it, signals end the program as ever.
    /// - Parameters:
    ///   - notice: told at the first signal.
    ///   - tell: says how it goes, for SIGUSR1; never more than one at a time.
    ///   - hangUp: what SIGHUP does instead of asking for the end.
    convenience init(
        notice: String, tell: @escaping @Sendable () -> Void = {}, hangUp: (@Sendable () -> Void)? = nil,
        _ stop: @escaping @Sendable () -> Void
    ) {
        self.init(notice: notice, tell: tell, hangUp: hangUp) { number, isFirst in
            // At once: output that nobody reads may hold whoever waits for it.
            guard isFirst else { _exit(128 + number) }
            stop()
        }
    }

    /// The same, and every signal is passed on.
    /// - Parameter pass: is told the signal's number, one after the other.
    convenience init(notice: String, passing pass: @escaping @Sendable (Int32) -> Void) {
        self.init(notice: notice, tell: {}, hangUp: nil) { number, _ in pass(number) }
    }

    private init(
        notice: String, tell: @escaping @Sendable () -> Void, hangUp: (@Sendable () -> Void)?,
        act: @escaping @Sendable (Int32, _ isFirst: Bool) -> Void
    ) {
        self.notice = notice
        self.hangUp = hangUp
        self.tell = tell
        let (heard, rung) = doorbell
        guard heard >= 0, rung >= 0 else { return }
        for number in [SIGINT, SIGTERM, SIGHUP] { SignalWatch.ring(on: number) }
        let source = DispatchSource.makeReadSource(fileDescriptor: heard, queue: .global())
        source.setEventHandler { [weak self] in
            var byte: UInt8 = 0
            while read(heard, &byte, 1) == 1 { self?.receive(Int32(byte), act) }
        }
        source.activate()
        self.source = source
    }

    private static func ring(on number: Int32) {
        _ = signal(number) { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(doorbell.rung, &byte, 1)
            errno = before
        }
    }

    private func receive(_ number: Int32, _ act: @Sendable (Int32, Bool) -> Void) {
        guard number != SIGUSR1 else { return teller.async { [tell] in tell() } }
        if number == SIGHUP, let hangUp { return hangUp() }
        let isFirst = first.withLock { first in
            defer { first = first ?? number }
            return first == nil
        }
        act(number, isFirst)
        guard isFirst else { return }
        DispatchQueue.global().async { [notice] in Output.error(notice) }
    }
}
