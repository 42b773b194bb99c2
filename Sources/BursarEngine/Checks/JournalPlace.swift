import Foundation

/// Where a journal is, or would be made.
enum JournalPlace {
    /// The folder, or the nearest one above it that is there.
    static func existing(_ path: String) -> String {
        var url = URL(fileURLWithPath: path).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }
}
