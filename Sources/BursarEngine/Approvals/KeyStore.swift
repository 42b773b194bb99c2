import BursarJournal
import ExactJSON
import Foundation

/// The keys of this user: one file a key, beneath the folder for configuration.
public struct KeyStore: Sendable {
    /// What is known of a key without opening it.
    public struct Entry: Sendable {
        public let name: String
        public let publicKey: PublicKey
        /// True where a passphrase opens it.
        public let isLocked: Bool
    }

    public let folder: String

    /// - Parameter environment: the process's; `XDG_CONFIG_HOME` and `HOME` say where the folder is.
    public init(environment: [String: String]) {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        folder = (base ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.config") + "/bursar/keys"
    }

    /// A key's name is a file's name, and stands in `bursar.yaml`.
    private static func check(_ name: String) throws(RunFailure) {
        let isPlain = name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x2D, 0x2E, 0x5F].contains($0)
        }
        guard isPlain, (1...64).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-") else {
            throw RunFailure(
                .usage, "\"\(name)\" is no name for a key",
                hint: "1 to 64 letters, digits, dots, dashes or underscores, such as ana")
        }
    }

    private func path(_ name: String) -> String { "\(folder)/\(name).key" }

    /// Makes a new key.
    /// - Throws: `RunFailure` when there is one of this name, or it cannot be written.
    public func make(_ name: String, passphrase: String?) throws(RunFailure) -> Entry {
        try KeyStore.check(name)
        let file = try KeyFile(SigningKey(name: name), passphrase: passphrase)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw RunFailure(.temporary, "the folder of keys \(folder) cannot be made: \(error.systemReason)") }
        let descriptor = Foundation.open(path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? RunFailure(.invalid, "there is a key \(name) already", hint: "a key is never overwritten: name another")
                : RunFailure(.temporary, "the key \(name) cannot be written to \(folder): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try handle.write(contentsOf: Data((file.json.text(.pretty) + "\n").utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            unlink(path(name))
            throw RunFailure(.temporary, "the key \(name) cannot be written: \(error.systemReason)")
        }
        return Entry(name: name, publicKey: file.publicKey, isLocked: file.isLocked)
    }

    /// All keys by name.
    /// - Throws: `RunFailure` when one of them cannot be read.
    public func list() throws(RunFailure) -> [Entry] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var entries: [Entry] = []
        for file in files.sorted() where file.hasSuffix(".key") { entries.append(try find(String(file.dropLast(4)))) }
        return entries
    }

    /// - Throws: `RunFailure` when there is no such key.
    public func find(_ name: String) throws(RunFailure) -> Entry {
        let file = try read(name)
        return Entry(name: file.name, publicKey: file.publicKey, isLocked: file.isLocked)
    }

    /// The private half.
    /// - Parameter passphrase: asked for where the key is locked.
    /// - Throws: `RunFailure` when there is no such key, or others can read it, or the passphrase is not its own.
    public func open(_ name: String, passphrase: () throws(RunFailure) -> String) throws(RunFailure) -> SigningKey {
        let file = try read(name)
        var status = stat()
        guard stat(path(name), &status) == 0, status.st_mode & 0o077 == 0 else {
            throw RunFailure(
                .refused, "the key \(name) is open to others: \(path(name))",
                hint: "chmod 600 it if you know who has read it, or make a new key")
        }
        return try file.open(passphrase: passphrase)
    }

    private func read(_ name: String) throws(RunFailure) -> KeyFile {
        try KeyStore.check(name)
        guard let data = FileManager.default.contents(atPath: path(name)) else {
            throw RunFailure(.invalid, "there is no key \(name) in \(folder)", hint: "bursar keys list shows those there are")
        }
        guard let json = try? JSON(parsing: data), let file = KeyFile(json), file.name == name else {
            throw RunFailure(.invalid, "\(path(name)) is not a key as bursar keys new wrote it")
        }
        return file
    }
}
