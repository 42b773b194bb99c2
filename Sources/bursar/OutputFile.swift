import BursarEngine
import BursarJournal
import Foundation

/// A file that is written whole at the end of a command.
enum OutputFile {
    /// Finds out at the beginning whether the file can be written at the end.
    /// - Throws: `RunFailure`.
    static func check(_ path: String) throws(RunFailure) {
        guard !path.isEmpty else { throw RunFailure(.usage, "the name of a file to write is empty") }
        let folder = folder(ofFile: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw RunFailure(.invalid, "\(path) cannot be written: there is no folder \(folder)")
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw RunFailure(.invalid, "\(path) cannot be written: its folder is not yours to write")
        }
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw RunFailure(.invalid, "\(path) is a folder where a file belongs")
        }
    }

    /// Two names of one file, as far as the names tell.
    static func isSame(_ a: String, _ b: String) -> Bool {
        URL(fileURLWithPath: a).standardizedFileURL.resolvingSymlinksInPath()
            == URL(fileURLWithPath: b).standardizedFileURL.resolvingSymlinksInPath()
    }

    /// Puts a file in the place of an older one, whole or not at all.
    /// - Throws: `RunFailure`.
    static func write(_ text: String, to path: String) throws(RunFailure) {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw RunFailure(.temporary, "\(path) could not be written: \(error.systemReason)")
        }
    }
}
