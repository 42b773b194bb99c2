import Foundation

/// Whether there is room where the journal lives.
public struct DiskCheck: Check {
    private let folder: String

    /// - Parameter journal: the journal's folder, which may be missing still.
    public init(journal: String) { folder = JournalPlace.existing(journal) }

    public func results() -> [CheckResult] {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            return [
                .failed(
                    "disk", .journal, "\(folder) cannot be looked at: \(String(cString: strerror(errno)))",
                    hint: "--state DIR names another folder")
            ]
        }
        // Some file systems count no inodes.
        return DiskCheck.results(
            folder, free: Int(status.f_bavail) * Int(status.f_frsize), inodes: status.f_files == 0 ? nil : Int(status.f_favail))
    }

    /// - Parameters:
    ///   - free: in bytes.
    ///   - inodes: how many files can still be made; nil where that is not bounded.
    static func results(_ folder: String, free: Int, inodes: Int?) -> [CheckResult] {
        let room = free >> 30 >= 10 ? "\(free >> 30) GB" : "\(free >> 20) MB"
        let text = "\(room)\(inodes.map { " and \($0) inodes" } ?? "") are free in \(folder)"
        let hint = "make room, or name another folder with --state DIR: a run stops when nothing can be recorded"
        if free < 8 << 20 || inodes ?? .max < 16 { return [.failed("disk", .journal, text, hint: hint)] }
        if free < 256 << 20 || inodes ?? .max < 1000 { return [.warning("disk", text, hint: hint)] }
        return [.ok("disk", text)]
    }
}
