import ExactJSON
import Foundation
import Testing

/// A folder with a script and a configuration, and a `crontab` and a `systemctl` that stand in for the system's.
final class ScheduleFixture {
    let folder: TemporaryFolder
    /// The path of the folder, links resolved: as the program names it.
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
        _ = try folder.write("refunds.lua", "print(1)\n")
        _ = try folder.write("bursar.yaml", "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n")
        // Debian's: one file, an error that says whose it is where there is none, the last line break wanted.
        try program(
            "crontab",
            """
            case $1 in
            -l) if [ -e "$HOME/broken" ]; then echo "crontab: cannot open spool" >&2; exit 1; fi
                if [ -e "$HOME/tab" ]; then cat "$HOME/tab"; else echo "no crontab for test" >&2; exit 1; fi ;;
            -) cat > "$HOME/tab" ;;
            -r) rm "$HOME/tab" ;;
            esac
            """)
        try program(
            "systemctl", "echo \"$*\" >> \"$HOME/systemctl.log\"\nexit $(cat \"$HOME/systemctl.status\" 2>/dev/null || echo 0)")
    }

    private func program(_ name: String, _ body: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
        let path = try folder.write("bin/" + name, "#!/bin/sh\n\(body)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    func run(_ arguments: [String]) throws -> BursarProgram.Result {
        try BursarProgram.run(
            ["schedule"] + arguments, environment: ["HOME": path, "PATH": "\(path)/bin:/usr/bin:/bin"], in: path)
    }

    /// Adds a schedule that must be taken.
    func add(_ name: String, _ cron: String, _ more: [String] = [], zone: String = "America/Santiago") throws {
        let result = try run(["add", name, cron, "refunds.lua", "--env", "sandbox", "--time-zone", zone] + more)
        try #require(result.exitCode == 0, "\(result.errors)")
    }

    var schedules: String { folder.text("schedules.yaml") }
}
