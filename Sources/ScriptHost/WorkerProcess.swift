internal import Glibc
public import ScriptWire
internal import Synchronization

/// A script's process: it confines itself, is given the script, its requests come out, answers go in, and its end is told once.
/// Ending or dropping it leaves no process.
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

    /// Starts `executable`, which gets ready for a script while the caller does other things. Blocks for as long as the system
    /// takes to start a process.
    public static func start(executable: String, limits: WorkerLimits) throws(WorkerStartError) -> WorkerProcess {
        let mailbox = Mailbox()
        let birth = Birth(executable: executable, limits: limits, mailbox: mailbox)
        let processIdentifier = try birth.begin().get()
        return WorkerProcess(processIdentifier: processIdentifier, mailbox: mailbox)
    }

    /// What the process is confined by, once it is; nil when it ended instead, and then `end` tells why.
    public var confinement: Confinement? {
        get async { await mailbox.confinement }
    }

    /// Hands over the script with its arguments (JSON) and returns at once. Call it once. The process is sent it when it has
    /// confined itself, not before, and its time counts from then.
    public func run(_ payload: [UInt8]) throws(WorkerStartError) {
        guard payload.count <= Frame.largestPayload else {
            throw WorkerStartError(message: "the script and its arguments are larger than \(Frame.largestPayload >> 20) MiB")
        }
        mailbox.post(script: payload)
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

    /// Whether its end is known. Does not wait.
    public var hasEnded: Bool { mailbox.hasEnded }

    /// How it ended; waits until it has, and the process is reaped.
    public var end: WorkerEnd {
        get async { await mailbox.end }
    }
}

/// Carries what a worker's thread needs into it, and the outcome of the start back.
private final class Birth: Sendable {
    let executable: String
    let limits: WorkerLimits
    let mailbox: Mailbox
    private let outcome = Mutex<Result<Int32, WorkerStartError>?>(nil)
    private let isBorn = Gate()

    init(executable: String, limits: WorkerLimits, mailbox: Mailbox) {
        self.executable = executable
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
        thread.run()
    }
}
