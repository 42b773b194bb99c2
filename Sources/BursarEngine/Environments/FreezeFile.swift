import BursarJournal
public import ConomyAPI
import ExactJSON
import Foundation

/// The file that stops new effects of all runs at once, for as long as it lies there: one for every environment, and one for each.
public struct FreezeFile: Sendable {
    /// Why, since when, and by whom.
    public struct Content: Sendable {
        public let because: String
        public let by: String
        public let at: Timestamp

        public init(because: String, by: String, at: Timestamp) {
            self.because = because
            self.by = by
            self.at = at
        }
    }

    public let path: String

    /// - Parameters:
    ///   - folder: where it lies: beside `bursar.yaml`, or the journal's folder where there is none.
    ///   - environment: nil for all of them.
    public init(folder: String, environment: String? = nil) {
        let suffix = environment.map { "." + $0.replacing("/", with: "_") } ?? ""
        path = folder + "/bursar.frozen" + suffix
    }

    /// Those that stop effects in an environment.
    public static func all(in folder: String, stopping environment: String) -> [FreezeFile] {
        [FreezeFile(folder: folder), FreezeFile(folder: folder, environment: environment)]
    }

    /// Where they lie: beside `bursar.yaml`, or with the journal where there is none.
    public static func folder(configuration: String?, journal: String) -> String {
        configuration.map { URL(fileURLWithPath: $0).standardizedFileURL.deletingLastPathComponent().path } ?? journal
    }

    /// The environments beside it that are frozen by a file of their own.
    public var frozenAlone: [String] {
        let url = URL(fileURLWithPath: path)
        let prefix = "bursar.frozen."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0 != url.lastPathComponent }.map { String($0.dropFirst(prefix.count)) }
            .sorted()
    }

    public var isThere: Bool {
        var status = stat()
        // What cannot be looked at may be there.
        return lstat(path, &status) == 0 || errno != ENOENT && errno != ENOTDIR
    }

    /// What it says; a file that cannot be read freezes all the same.
    public var content: Content? {
        guard isThere else { return nil }
        let json = FileManager.default.contents(atPath: path).flatMap { try? JSON(parsing: $0) }
        return Content(
            because: json?["because"]?.string ?? "\(path) does not say why", by: json?["by"]?.string ?? "somebody",
            at: json?["at"]?.string.flatMap { Timestamp($0) } ?? Timestamp(millisecondsSince1970: 0))
    }

    /// - Throws: `RunFailure` when it cannot be written.
    public func write(_ content: Content) throws(RunFailure) {
        let json: JSON = [
            "because": .string(content.because), "by": .string(content.by), "at": .string(content.at.description),
        ]
        do {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data((json.text() + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw RunFailure(.invalid, "\(path) cannot be written: \(error.systemReason)", hint: "nothing is frozen")
        }
    }

    /// - Returns: false when it was not there.
    /// - Throws: `RunFailure` when it cannot be taken away.
    public func remove() throws(RunFailure) -> Bool {
        guard unlink(path) != 0 else { return true }
        guard errno != ENOENT else { return false }
        throw RunFailure(.invalid, "\(path) cannot be removed: \(String(cString: strerror(errno)))", hint: "all is frozen still")
    }
}
