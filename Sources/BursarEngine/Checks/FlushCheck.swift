import Foundation

/// Whether the disk of the journal confirms what is written to it, and how soon: no effect leaves before it did.
public struct FlushCheck: Check {
    private let folder: String

    /// - Parameter journal: the journal's folder, which may be missing still.
    public init(journal: String) { folder = JournalPlace.existing(journal) }

    /// As Linux has it, which Swift does not see: a file without a name, gone with its descriptor.
    private static let nameless: Int32 = 0o20000000 | O_DIRECTORY

    public func results() -> [CheckResult] {
        func failed(_ what: String) -> [CheckResult] {
            let reason = errno
            return [
                .failed(
                    "fsync", .journal, "a file in \(folder) cannot be \(what): \(String(cString: strerror(reason)))",
                    hint: reason == ENOSPC
                        ? "make room: nothing is sent that is not on disk first"
                        : "the journal's folder must be yours to write; --state DIR names another")
            ]
        }
        let descriptor = openFile()
        guard descriptor >= 0 else { return failed("made") }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0x20, count: 4096)
        let start = ContinuousClock.now
        for _ in 0..<3 {
            guard write(descriptor, page, page.count) == page.count else { return failed("written") }
            guard fsync(descriptor) == 0 else { return failed("made durable") }
        }
        let one = start.duration(to: .now) / 3
        let text = "the disk of \(folder) confirms a write in \(FlushCheck.words(one))"
        guard one < .seconds(1) else {
            return [
                .warning(
                    "fsync", text,
                    hint: "each effect waits for it: put the journal on a quicker disk, with --state DIR")
            ]
        }
        return [.ok("fsync", text)]
    }

    private func openFile() -> Int32 {
        let descriptor = open(folder, FlushCheck.nameless | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor < 0, [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) else { return descriptor }
        // A file system that knows only files with names: this one has lost its own before anything is in it.
        var template = Array((folder + "/.bursar-doctor-" + String(repeating: "X", count: 6)).utf8CString)
        let named = mkstemp(&template)
        if named >= 0 { unlink(template) }
        return named
    }

    static func words(_ span: Duration) -> String {
        let microseconds = span.components.seconds * 1_000_000 + span.components.attoseconds / 1_000_000_000_000
        return microseconds < 10_000 ? "\(microseconds / 1000).\(microseconds / 100 % 10) ms" : "\(microseconds / 1000) ms"
    }
}
