import Foundation
import Testing

/// A folder for one run: the script with its side files in `work`, and around it what must not be reached.
final class HostilePlace {
    static let outside = "marked-outside-3c77"
    let folder: TemporaryFolder
    let work: String
    let temporary: String
    private let before: Set<String>

    init(_ script: HostileScript, bank: String) throws {
        folder = try TemporaryFolder()
        work = folder.path + "/work"
        temporary = folder.path + "/tmp"
        for path in [work, temporary] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        _ = try folder.write("bursar.yaml", "default_environment: bank\nenvironments:\n  bank:\n    base_url: \(bank)\n")
        _ = try folder.write("outside.csv", "id\n\(HostilePlace.outside)\n")
        _ = try folder.write("outside.lua", "return \"\(HostilePlace.outside)\"\n")
        try FileManager.default.copyItem(atPath: script.path, toPath: work + "/attack.lua")
        for line in script.files { try HostilePlace.make(line, in: work) }
        before = HostilePlace.tree(work)
    }

    /// What a run left that was not there before.
    func leftBehind(except expected: Set<String>) -> [String] {
        (HostilePlace.tree(work).subtracting(before).subtracting(expected).map { "work/" + $0 }
            + HostilePlace.tree(temporary).map { "tmp/" + $0 }).sorted()
    }

    private static func tree(_ folder: String) -> Set<String> {
        Set((FileManager.default.enumerator(atPath: folder)?.allObjects as? [String]) ?? [])
    }

    private static func make(_ line: String, in folder: String) throws {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let path = folder + "/" + words[1]
        let rest = words.count > 2 ? words[2] : ""
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        switch words[0] {
        case "text": try Data(HostileScript.unescaped(rest).utf8).write(to: URL(fileURLWithPath: path))
        case "bytes":
            let bytes = stride(from: 0, to: rest.count, by: 2).compactMap { UInt8(rest.dropFirst($0).prefix(2), radix: 16) }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        case "repeat":
            let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let text = String(repeating: HostileScript.unescaped(parts[1]), count: try #require(Int(parts[0])))
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: rest)
        case "fifo": try #require(mkfifo(path, 0o600) == 0)
        case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        case "socket": try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
        default: Issue.record("no such kind of file: \(line)")
        }
    }
}
