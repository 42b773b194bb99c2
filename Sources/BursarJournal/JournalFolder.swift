import Foundation

/// The folder a journal lives in, and the names of the files in it. All of them are the owner's alone.
public struct JournalFolder: Sendable, Equatable {
    /// Absolute.
    public let path: String

    public init(path: String) { self.path = path }

    /// Where the journal lives when nobody says: beside `bursar.yaml`, or else in the user's state folder.
    /// - Parameter configuration: the path of `bursar.yaml`; nil when there is none.
    public init(besides configuration: String?, environment: [String: String]) {
        if let configuration {
            let folder = URL(fileURLWithPath: configuration).standardizedFileURL.deletingLastPathComponent()
            path = folder.appendingPathComponent(".bursar").path
            return
        }
        // Relative values are invalid by the specification of the XDG folders, and ignored.
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        path = (state ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state") + "/bursar"
    }

    public var database: String { path + "/journal.sqlite" }
    var anchor: String { path + "/journal.head" }
    var lock: String { path + "/journal.lock" }
    /// The log lines of a run, one JSON object each.
    public func log(ofRun name: String) -> String { path + "/logs/\(name).jsonl" }

    public var exists: Bool { FileManager.default.fileExists(atPath: database) }

    /// Makes what is missing of the folder, readable by its owner only.
    /// - Throws: `JournalError` of kind storage.
    func make() throws(JournalError) {
        for folder in [path, path + "/logs"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw JournalError(
                    .storage, "the folder of the journal, \(folder), cannot be made: \(error.localizedDescription)",
                    hint: "name another one with --state DIR; nothing was sent")
            }
        }
    }

    /// Opens a file of the folder, and makes it first where it is missing, with mode 0600 from its first moment.
    /// - Throws: `JournalError` of kind storage.
    static func open(_ path: String) throws(JournalError) -> Int32 {
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw JournalError(
                .storage, "\(path) cannot be opened: \(String(cString: strerror(errno)))",
                hint: "the journal's folder must be yours to write; nothing was sent")
        }
        return descriptor
    }

    /// True where files lie on another machine: there the memory that SQLite's write-ahead log shares does not reach.
    var isOnNetwork: Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/self/mounts") else { return false }
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/"
        var best: (length: Int, kind: Substring) = (0, "")
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let place = fields[1] == "/" ? "/" : fields[1].replacing("\\040", with: " ") + "/"
            // Of several mounts at one place the last one counts.
            if real.hasPrefix(place), place.utf8.count >= best.length { best = (place.utf8.count, fields[2]) }
        }
        return ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "afs", "glusterfs", "fuse.sshfs", "fuse.glusterfs"]
            .contains(best.kind)
    }
}
