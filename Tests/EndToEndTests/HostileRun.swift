import Foundation
import Testing

/// A program in a session of its own, by which whatever it leaves behind is found.
struct HostileRun {
    let exitCode: Int32
    let output: [UInt8]
    let errors: [UInt8]
    /// Processes of its session that are still there, as `number (name)`.
    let left: [String]

    /// - Parameter folder: where its output goes.
    /// - Parameter work: where it is started.
    init(_ arguments: [String], environment: [String: String], folder: String, work: String) throws {
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
            (["env", "-C", work, program] + arguments).map { strdup($0) } + [nil]
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
