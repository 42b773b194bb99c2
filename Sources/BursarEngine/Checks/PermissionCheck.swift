import Foundation

/// Who else can read or write what should be its owner's alone: the journal, keys, the files of credentials; and who can write
/// `bursar.yaml`, which has the policy.
public struct PermissionCheck: Check {
    private let journal: String?
    private let configuration: Configuration?
    private let keys: String

    /// - Parameters:
    ///   - journal: the journal's folder; nil where it is not known.
    ///   - configuration: nil where it cannot be read.
    ///   - environment: the process's: it says where the user's keys are.
    public init(journal: String?, configuration: Configuration?, environment: [String: String]) {
        self.journal = journal
        self.configuration = configuration
        keys = KeyStore(environment: environment).folder
    }

    public func results() -> [CheckResult] {
        let found = journalResults + configurationResults + credentialResults + keyResults
        return found.isEmpty ? [.ok("permissions", "what is yours alone is open to nobody else")] : found
    }

    private var journalResults: [CheckResult] {
        guard let journal, let folder = FileMode(journal) else { return [] }
        guard access(journal, W_OK | X_OK) == 0 else {
            return [
                .failed(
                    "permissions", .journal, "the journal's folder \(journal) is not yours to write",
                    hint: "it belongs to the user \(folder.owner): run as that user, or name another with --state DIR")
            ]
        }
        // A folder that nobody else may enter keeps its files, whatever their own modes are.
        guard folder.isOpenToOthers else { return [] }
        return [
            .warning(
                "permissions", "the journal's folder \(journal) has the mode \(folder.text): others may look into it",
                hint: "chmod 700 \(journal)")
        ]
            + FileMode.files(in: journal).filter(\.isOpenToOthers).map {
                .warning("permissions", "\($0.path) has the mode \($0.text): others may read it", hint: "chmod 600 \($0.path)")
            }
    }

    private var configurationResults: [CheckResult] {
        guard let path = configuration?.path, let file = FileMode(path), file.isWritableByOthers else { return [] }
        return [
            .warning(
                "permissions", "\(path) has the mode \(file.text): others may change its policy",
                hint: "chmod 644 \(path)")
        ]
    }

    private var credentialResults: [CheckResult] {
        guard let configuration else { return [] }
        let files = configuration.environments.values.compactMap { settings -> String? in
            if case .file(let path)? = settings.credentials { path } else { nil }
        }
        return Set(files).sorted().compactMap { path in
            do throws(RunFailure) {
                _ = try CredentialsFile.read(path)
                return nil
            } catch { return .failed("permissions", error) }
        }
    }

    private var keyResults: [CheckResult] {
        FileMode.files(in: keys).filter { $0.path.hasSuffix(".key") && $0.isOpenToOthers }.map {
            .failed(
                "permissions", .refused, "the key \($0.path) has the mode \($0.text): others may read it",
                hint: "chmod 600 it if you know who has read it, or make a new key")
        }
    }
}

/// A file's owner and rights.
private struct FileMode {
    let path: String
    let owner: UInt32
    private let mode: UInt32

    /// Nil where there is no file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        owner = status.st_uid
        mode = status.st_mode & 0o777
    }

    static func files(in folder: String) -> [FileMode] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { FileMode("\(folder)/\($0)") }
    }

    var isOpenToOthers: Bool { mode & 0o077 != 0 }
    var isWritableByOthers: Bool { mode & 0o022 != 0 }
    var text: String { String(mode, radix: 8) }
}
