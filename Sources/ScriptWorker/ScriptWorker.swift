internal import CLuaShims
internal import Glibc
public import ScriptWire

/// The script's process: frames in, frames out, a Lua state between them.
public enum ScriptWorker {
    /// Reads the limits, confines the process within them and says so; then reads the script and runs it to its end. One frame
    /// goes out for every frame that came in, ending in `waiting`, unless the script ended; a turn with much to say sends
    /// others before it.
    public static func run(in input: Int32, out output: Int32) -> WorkerExit {
        var pipe = FramePipe(input: input, output: output)
        do {
            guard let first = try pipe.receive() else { return .done }
            guard case .confine(let limits)? = first.first, first.count == 1 else { return .badFrame }
            guard bound(limits) else { return .notConfined }
            switch bursar_filter() {
            case BURSAR_FILTER_ON: try pipe.send([.confined(lacking: "")])
            case BURSAR_FILTER_MISSING: try pipe.send([.confined(lacking: "the kernel has no filter for system calls (seccomp)")])
            default: return .notConfined
            }
            // The host sends the script while the prelude is compiled.
            guard let room = ScriptRoom(limits) else {
                try pipe.send([
                    .limit(
                        .memory,
                        payload: Array(
                            #"{"kind":"limit","message":"the memory limit is too small to start a script","traceback":[]}"#.utf8))
                ])
                return .done
            }
            // The process ends with the script: its values are not given back one by one.
            _ = Unmanaged.passRetained(room)
            guard let second = try pipe.receive() else { return .done }
            guard case .start(let payload)? = second.first, second.count == 1 else { return .badFrame }
            room.watch()
            var messages = room.start(payload)
            while true {
                var state = room.advance(&messages)
                while state == .ready {
                    try pipe.send(messages)
                    messages.removeAll(keepingCapacity: true)
                    state = room.advance(&messages)
                }
                if state == .ended {
                    try pipe.send(state == .ended ? onlyEnd(of: messages) : messages)
                    return .done
                }
                messages.append(.waiting)
                bursar_watch_wait_begins()
                try pipe.send(messages)
                messages.removeAll(keepingCapacity: true)
                let next = try pipe.receive { room.stopMessage() != nil }
                bursar_watch_wait_ends()
                if let stop = room.stopMessage() {
                    try pipe.send([stop])
                    return .done
                }
                guard let next else { return .done }
                var answers: [WorkerAnswer] = []
                for message in next {
                    guard case .answer(let answer) = message else { return .badFrame }
                    answers.append(answer)
                }
                messages = room.take(answers)
            }
        } catch .frame {
            return .badFrame
        } catch {
            return .badPipe
        }
    }

    /// A script that was stopped asks for nothing more: its requests of this turn are dropped, its notes are not.
    private static func onlyEnd(of messages: [WorkerMessage]) -> [WorkerMessage] {
        guard case .limit? = messages.last else { return messages }
        return messages.filter { if case .request = $0 { false } else { true } }
    }

    /// Room for the program itself beside the script's values: code, libraries, frames on their way.
    private static let ownAddressSpace: UInt64 = 512 << 20

    private static func bound(_ limits: WireLimits) -> Bool {
        let (space, overflow) = limits.memoryBytes.addingReportingOverflow(ownAddressSpace)
        let seconds = limits.runningMilliseconds == 0 ? 0 : limits.runningMilliseconds / 1000 + 3
        return bursar_bound(overflow ? 0 : space, seconds)
    }
}

/// Why a pipe gave no frame.
enum PipeError: Error {
    case frame(FrameError)
    case system(Int32)
}

/// Frames over two descriptors, blocking.
struct FramePipe {
    let input: Int32
    let output: Int32
    private var splitter = FrameSplitter()
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(input: Int32, output: Int32) {
        self.input = input
        self.output = output
    }

    /// The next frame's messages; nil at the end of the stream, or when a signal came and `isStopped` says so.
    mutating func receive(isStopped: () -> Bool = { false }) throws(PipeError) -> [HostMessage]? {
        while true {
            do {
                if let body = try splitter.next() { return try Frame.messages(HostMessage.self, in: body) }
            } catch {
                throw .frame(error)
            }
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count == 0 { return nil }
            if count > 0 {
                splitter.append(buffer[..<count])
            } else if errno != EINTR {
                throw .system(errno)
            }
            if isStopped() { return nil }
        }
    }

    mutating func send(_ messages: [WorkerMessage]) throws(PipeError) {
        var writer = FrameWriter()
        for message in messages {
            writer.append(message)
            if writer.bodySize >= 8 << 20 { try write(writer.finish()) }
        }
        if writer.bodySize > 0 { try write(writer.finish()) }
    }

    private func write(_ frame: [UInt8]) throws(PipeError) {
        var sent = 0
        while sent < frame.count {
            let count = frame.withUnsafeBytes { Glibc.write(output, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }
}
