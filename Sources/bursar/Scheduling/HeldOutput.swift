import BursarEngine
import Foundation

/// What a run prints, held back until it is known how the run ended. It lies in files without a name, which go with this process.
struct HeldOutput {
    let result: FileHandle
    let errors: FileHandle

    /// The end of it says what failed; the run's log has all.
    private static let most: UInt64 = 256 << 10

    /// - Throws: `RunFailure` when there is no place for it.
    init() throws(RunFailure) {
        result = try HeldOutput.file()
        errors = try HeldOutput.file()
    }

    private static func file() throws(RunFailure) -> FileHandle {
        let folder = FileManager.default.temporaryDirectory.path
        let path = "\(folder)/bursar-\(UUID().uuidString)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw RunFailure(
                .temporary, "what a run prints cannot be kept in \(folder): \(String(cString: strerror(errno)))",
                hint: "make room there, or name another folder with TMPDIR")
        }
        unlink(path)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Prints all of it, each stream where it belongs.
    func tell() {
        if let text = HeldOutput.text(result) { Output.result(text) }
        if let text = HeldOutput.text(errors) { Output.error(text) }
    }

    private static func text(_ file: FileHandle) -> String? {
        guard let size = try? file.seekToEnd(), size > 0 else { return nil }
        let start = size > most ? size - most : 0
        guard (try? file.seek(toOffset: start)) != nil, let data = try? file.readToEnd() else { return nil }
        return (start > 0 ? "... " : "") + String(decoding: data, as: UTF8.self)
    }
}
