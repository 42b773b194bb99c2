import BursarEngine
import BursarJournal
import Foundation
import Synchronization

/// A log file that lines are appended to. Readable by its owner only.
///
/// Once it is full it is moved to `NAME.1`, what had that name to `NAME.2`, and so on; the last is let go. Any number of processes may
/// write one file: one of them moves it, the others notice and go on in the new one. No line is cut in two.
final class LogFile: Sendable {
    /// How much is kept.
    struct Limits: Sendable {
        /// In bytes; a file that has reached it is moved away. Nil never moves it.
        var size: Int?
        /// How many older files are kept beside it.
        var older: Int
    }

    private let path: String
    private let limits: Limits
    private let handle: Mutex<FileHandle>
    private let hasTold = Mutex(false)

    /// - Throws: `RunFailure` when the file cannot be opened.
    init(path: String, limits: Limits) throws(RunFailure) {
        // A link stays one: what it leads to is moved.
        let path = destination(ofFile: path)
        self.path = path
        self.limits = limits
        handle = Mutex(try LogFile.open(path))
        LogFile.all.withLock { $0.append(self) }
    }

    private static let all = Mutex<[LogFile]>([])

    /// Has all log files of the process go on in the files that have their names now.
    static func reopenAll() { for file in all.withLock({ $0 }) { file.handle.withLock { file.reopen(&$0) } } }

    /// The older files of a log that there are, the oldest first, then the log itself.
    static func parts(of path: String) -> [String] {
        var older: [String] = []
        while case let next = name(path, older.count + 1), access(next, F_OK) == 0 { older.append(next) }
        return older.reversed() + [path]
    }

    private static func name(_ path: String, _ number: Int) -> String { "\(path).\(number)" }

    func write(_ line: String) {
        let data = Data((line + "\n").utf8)
        handle.withLock { handle in
            if let size = limits.size { makeRoom(&handle, size) }
            do { try handle.write(contentsOf: data) } catch { tellOnce(error) }
        }
    }

    /// A log that loses its lines must not keep money from moving, nor be silent about it.
    private func tellOnce(_ error: any Error) {
        guard !hasTold.withLock({ LogFile.set(&$0) }) else { return }
        Output.error("warning: \(path) does not take every line of the log: \(error.systemReason)")
    }

    /// Goes on in the file that has the name now: the old one was moved away.
    private func reopen(_ handle: inout FileHandle) {
        // Where it cannot be opened, the old one takes the lines as before.
        if let new = try? LogFile.open(path) { handle = new }
    }

    /// Moves the file away when it is full, or goes on in the new one when another process did.
    private func makeRoom(_ handle: inout FileHandle, _ size: Int) {
        let descriptor = handle.fileDescriptor
        guard let full = LogFile.status({ fstat(descriptor, &$0) }), full.st_size >= size, full.st_mode & S_IFMT == S_IFREG
        else { return }
        // Who holds the lock of the file that has the name is the one to move it. One that cannot be locked just grows.
        guard flock(descriptor, LOCK_EX) == 0 else { return }
        if let named = LogFile.status({ stat(path, &$0) }), named.st_ino == full.st_ino, named.st_dev == full.st_dev {
            // Its own name is the last to change: who sees that it has, sees all of it done.
            for number in stride(from: limits.older - 1, through: 1, by: -1) {
                rename(LogFile.name(path, number), LogFile.name(path, number + 1))
            }
            if limits.older > 0 { rename(path, LogFile.name(path, 1)) } else { unlink(path) }
        }
        flock(descriptor, LOCK_UN)
        reopen(&handle)
    }

    /// - Returns: what it was.
    private static func set(_ flag: inout Bool) -> Bool {
        defer { flag = true }
        return flag
    }

    private static func status(_ ask: (inout stat) -> Int32) -> stat? {
        var status = stat()
        return ask(&status) == 0 ? status : nil
    }

    private static func open(_ path: String) throws(RunFailure) -> FileHandle {
        // A pipe that nobody reads is refused, and not waited for.
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw RunFailure(.invalid, "the log file \"\(path)\" cannot be opened: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
