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

    /// Waits until nobody else holds the lock, and holds it while `body` runs. The system lets go of it when the process dies.
    func whileHeld<Value>(_ body: () throws -> Value) throws -> Value {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw JournalError(
                    .storage, "the journal cannot be locked: \(String(cString: strerror(errno)))",
                    hint: "its folder must lie on a file system with locks; nothing was sent")
            }
        }
        defer { flock(descriptor, LOCK_UN) }
        // A lock on a file that is not there any more keeps nobody out.
        try identity.requireUnmoved()
        return try body()
    }
}
