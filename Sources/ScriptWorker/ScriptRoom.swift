internal import CLuaShims
public import ScriptWire

/// One script in one Lua state: answers go in, messages come out. Does no I/O of its own.
///
/// Tasks are coroutines. `advance` runs each that can run until it waits; nothing of ours lies beneath Lua's stack while it does.
/// Used by one thread at a time.
public final class ScriptRoom {
    /// What is left to do after `advance`.
    public enum State: Equatable {
        /// Tasks are ready still; `advance` was left because its messages had grown large.
        case ready
        /// Every task waits for an answer.
        case waiting
        /// The last message says how the script ended. Nothing runs again.
        case ended
    }

    /// A coroutine and the number its requests carry.
    private struct Task {
        let thread: OpaquePointer
        var number: UInt32
    }

    /// A task that can run, and the answer it runs with.
    private struct Ready {
        var task: Task
        var answer: WorkerAnswer?
    }

    private let room: OpaquePointer
    private let limits: WireLimits
    /// Bytes of notes so far.
    private var said: UInt64 = 0
    private var ready: [Ready] = []
    private var nextReady = 0
    /// Tasks that wait for the answer with this id.
    private var waiting: [UInt32: Task] = [:]
    /// Tasks that wait for another task.
    private var parked: [OpaquePointer: Task] = [:]
    private var lastRequest: UInt32 = 0
    private var firstTask: OpaquePointer?
    private var hasEnded = false

    /// Messages of this size are handed over before more is run.
    static let batchSize = 64 << 10

    /// Opens a Lua state and loads the prelude. Nil when the memory limit is too little even for that.
    public init?(_ limits: WireLimits) {
        self.limits = limits
        guard let room = bursar_room_create(Int(clamping: limits.memoryBytes)) else { return nil }
        self.room = room
        for file in Prelude.files {
            var problem = bursar_text()
            let good = file.source.withText { bursar_room_load_prelude(room, $0, &problem) }
            if !good {
                precondition(bursar_room_stopped(room) == BURSAR_STOP_MEMORY, "Prelude/\(file.name).lua: \(String(problem))")
                return nil
            }
        }
    }

    deinit {
        bursar_watch_forget(room)
        let left = bursar_room_destroy(room)
        assert(left == 0, "\(left) bytes of a room were not given back")
    }

    /// Starts the script. Call it once, before `advance`.
    public func start(_ payload: [UInt8]) -> [WorkerMessage] {
        var problem = bursar_text()
        guard let thread = payload.withText({ bursar_room_begin(room, $0, &problem) }) else {
            return [end(problem: problem)]
        }
        firstTask = thread
        ready.append(Ready(task: Task(thread: thread, number: 0), answer: nil))
        return []
    }

    /// Takes answers. One whose request is not waiting is a fault of the host and ends the script.
    public func take(_ answers: [WorkerAnswer]) -> [WorkerMessage] {
        guard !hasEnded else { return [] }
        for answer in answers {
            guard let task = waiting.removeValue(forKey: answer.id) else {
                return [broken("an answer came for request \(answer.id), which does not wait for one")]
            }
            ready.append(Ready(task: task, answer: answer))
        }
        return []
    }

    /// Runs what can run, adding to `messages`.
    public func advance(_ messages: inout [WorkerMessage]) -> State {
        guard !hasEnded else { return .ended }
        var size = 0
        while nextReady < ready.count {
            let next = ready[nextReady]
            nextReady += 1
            if nextReady == ready.count {
                ready.removeAll(keepingCapacity: true)
                nextReady = 0
            } else if nextReady >= 1024, nextReady * 2 >= ready.count {
                ready.removeSubrange(..<nextReady)
                nextReady = 0
            }
            if !run(next, &messages, &size) {
                hasEnded = true
                return .ended
            }
            if size >= Self.batchSize, nextReady < ready.count { return .ready }
        }
        guard waiting.isEmpty else { return .waiting }
        messages.append(broken("every task of the script waits for another task"))
        return .ended
    }

    /// Bytes held by the script's values now.
    var memoryUsed: Int { bursar_room_memory_used(room) }

    /// The same by Lua's own account.
    var memoryCountedByLua: Int { bursar_room_memory_counted_by_lua(room) }

    /// The message that ends a script whose stop was found between turns; nil when there is none.
    func stopMessage() -> WorkerMessage? {
        bursar_room_stopped(room) == BURSAR_STOP_NONE ? nil : end(problem: bursar_text())
    }

    /// Starts the watchdog of this process for this room.
    func watch() {
        bursar_watch_begin(room, limits.runningMilliseconds, limits.runMilliseconds)
    }

    /// Runs one task until it waits or ends. False when the script has ended; the message says how.
    private func run(_ next: Ready, _ messages: inout [WorkerMessage], _ size: inout Int) -> Bool {
        var task = next.task
        var answer = next.answer
        while true {
            var step = bursar_step()
            if let answer {
                let kind = answer.ok ? BURSAR_ANSWER_OK : BURSAR_ANSWER_ERROR
                answer.payload.withText { bursar_room_resume(room, task.thread, task.number, kind, $0, &step) }
            } else {
                bursar_room_resume(room, task.thread, task.number, BURSAR_ANSWER_NONE, bursar_text(), &step)
            }
            answer = nil
            switch step.kind {
            case BURSAR_REQUEST:
                lastRequest &+= 1
                waiting[lastRequest] = task
                let payload = [UInt8](step.payload)
                size += payload.count + 64
                messages.append(
                    .request(
                        id: lastRequest, task: UInt32(exactly: step.number) ?? task.number, name: String(step.name),
                        location: String(step.location), payload: payload))
                if waiting.count > limits.requestsInFlight {
                    messages.append(limit(.requests, "the script has too many requests in flight", String(step.location)))
                    return false
                }
                return true
            case BURSAR_NOTE:
                let payload = [UInt8](step.payload)
                size += payload.count + 64
                said += UInt64(payload.count)
                if said > limits.outputBytes {
                    messages.append(limit(.output, "the script says too much", String(step.location)))
                    return false
                }
                messages.append(
                    .note(
                        task: UInt32(exactly: step.number) ?? task.number, name: String(step.name),
                        location: String(step.location), payload: payload))
                // A task that only makes notes must not fill memory: it goes on in the next batch.
                if size >= Self.batchSize {
                    ready.append(Ready(task: task, answer: nil))
                    return true
                }
            case BURSAR_SPAWN:
                guard let thread = step.thread else { return fault("a task without a coroutine", &messages) }
                ready.append(Ready(task: Task(thread: thread, number: UInt32(clamping: step.number)), answer: nil))
            case BURSAR_PARK:
                parked[task.thread] = task
                return true
            case BURSAR_WAKE:
                guard let thread = step.thread, let woken = parked.removeValue(forKey: thread) else {
                    return fault("a wake for a task that does not wait", &messages)
                }
                ready.append(Ready(task: woken, answer: nil))
            case BURSAR_TASK:
                task.number = UInt32(clamping: step.number)
            case BURSAR_RETURNED:
                guard task.thread == firstTask else { return true }
                let payload = [UInt8](step.payload)
                messages.append(String(step.name) == "finished" ? .finished(payload: payload) : .failed(payload: payload))
                return false
            default:
                messages.append(end(problem: step.payload))
                return false
            }
        }
    }

    private func fault(_ what: String, _ messages: inout [WorkerMessage]) -> Bool {
        messages.append(broken(what))
        return false
    }

    /// The end of a script that the prelude could not report itself.
    private func end(problem: bursar_text) -> WorkerMessage {
        hasEnded = true
        let location = String(cString: bursar_room_stop_location(room))
        switch bursar_room_stopped(room) {
        case BURSAR_STOP_TIME:
            return limit(.time, "the script reached its time limit", location)
        case BURSAR_STOP_MEMORY:
            let message =
                "the script needs more memory than its limit of \(bytes(limits.memoryBytes)): "
                + "\(bytes(UInt64(bursar_room_memory_asked(room)))) at once did not fit"
            return limit(.memory, message, location)
        default:
            return broken(String(problem))
        }
    }

    private func limit(_ limit: WorkerLimit, _ message: String, _ location: String) -> WorkerMessage {
        .limit(limit, payload: failure("limit", message, location))
    }

    private func broken(_ what: String) -> WorkerMessage {
        hasEnded = true
        return .failed(payload: failure("error", "a fault in the script's process: \(what)", ""))
    }

    private func failure(_ kind: String, _ message: String, _ location: String) -> [UInt8] {
        let place = location.isEmpty ? "" : ",\"location\":\(quoted(location))"
        return Array("{\"kind\":\(quoted(kind)),\"message\":\(quoted(message))\(place),\"traceback\":[]}".utf8)
    }
}

/// "16 MiB", or "1000 bytes" where the number is not so round.
private func bytes(_ count: UInt64) -> String {
    count > 0 && count % (1 << 20) == 0 ? "\(count >> 20) MiB" : "\(count) bytes"
}

/// A JSON string.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where scalar.value < 0x20: result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

extension [UInt8] {
    fileprivate func withText<Result>(_ body: (bursar_text) -> Result) -> Result {
        withUnsafeBytes { buffer in
            body(bursar_text(bytes: buffer.baseAddress?.assumingMemoryBound(to: CChar.self), length: buffer.count))
        }
    }

    fileprivate init(_ text: bursar_text) {
        self = [UInt8](UnsafeRawBufferPointer(start: text.bytes, count: text.length))
    }
}

extension String {
    /// Bytes from Lua, which need not be UTF-8; cut to what a frame's text may hold.
    fileprivate init(_ text: bursar_text) {
        let bytes = UnsafeRawBufferPointer(start: text.bytes, count: Swift.min(text.length, 1000))
        self = String(decoding: bytes, as: UTF8.self)
        while utf8.count > Frame.longestText { removeLast() }
    }
}
