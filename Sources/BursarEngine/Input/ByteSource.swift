import Foundation

/// A regular file read in pieces, at a few hundred kilobytes of memory whatever its size.
///
/// Remembers what the file looked like when it was opened, so that a file which changes between the check and the run is noticed.
final class ByteSource {
    let path: String
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    private var filled = 0
    private var position = 0
    private let identity: FileIdentity

    /// What tells whether a file is still the same one, unchanged.
    private struct FileIdentity: Equatable {
        let file: Int?
        let size: Int?
        let modified: Date?

        /// Nil when the path is no regular file.
        init?(path: String) {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                attributes[.type] as? FileAttributeType == .typeRegular
            else {
                return nil
            }
            file = attributes[.systemFileNumber] as? Int
            size = attributes[.size] as? Int
            modified = attributes[.modificationDate] as? Date
        }
    }

    /// - Throws: `InputProblem` when it is no readable regular file.
    init(path: String) throws(InputProblem) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { throw InputProblem(file: path, "does not exist") }
        guard let identity = FileIdentity(path: path) else { throw InputProblem(file: path, "is not a regular file") }
        self.identity = identity
        // Should the file have become a named pipe meanwhile, O_NONBLOCK keeps open from waiting for its writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw InputProblem(file: path, "cannot be opened: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// True while the file is what it was when it was opened.
    var isUnchanged: Bool { FileIdentity(path: path) == identity }

    /// Starts again at the first byte.
    func rewind() {
        lseek(descriptor, 0, SEEK_SET)
        filled = 0
        position = 0
    }

    /// The next byte without taking it; nil at the end.
    func peek() throws(InputProblem) -> UInt8? {
        if position == filled {
            guard try refill() else { return nil }
        }
        return buffer[position]
    }

    func next() throws(InputProblem) -> UInt8? {
        let byte = try peek()
        if byte != nil { position += 1 }
        return byte
    }

    /// Appends bytes to `output` up to, and without, the first that is in `stops`; true when one was met.
    func take(into output: inout [UInt8], until stops: (UInt8) -> Bool) throws(InputProblem) -> Bool {
        while true {
            if position == filled {
                guard try refill() else { return false }
            }
            var end = position
            while end < filled, !stops(buffer[end]) { end += 1 }
            output.append(contentsOf: buffer[position..<end])
            position = end
            if end < filled { return true }
        }
    }

    private func refill() throws(InputProblem) -> Bool {
        position = 0
        repeat { filled = read(descriptor, &buffer, buffer.count) } while filled < 0 && errno == EINTR
        guard filled >= 0 else {
            filled = 0
            throw InputProblem(file: path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        return filled > 0
    }
}
