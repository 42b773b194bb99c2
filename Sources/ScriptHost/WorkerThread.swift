internal import Glibc
internal import ScriptWire

/// The one thread that owns a worker: it starts it, reads and writes its pipes, watches the clock, kills and reaps it.
///
/// It must be the thread that starts it, and live as long: the worker asks to be killed when the thread that made it ends.
struct WorkerThread {
    let child: Child
    let limits: WorkerLimits
    let mailbox: Mailbox

    private let born = ContinuousClock.now
    /// When the script was sent; nil until then.
    private var started: ContinuousClock.Instant?
    private var isConfined = false
    /// The script, while the worker is not ready for it.
    private var script: [UInt8]?
    private var clock = RunningClock()
    private var splitter = FrameSplitter()
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var outgoing: [UInt8] = []
    private var sent = 0
    /// Requests that wait for an answer, with their size in bytes.
    private var open: [UInt32: Int] = [:]
    private var openBytes = 0
    /// Bytes of notes so far.
    private var said = 0
    /// Set when it is known how the worker ends; it is killed and reaped then.
    private var end: WorkerEnd?

    init(child: Child, limits: WorkerLimits, mailbox: Mailbox) {
        self.child = child
        self.limits = limits
        self.mailbox = mailbox
    }

    /// Runs the worker to its end. Returns when it is reaped and the mailbox is closed.
    mutating func run() {
        for descriptor in [child.input, child.output] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        write(Frame.bytes([HostMessage.confine(limits.onWire)]))
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
            let (script, answers, mustTerminate) = mailbox.take()
            if mustTerminate {
                end = .terminated
                return true
            }
            if let script {
                self.script = script
                sendScript()
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
        if !isConfined {
            next = born.advanced(by: Self.mostForConfinement)
        } else if let run = limits.run, let started {
            let over = started.advanced(by: run + limits.grace)
            next = min(next ?? over, over)
        }
        guard let next else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: next).components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return Int32(max(0, min(milliseconds.rounded(.up), 3_600_000)))
    }

    /// How long a worker may take to confine itself. It takes milliseconds; on a machine that hardly gets on, seconds.
    private static let mostForConfinement = Duration.seconds(60)

    private mutating func watch() {
        let now = ContinuousClock.now
        if !isConfined, born.advanced(by: Self.mostForConfinement) <= now {
            end = .died(message: "the script's process did not get ready and was ended; the script was not sent to it")
            return
        }
        let isOver = runIsOver(now, grace: limits.grace)
        if isOver || clock.ran(at: now) >= limits.time + limits.grace {
            end = .limit(.time, message: limits.sentence(.time, runIsOver: isOver), failure: nil)
        }
    }

    private func runIsOver(_ now: ContinuousClock.Instant, grace: Duration) -> Bool {
        guard let run = limits.run, let started else { return false }
        return started.advanced(by: run + grace) <= now
    }

    // To the worker

    private mutating func send(_ answers: [WorkerAnswer]) {
        for answer in answers { openBytes -= open.removeValue(forKey: answer.id) ?? 0 }
        var writer = FrameWriter()
        for (place, answer) in answers.enumerated() {
            writer.append(HostMessage.answer(answer))
            if writer.bodySize >= 8 << 20 || place == answers.count - 1 { send(writer.finish()) }
        }
    }

    /// The script leaves the host when the worker has confined itself, and not before.
    private mutating func sendScript() {
        guard isConfined, let payload = script else { return }
        script = nil
        started = .now
        send(Frame.bytes([HostMessage.start(payload: payload)]))
    }

    /// Sends what begins a turn of the script.
    private mutating func send(_ frame: [UInt8]) {
        clock.turnBegins(at: .now)
        write(frame)
    }

    private mutating func write(_ frame: [UInt8]) {
        outgoing += frame
        flush()
    }

    private mutating func flush() {
        while sent < outgoing.count {
            let count = outgoing.withUnsafeBytes { Glibc.write(child.input, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
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
            case .confined(let lacking):
                isConfined = true
                mailbox.confined(lacking.isEmpty ? .complete : .lacking(lacking))
                sendScript()
            case .request(let id, _, _, _, let payload):
                open[id] = payload.count
                openBytes += payload.count
                wanted.append(message)
                if open.count > limits.requestsInFlight || openBytes > limits.bytesInFlight {
                    ended = ended ?? pastLimit(.requests)
                }
            case .note(_, _, _, let payload):
                said += payload.count
                if said > limits.outputBytes { ended = ended ?? pastLimit(.output) } else { wanted.append(message) }
            case .waiting: clock.turnEnds(at: .now)
            case .finished(let payload): ended = ended ?? .finished(payload)
            case .failed(let payload): ended = ended ?? .failed(payload)
            case .limit(let limit, let payload):
                let isOver = limit == .time && clock.ran(at: .now) < limits.time && runIsOver(.now, grace: .milliseconds(-50))
                ended = ended ?? .limit(limit, message: limits.sentence(limit, runIsOver: isOver), failure: payload)
            }
        }
        // A script that was stopped asks for nothing more.
        if case .limit? = ended { wanted.removeAll { if case .request = $0 { true } else { false } } }
        mailbox.deliver(wanted, bytes: bytes)
        end = ended
    }

    /// A script that went past a limit which its process should have kept.
    private func pastLimit(_ limit: WorkerLimit) -> WorkerEnd {
        .limit(limit, message: limits.sentence(limit, runIsOver: false), failure: nil)
    }

    private func death(_ status: Int32) -> WorkerEnd {
        let signal = status & 0x7f
        if signal == SIGXCPU { return pastLimit(.time) }
        if signal == SIGSYS {
            return .died(message: "the script's process asked the system for what it may not have, and was killed (SIGSYS)")
        }
        if signal == 0, started == nil, status >> 8 & 0xff == WorkerExit.notConfined.rawValue {
            return .died(
                message:
                    "the script's process could not bound itself, and was not sent the script: the system refused one of its limits (a ulimit may be lower than --memory-limit and half a gigabyte need)"
            )
        }
        let activity =
            started == nil
            ? "it got ready"
            : clock.isRunning ? "it ran the script" : "it waited for \(open.count) \(open.count == 1 ? "answer" : "answers")"
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
