import CScriptHost
import Foundation
import Glibc
import Testing

/// A run of `worker-with-a-door`: a process that confines itself like the worker, by all layers or by some, and then tries to
/// do what a script's process must not.
struct Door {
    enum Outcome: Equatable, CustomStringConvertible {
        case succeeded
        /// The system's error number.
        case refused(Int32)
        case killed(Int32)

        var description: String {
            switch self {
            case .succeeded: "succeeded"
            case .refused(let error): "refused: \(String(cString: strerror(error))) (\(error))"
            case .killed(let signal): "killed: \(String(cString: strsignal(signal))) (\(signal))"
            }
        }

        static let endedByFilter = Outcome.killed(SIGSYS)
    }

    /// What an attempt is about, made anew for each.
    enum Subject: Sendable {
        case none
        case text(String)
        /// A file that anybody may read and write.
        case file
        /// A name in a folder where anybody may write, of nothing yet.
        case newName
        /// Such a folder.
        case folder
        /// The door itself, owned by root, with the set-user-id bit.
        case programOfRoot
    }

    static let executable = URL(filePath: workerExecutable).deletingLastPathComponent().appending(path: "worker-with-a-door").path

    let processIdentifier: pid_t
    private let input: Int32
    private let output: Int32

    /// Starts it, with `BURSAR_TEST_SECRET=marked` as its environment.
    init(_ arguments: [String]) throws {
        var inner: [Int32] = [-1, -1]
        var outer: [Int32] = [-1, -1]
        try #require(bursar_pipe(&inner) == 0 && bursar_pipe(&outer) == 0)
        defer {
            close(inner[0])
            close(outer[1])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inner[0], 0)
        posix_spawn_file_actions_adddup2(&actions, outer[1], 1)
        var vector = ([Door.executable] + arguments).map { strdup($0) } + [nil]
        var environment = [strdup("BURSAR_TEST_SECRET=marked"), nil]
        defer { for text in vector + environment { free(text) } }
        var started: pid_t = 0
        try #require(posix_spawn(&started, Door.executable, &actions, nil, &vector, &environment) == 0)
        processIdentifier = started
        input = inner[1]
        output = outer[0]
    }

    /// Waits until it is confined. False when it ended instead.
    func isReady() -> Bool {
        var byte: UInt8 = 0
        return read(output, &byte, 1) == 1
    }

    /// Lets it go on. Twice: an attempt may start the door again.
    func goOn() { _ = write(input, "gg", 2) }

    /// Whether all who hold its output are gone within `milliseconds`.
    func isOver(within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: output, events: 0, revents: 0)
        return poll(&polled, 1, milliseconds) == 1 && polled.revents & Int16(POLLHUP) != 0
    }

    /// What it wrote until its end.
    func rest() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(output, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reaps it. Void afterwards.
    func end() -> (outcome: Outcome, dumpedCore: Bool) {
        var status: Int32 = 0
        while waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
        close(input)
        close(output)
        let signal = status & 0x7f
        if signal != 0 { return (.killed(signal), status & 0x80 != 0) }
        let code = status >> 8 & 0xff
        return (code == 0 ? .succeeded : .refused(code), false)
    }

    /// Makes one attempt in a process confined by `layers`, on a thread of its own.
    static func `try`(_ attempt: String, _ subject: Subject = .none, layers: String, kernel: String = "") async throws -> Outcome
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bursar-door-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        chmod(folder.path, 0o777)
        let argument = try make(subject, in: folder)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        while true {
                            let door = try Door([layers, attempt, argument, kernel])
                            if door.isReady() { door.goOn() }
                            let outcome = door.end().outcome
                            // A copied program cannot be run while another test, starting a process, has it open for a moment.
                            if outcome != .refused(ETXTBSY) { return outcome }
                        }
                    })
            }
        }
    }

    private static func make(_ subject: Subject, in folder: URL) throws -> String {
        let path = folder.appending(path: "it").path
        switch subject {
        case .none: return ""
        case .text(let text): return text
        case .newName: return path
        case .folder: return folder.path
        case .file:
            try Data("contents".utf8).write(to: URL(filePath: path))
            chmod(path, 0o666)
        case .programOfRoot:
            try FileManager.default.copyItem(atPath: executable, toPath: path)
            chmod(path, 0o4755)
        }
        return path
    }
}
