internal import Glibc
internal import ScriptWire

/// The one thread that owns a worker: it starts it, reads and writes its pipes, watches the clock, kills and reaps it.
///
/// It must be the thread that starts it, and live as long: the worker asks to be killed when the thread that made it ends.
struct WorkerThread {
    let child: Child
    let limits: WorkerLimits
    let mailbox: Mailbox

    private let started = ContinuousClock.now
    private var clock = RunningClock()
    private var splitter = FrameSplitter()
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var outgoing: [UInt8] = []
    private var sent = 0
    /// Requests that wait for an answer, for the sentence about a death.
    private var open = 0
    /// Set when it is known how the worker ends; it is killed and reaped then.
    private var end: WorkerEnd?

    init(child: Child, limits: WorkerLimits, mailbox: Mailbox) {
        self.child = child
        self.limits = limits
        self.mailbox = mailbox
    }

    /// Runs the worker to its end. Returns when it is reaped and the mailbox is closed.
    mutating func run(start payload: [UInt8]) {
        for descriptor in [child.input, child.output] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        send(Frame.bytes([HostMessage.start(limits: limits.onWire, payload: payload)]))
        var outputIsOpen = true
        while end == nil, outputIsOpen { outputIsOpen = turn() }
        kill(child.processIdentifier, SIGKILL)  // it is at its end, or must be
        var status: Int32 = 0
        while waitpid(child.processIdentifier, &status, 0) < 0, errno == EINTR {}
        close(child.input)
        close(child.output)
        mailbox.close(with: end ?? death(status))
    }

    /// One look at everything. False when the worker closed its output, which it does by dying.
    private mutating func turn() -> Bool {
        let isFull = mailbox.isFull
        clock.hold(isFull, at: .now)
        var polled = [
            pollfd(fd: mailbox.wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isFull ? -1 : child.output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outgoing.isEmpty ? -1 : child.input, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&polled, nfds_t(polled.count), timeout()) >= 0 || errno == EINTR else {
            end = .died(message: "the script's process cannot be watched: \(reason(errno))")
            return false
        }
        if polled[0].revents != 0 {
            let (answers, mustTerminate) = mailbox.take()
            if mustTerminate {
                end = .terminated
                return true
            }
            send(answers)
        }
        if polled[2].revents != 0 { flush() }
        if polled[1].revents != 0, !receive() { return false }
        if end == nil { watch() }
        return true
    }

    // Time

    private func timeout() -> Int32 {
        var next = clock.instant(ofHavingRun: limits.time + limits.grace)
        if let run = limits.run {
            let over = started.advanced(by: run + limits.grace)
            next = min(next ?? over, over)
        }
        guard let next else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: next).components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return Int32(max(0, min(milliseconds.rounded(.up), 3_600_000)))
    }

    private mutating func watch() {
        let now = ContinuousClock.now
        let isOver = runIsOver(now, grace: limits.grace)
        if isOver || clock.ran(at: now) >= limits.time + limits.grace {
            end = .limit(.time, message: limits.sentence(.time, runIsOver: isOver), failure: nil)
        }
    }

    private func runIsOver(_ now: ContinuousClock.Instant, grace: Duration) -> Bool {
        limits.run.map { started.advanced(by: $0 + grace) <= now } ?? false
    }

    // To the worker

    private mutating func send(_ answers: [WorkerAnswer]) {
        open -= answers.count
        var writer = FrameWriter()
        for (place, answer) in answers.enumerated() {
            writer.append(HostMessage.answer(answer))
            if writer.bodySize >= 8 << 20 || place == answers.count - 1 { send(writer.finish()) }
        }
    }

    private mutating func send(_ frame: [UInt8]) {
        clock.turnBegins(at: .now)
        outgoing += frame
        flush()
    }

    private mutating func flush() {
        while sent < outgoing.count {
            let count = outgoing.withUnsafeBytes { write(child.input, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                break  // it is dead, and its output will say so
            }
        }
        outgoing.removeAll(keepingCapacity: outgoing.count < 1 << 20)
        sent = 0
    }

    // From the worker

    /// False at the end of its output.
    private mutating func receive() -> Bool {
        let output = child.output
        let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0 else { return false }
        splitter.append(buffer[..<count])
        do {
            while end == nil, let body = try splitter.next() {
                try deliver(try Frame.messages(WorkerMessage.self, in: body), bytes: body.count)
            }
        } catch {
            end = .died(message: "the script's process sent what is not a message (\(error)) and was ended")
        }
        return true
    }

    private mutating func deliver(_ messages: [WorkerMessage], bytes: Int) throws(FrameError) {
        var wanted: [WorkerMessage] = []
        wanted.reserveCapacity(messages.count)
        var ended: WorkerEnd?
        for message in messages {
            switch message {
            case .request:
                open += 1
                wanted.append(message)
            case .note: wanted.append(message)
            case .waiting: clock.turnEnds(at: .now)
            case .finished(let payload): ended = .finished(payload)
            case .failed(let payload): ended = .failed(payload)
            case .limit(let limit, let payload):
                let isOver = limit == .time && clock.ran(at: .now) < limits.time && runIsOver(.now, grace: .milliseconds(-50))
                ended = .limit(limit, message: limits.sentence(limit, runIsOver: isOver), failure: payload)
            }
        }
        mailbox.deliver(wanted, bytes: bytes)
        end = ended
    }

    private func death(_ status: Int32) -> WorkerEnd {
        let signal = status & 0x7f
        if signal == SIGXCPU { return .limit(.time, message: limits.sentence(.time, runIsOver: false), failure: nil) }
        let activity = clock.isRunning ? "it ran the script" : "it waited for \(open) \(open == 1 ? "answer" : "answers")"
        if signal != 0 {
            return .died(message: "the script's process was killed by signal \(signal) (\(signalName(signal))) while \(activity)")
        }
        return .died(message: "the script's process ended by itself with exit code \(status >> 8 & 0xff) while \(activity)")
    }
}

private func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGHUP: "SIGHUP", SIGILL: "SIGILL", SIGINT: "SIGINT",
        SIGKILL: "SIGKILL", SIGPIPE: "SIGPIPE", SIGQUIT: "SIGQUIT", SIGSEGV: "SIGSEGV", SIGSYS: "SIGSYS", SIGTERM: "SIGTERM",
        SIGTRAP: "SIGTRAP",
    ]
    return names[number] ?? String(cString: strsignal(number))
}
