import Foundation

/// The folder a journal lives in, and the names of the files in it. All of them are the owner's alone.
public struct JournalFolder: Sendable, Equatable {
    /// Absolute.
    public let path: String
    /// Where the second anchors of journals are kept, by which an old copy of a whole folder is noticed; nil keeps none.
    public let anchors: String?

    /// As if it were on another machine.
    var refusesSharedMemory = false

    /// Without a second anchor.
    public init(path: String) {
        self.path = path
        anchors = nil
    }

    /// A folder that someone named, with a second anchor in the user's state folder.
    public init(path: String, environment: [String: String]) {
        self.path = path
        anchors = JournalFolder.stateFolder(environment) + "/anchors"
    }

    /// Where the journal lives when nobody says: beside `bursar.yaml`, or else in the user's state folder.
    /// - Parameter configuration: the path of `bursar.yaml`; nil when there is none.
    public init(besides configuration: String?, environment: [String: String]) {
        if let configuration {
            let folder = URL(fileURLWithPath: configuration).standardizedFileURL.deletingLastPathComponent()
            self.init(path: folder.appendingPathComponent(".bursar").path, environment: environment)
        } else {
            self.init(path: JournalFolder.stateFolder(environment), environment: environment)
        }
    }

    private static func stateFolder(_ environment: [String: String]) -> String {
        // Relative values are invalid by the specification of the XDG folders, and ignored.
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (state ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state") + "/bursar"
    }

    public var database: String { path + "/journal.sqlite" }
    var writeAheadLog: String { database + "-wal" }
    var anchor: String { path + "/journal.head" }
    /// The second anchor of the journal with this id, while it lies at this place: a copy elsewhere goes its own way.
    func secondAnchor(ofJournal id: String) -> String? {
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return anchors.map { "\($0)/\(ChainHash(of: "\(id) \(place)").hex)" }
    }
    var lock: String { path + "/journal.lock" }
    /// The log lines of a run, one JSON object each.
    public func log(ofRun name: String) -> String { path + "/logs/\(name).jsonl" }

    /// Where what nobody attends to in the embedded bank is kept: schedules and listeners, which have no other place for it.
    public var unattended: String { path + "/local" }

    public var exists: Bool { FileManager.default.fileExists(atPath: database) }

    /// Makes what is missing of the folder, readable by its owner only.
    /// - Throws: `JournalError` of kind storage.
    func make() throws(JournalError) {
        try requireNoFile()
        for folder in [path, path + "/logs"] { try JournalFolder.make(folder) }
    }

    /// - Throws: `JournalError` of kind conflict when something else than a folder is there.
    func requireNoFile() throws(JournalError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { return }
        throw JournalError(
            .conflict, "\(path) is a file, and a journal needs a folder",
            hint: "name the folder that the journal is in, or shall be in, with --state DIR; nothing was sent")
    }

    static func make(_ folder: String) throws(JournalError) {
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError(
                .storage, "the folder of the journal, \(folder), cannot be made: \(error.systemReason)",
                hint: "name another one with --state DIR; nothing was sent")
        }
        flush(URL(fileURLWithPath: folder).deletingLastPathComponent().path)
    }

    /// In bytes; zero where there is no file.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Makes the names in a folder durable.
    static func flush(_ folder: String) {
        let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Opens a file of the folder, and makes it first where it is missing, with mode 0600 from its first moment.
    ///
    /// Not for the database: when any descriptor of a file is closed, the process loses all the locks that SQLite has on it.
    /// - Throws: `JournalError` of kind storage.
    static func open(_ path: String) throws(JournalError) -> Int32 {
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw cannotOpen(path) }
        fchmod(descriptor, 0o600)
        return descriptor
    }

    /// Makes the database's file where it is missing, and shuts others out of one that came with other rights.
    /// - Throws: `JournalError` of kind storage.
    func makeDatabase() throws(JournalError) {
        let descriptor = Foundation.open(database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 {
            // Nobody can have locks on it yet.
            close(descriptor)
        } else if errno != EEXIST {
            throw JournalFolder.cannotOpen(database)
        }
        for file in [database, writeAheadLog, database + "-shm"] {
            var status = stat()
            guard lstat(file, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw JournalError(
                    .storage, "\(file) is a link or a folder, and must be a file",
                    hint: "name another folder with --state DIR; nothing was sent")
            }
            if status.st_mode & 0o077 != 0 { chmod(file, 0o600) }
        }
    }

    private static func cannotOpen(_ path: String) -> JournalError {
        JournalError(
            .storage, "\(path) cannot be opened: \(String(cString: strerror(errno)))",
            hint: "the journal's folder must be yours to write; nothing was sent")
    }

    /// Whether SQLite must do without memory that all processes share, and with it without a write-ahead log.
    var isWithoutSharedMemory: Bool { refusesSharedMemory || isOnNetwork }

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
