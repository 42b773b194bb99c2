import Foundation

/// Which file a path led to when a journal was opened. A file that was deleted or replaced since is written to no avail: what goes
/// into it is gone with the process.
struct FileIdentity: Sendable, Equatable {
    let path: String
    private let device: UInt64
    private let number: UInt64

    /// Nil where there is no file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }

    /// The file behind an open descriptor.
    init?(path: String, descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }

    /// - Throws: `JournalError` of kind damaged when the path leads elsewhere now.
    func requireUnmoved() throws(JournalError) {
        guard FileIdentity(path: path) == self else {
            throw .damaged("\(path) was deleted or replaced while it was in use")
        }
    }
}
