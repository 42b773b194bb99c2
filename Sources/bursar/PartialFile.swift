import BursarEngine
import BursarJournal
import Foundation

/// A file that is written piece by piece, and comes to its place when it is whole.
final class PartialFile {
    private let path: String
    private let partial: String
    private let handle: FileHandle
    private var held = Data()

    /// - Throws: `RunFailure` when it cannot be written.
    init(_ path: String) throws(RunFailure) {
        self.path = path
        partial = path + ".partial"
        guard FileManager.default.createFile(atPath: partial, contents: nil), let handle = FileHandle(forWritingAtPath: partial)
        else { throw RunFailure(.temporary, "\(partial) could not be written: \(String(cString: strerror(errno)))") }
        self.handle = handle
    }

    deinit { try? FileManager.default.removeItem(atPath: partial) }

    /// - Throws: `RunFailure`.
    func write(_ text: String) throws(RunFailure) {
        held.append(Data(text.utf8))
        if held.count >= 1 << 16 { try flush() }
    }

    /// - Throws: `RunFailure`; a file that stood there before is as it was.
    func finish() throws(RunFailure) {
        try flush()
        do { try handle.close() } catch { throw failure(error) }
        guard rename(partial, path) == 0 else {
            throw RunFailure(.temporary, "\(path) could not be written: \(String(cString: strerror(errno)))")
        }
    }

    private func flush() throws(RunFailure) {
        do { try handle.write(contentsOf: held) } catch { throw failure(error) }
        held.removeAll(keepingCapacity: true)
    }

    private func failure(_ error: any Error) -> RunFailure {
        RunFailure(.temporary, "\(path) could not be written: \(error.systemReason)")
    }
}
