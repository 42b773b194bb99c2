import Foundation
import Testing

/// One script of `Hostile`, with what its first lines say of it. `scripts/check-room` reads the same lines.
struct HostileScript: Sendable, CustomTestStringConvertible {
    static let folder = BursarProgram.sources.appendingPathComponent("Hostile")
    /// Time that is never reached, so that a slow machine decides nothing; little memory.
    private static let defaultLimits = [("--time-limit", "20s"), ("--memory-limit", "64M")]

    /// `endless-lua/while`.
    let name: String
    let exitCode: Int32
    /// What standard error must say.
    let says: [String]
    /// What must stand nowhere.
    let without: [String]
    let arguments: [String]
    /// The side files it needs, each `KIND NAME CONTENT`: `HostilePlace.make` knows the kinds.
    let files: [String]
    /// What the run may leave in its folder.
    let leaves: Set<String>
    /// What is not there yet and the attack needs; it is not run then.
    let waitsFor: String?
    var testDescription: String { name }
    var path: String { HostileScript.folder.path + "/" + name + ".lua" }

    init(name: String) throws {
        self.name = name
        let text = try String(contentsOfFile: HostileScript.folder.path + "/" + name + ".lua", encoding: .utf8)
        var fields: [String: [String]] = [:]
        for line in text.split(separator: "\n") {
            guard line.hasPrefix("-- "), let colon = line.range(of: ": ") else { break }
            fields[String(line[line.index(line.startIndex, offsetBy: 3)..<colon.lowerBound]), default: []]
                .append(String(line[colon.upperBound...]))
        }
        exitCode = try #require(fields["exit"]?.first.flatMap(Int32.init), "\(name) says no exit code")
        _ = try #require(fields["attack"]?.first, "\(name) says no attack")
        says = fields["says", default: exitCode == 0 ? ["held"] : []].map(HostileScript.unescaped)
        without = fields["without", default: []].map(HostileScript.unescaped)
        let given = fields["limits", default: []].flatMap { $0.split(separator: " ").map(String.init) }
        let limits = HostileScript.defaultLimits.filter { !given.contains($0.0) }.flatMap { [$0.0, $0.1] }
        arguments = fields["arguments", default: []].flatMap { $0.split(separator: " ").map(String.init) } + given + limits
        files = fields["files", default: []]
        leaves = Set(fields["leaves", default: []])
        waitsFor = fields["waits for"]?.first
    }

    static func all() throws -> [HostileScript] {
        var scripts: [HostileScript] = []
        for group in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + group)) ?? []
            for file in files.sorted() where file.hasSuffix(".lua") {
                scripts.append(try HostileScript(name: "\(group)/\(file.dropLast(4))"))
            }
        }
        return scripts
    }

    static func unescaped(_ text: String) -> String { text.replacingOccurrences(of: "\\n", with: "\n") }
}

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

/// A program in a session of its own, by which whatever it leaves behind is found.
struct HostileRun {
    let exitCode: Int32
    let output: [UInt8]
    let errors: [UInt8]
    /// Processes of its session that are still there, as `number (name)`.
    let left: [String]

    init(_ arguments: [String], environment: [String: String], place: HostilePlace) throws {
        let folder = place.folder.path
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT, 0o600)
        // POSIX_SPAWN_SETSID, which glibc shows to GNU sources only.
        posix_spawnattr_setflags(&attributes, 0x80)
        let program = BursarProgram.folder.appendingPathComponent("bursar").path
        var argumentVector: [UnsafeMutablePointer<CChar>?] =
            (["env", "-C", place.work, program] + arguments).map { strdup($0) } + [nil]
        var environmentVector: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argumentVector + environmentVector { free(pointer) } }
        var number: pid_t = 0
        // `env` goes to the folder and becomes the program.
        try #require(posix_spawn(&number, "/usr/bin/env", &actions, &attributes, &argumentVector, &environmentVector) == 0)
        var status: Int32 = 0
        while waitpid(number, &status, 0) < 0, errno == EINTR {}
        exitCode = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
        output = HostileRun.bytes(folder + "/out")
        errors = HostileRun.bytes(folder + "/err")
        left = HostileRun.processes(ofSession: number)
    }

    private static func bytes(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? [] }

    /// What is there of a session once the system had time to take killed processes apart.
    private static func processes(ofSession session: pid_t) -> [String] {
        var found: [String] = []
        for _ in 0..<500 {
            found =
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { entry in
                    guard entry.first?.isNumber == true,
                        let stat = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                        let name = stat.lastIndex(of: ")")
                    else { return false }
                    // Behind the name: state, parent, group, session.
                    let fields = stat[name...].dropFirst(2).split(separator: " ")
                    return fields.count > 3 && pid_t(fields[3]) == session
                } ?? []
            if found.isEmpty { break }
            usleep(10_000)
        }
        return found
    }
}
