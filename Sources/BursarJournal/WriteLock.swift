import Foundation

/// One lock for everything that writes into a journal or moves its write-ahead log, in all processes.
///
/// SQLite before 3.51.3 can damage a database when one connection starts its write-ahead log anew while another one writes or
/// checkpoints. Here no two connections ever do: each transaction that writes, each checkpoint, and the opening and closing of
/// each connection that could do either, happens while this lock is held. Readers open the file read-only and can do neither.
final class WriteLock: Sendable {
    private let descriptor: Int32
    private let identity: FileIdentity

    /// - Throws: `JournalError` when the file cannot be made.
    init(path: String) throws(JournalError) {
        descriptor = try JournalFolder.open(path)
        guard let identity = FileIdentity(path: path, descriptor: descriptor) else {
            Foundation.close(descriptor)
            throw JournalError(
                .storage, "\(path) cannot be looked at: \(String(cString: strerror(errno)))",
                hint: "the journal's folder must be yours to write; nothing was sent")
        }
        self.identity = identity
    }

    deinit { close(descriptor) }

    /// How long another process may hold the lock. It holds it for one transaction: after so long it stands still.
    private static let patience = 20_000
    /// Milliseconds between two tries.
    private static let interval = 5

    /// Waits until nobody else holds the lock, and holds it while `body` runs. The system lets go of it when the process dies.
    /// - Throws: `JournalError` of kind lease, naming the process, when another one does not let go of it.
    func whileHeld<Value>(_ body: () throws -> Value) throws -> Value {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw JournalError(
                    .storage, "the journal cannot be locked: \(String(cString: strerror(errno)))",
                    hint: "its folder must lie on a file system with locks; nothing was sent")
            }
            guard waited < WriteLock.patience else {
                let owner = owner.map { "process \($0)" } ?? "another process"
                throw JournalError(
                    .lease, "\(owner) stands still in the middle of writing this journal",
                    hint: "let it go on (kill -CONT) or end it (kill -KILL), then run again; nothing further was sent")
            }
            usleep(UInt32(WriteLock.interval * 1000))
            waited += WriteLock.interval
        }
        defer { flock(descriptor, LOCK_UN) }
        // A lock on a file that is not there any more keeps nobody out.
        try identity.requireUnmoved()
        return try body()
    }

    /// The process that holds the lock, where the system tells.
    private var owner: Int? {
        var information = stat()
        guard fstat(descriptor, &information) == 0, let data = FileManager.default.contents(atPath: "/proc/locks") else {
            return nil
        }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5].hasSuffix(":\(information.st_ino)") else { continue }
            return Int(fields[4])
        }
        return nil
    }
}
