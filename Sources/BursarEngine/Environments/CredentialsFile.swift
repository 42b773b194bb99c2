import Foundation

/// Credentials in a file that nobody but its owner can read.
enum CredentialsFile {
    /// - Throws: `RunFailure` of kind credentials.
    static func read(_ path: String) throws(RunFailure) -> [String: String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw RunFailure(
                .credentials, "the credentials' file \(path) cannot be read: \(String(cString: strerror(errno)))",
                hint: "credentials: file in bursar.yaml names it")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // The file that was opened is looked at, not whatever has its name by now.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw RunFailure(.credentials, "the credentials' file \(path) is no regular file", hint: "name a file")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw RunFailure(
                .credentials, "the credentials' file \(path) has the mode \(mode): others than its owner may read or write it",
                hint: "chmod 600 \(path), and consider new credentials: these may be known")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw RunFailure(
                .credentials, "the credentials' file \(path) belongs to the user \(status.st_uid)", hint: "use a file of your own"
            )
        }
        guard let data = try? file.read(upToCount: 65_536),
            let texts = RunCredentials.parse(String(decoding: data, as: UTF8.self))
        else { throw RunCredentials.unreadable("the file \(path)") }
        return texts
    }
}
