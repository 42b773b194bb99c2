import Crypto
import Foundation

/// A regular file read in pieces, at a few hundred kilobytes of memory whatever its size.
final class ByteSource {
    let path: String
    private let descriptor: Int32
    /// The SHA-256 of what was copied, in hexadecimal digits; nil where nothing was.
    let digest: String?
    static let bufferSize = 256 * 1024
    private var buffer = [UInt8](repeating: 0, count: bufferSize)
    private var filled = 0
    private var position = 0

    /// - Parameter copied: reads from a copy that nobody else can reach. An input file is read twice, to check it and to run it: what
    ///   happens to it in between must not reach the run.
    /// - Parameter isStopped: looked at while it is copied.
    /// - Throws: `InputProblem` when it is no readable regular file, or cannot be copied.
    init(path: String, copied: Bool, isStopped: () -> Bool = { false }) throws(InputProblem) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { throw InputProblem(file: path, "does not exist") }
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { throw InputProblem(file: path, "is not a regular file") }
        // Should the file have become a named pipe meanwhile, O_NONBLOCK keeps open from waiting for its writer.
        let original = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard original >= 0 else { throw InputProblem(file: path, "cannot be opened: \(String(cString: strerror(errno)))") }
        guard copied else {
            descriptor = original
            digest = nil
            return
        }
        defer { close(original) }
        (descriptor, digest) = try ByteSource.copy(original, path: path, isStopped)
    }

    deinit { close(descriptor) }

    /// A file that is gone with the process, however that ends. Where the file system has none without a name, one is made and
    /// its name is taken away at once.
    private static func namelessFile(in folder: String) -> Int32 {
        let temporary = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE, a macro that Swift does not see
        let nameless = open(folder, temporary | O_RDWR | O_CLOEXEC, 0o600)
        if nameless >= 0 { return nameless }
        var template = Array((folder + "/bursar-input-" + String(repeating: "X", count: 6)).utf8CString)
        let named = mkstemp(&template)
        guard named >= 0 else { return named }
        unlink(template)
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        return named
    }

    /// The file's content in a temporary file without a name, at its first byte.
    private static func copy(_ original: Int32, path: String, _ isStopped: () -> Bool) throws(InputProblem) -> (
        Int32, String
    ) {
        let copy = namelessFile(in: NSTemporaryDirectory())
        guard copy >= 0 else {
            throw InputProblem(file: path, "cannot be copied to \(NSTemporaryDirectory()): \(String(cString: strerror(errno)))")
        }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var hash = SHA256()
        while true {
            let count = read(original, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard !isStopped() else {
                close(copy)
                throw InputProblem.stopped(path)
            }
            var written = 0
            while count > 0, written < count {
                let more = piece.withUnsafeBytes { write(copy, $0.baseAddress?.advanced(by: written), count - written) }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { break }
                written += more
            }
            guard count >= 0, written == count else {
                let reason = String(cString: strerror(errno))
                close(copy)
                throw InputProblem(file: path, "cannot be copied to \(NSTemporaryDirectory()): \(reason)")
            }
            if count == 0 { break }
            hash.update(data: piece[..<count])
        }
        lseek(copy, 0, SEEK_SET)
        return (copy, JobKeeper.hex(hash.finalize()))
    }

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

    /// Appends bytes to `output` up to, and without, the first that is in `stops`; true when one was met. Of more than `most` bytes
    /// the rest is passed over: `output` is then longer than `most`, and shorter than a file that lacks a stop.
    func take(into output: inout [UInt8], most: Int = .max, until stops: (UInt8) -> Bool) throws(InputProblem) -> Bool {
        while true {
            if position == filled {
                guard try refill() else { return false }
            }
            var end = position
            while end < filled, !stops(buffer[end]) { end += 1 }
            if output.count <= most { output.append(contentsOf: buffer[position..<end]) }
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
