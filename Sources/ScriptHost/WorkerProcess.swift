internal import Glibc
public import ScriptWire
internal import Synchronization

/// A running script: its requests come out, answers go in, and its end is told once. Ending or dropping it leaves no process.
///
/// One reader calls `nextMessages`; everything else may be called from anywhere.
public final class WorkerProcess: Sendable {
    /// The worker's process. Void once `end` is known: the system may give the number to another.
    public let processIdentifier: Int32
    private let mailbox: Mailbox

    private init(processIdentifier: Int32, mailbox: Mailbox) {
        self.processIdentifier = processIdentifier
        self.mailbox = mailbox
    }

    deinit { mailbox.terminate() }

    /// Starts `executable` and sends it `payload` (JSON). Blocks for as long as the system takes to start a process.
    public static func start(executable: String, start payload: [UInt8], limits: WorkerLimits) throws(WorkerStartError)
        -> WorkerProcess
    {
        guard payload.count <= Frame.largestPayload else {
            throw WorkerStartError(message: "the script and its arguments are larger than \(Frame.largestPayload >> 20) MiB")
        }
        let mailbox = Mailbox()
        let birth = Birth(executable: executable, payload: payload, limits: limits, mailbox: mailbox)
        let processIdentifier = try birth.begin().get()
        return WorkerProcess(processIdentifier: processIdentifier, mailbox: mailbox)
    }

    /// The next requests and notes, in the order the script made them; nil when there will be none, and then `end` tells why.
    /// A reader that does not call this makes the script wait, not the host's memory grow. Does not react to cancellation:
    /// use `terminate`.
    public func nextMessages() async -> [WorkerMessage]? {
        await mailbox.nextMessages()
    }

    /// Hands over answers and returns at once. Those given together, or while others are on their way, share a frame. After
    /// the end they are dropped.
    public func answer(_ answers: [WorkerAnswer]) {
        for answer in answers {
            precondition(answer.payload.count <= Frame.largestPayload, "an answer is larger than \(Frame.largestPayload) bytes")
        }
        mailbox.post(answers)
    }

    /// Kills the worker now. Does nothing once it has ended.
    public func terminate() {
        mailbox.terminate()
    }

    /// How it ended; waits until it has, and the process is reaped.
    public var end: WorkerEnd {
        get async { await mailbox.end }
    }
}

/// Carries what a worker's thread needs into it, and the outcome of the start back.
private final class Birth: Sendable {
    let executable: String
    let payload: [UInt8]
    let limits: WorkerLimits
    let mailbox: Mailbox
    private let outcome = Mutex<Result<Int32, WorkerStartError>?>(nil)
    private let isBorn = Gate()

    init(executable: String, payload: [UInt8], limits: WorkerLimits, mailbox: Mailbox) {
        self.executable = executable
        self.payload = payload
        self.limits = limits
        self.mailbox = mailbox
    }

    /// Makes the thread and waits for its worker.
    func begin() -> Result<Int32, WorkerStartError> {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { context in
                // Taken exactly once, by this thread.
                guard let context else { return nil }
                Unmanaged<Birth>.fromOpaque(context).takeRetainedValue().live()
                return nil
            }, context)
        guard failure == 0 else {
            Unmanaged<Birth>.fromOpaque(context).release()
            return .failure(WorkerStartError(message: "no thread can be made for the script's process: \(reason(failure))"))
        }
        pthread_detach(thread)
        isBorn.wait()
        return outcome.withLock { $0 } ?? .failure(WorkerStartError(message: "the script's process was not started"))
    }

    private func live() {
        // A write to a dead worker is an error here, never a signal that ends the host.
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipeSignal, nil)
        let child: Child
        do throws(WorkerStartError) {
            child = try Child.spawn(executable)
        } catch {
            outcome.withLock { $0 = .failure(error) }
            isBorn.open()
            return
        }
        outcome.withLock { $0 = .success(child.processIdentifier) }
        isBorn.open()
        var thread = WorkerThread(child: child, limits: limits, mailbox: mailbox)
        thread.run(start: payload)
    }
}
