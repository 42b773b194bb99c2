import ExactJSON
import Foundation
import Testing

/// Debian's own cron, two of them, each in a place of its own: its spool and its process number are folders in memory that no other
/// process sees, and the system's own jobs are covered up.
@Suite("Schedules that the system's cron keeps")
struct CronDaemonTests {
    private static let cron = "/usr/sbin/cron"

    private static var isPossible: Bool {
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: cron)
            && (try? BursarProgram.run(
                ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], program: URL(fileURLWithPath: "/usr/bin/unshare")))?.exitCode
                == 0
    }

    /// Installs into an empty spool behind lines of somebody else's, then becomes the daemon.
    private static let script = """
        set -eu
        for folder in /var/spool/cron /run /etc/cron.d; do mount -t tmpfs none "$folder"; done
        mount --bind /dev/null /etc/crontab
        mkdir -p /var/spool/cron/crontabs
        chmod 1730 /var/spool/cron/crontabs
        chgrp crontab /var/spool/cron/crontabs
        crontab "$1"
        "$2" schedule install --cron
        crontab -l > "$1.installed"
        exec /usr/sbin/cron -f
        """

    private func daemon(_ name: String, _ server: SandboxServer) throws -> BursarProgram.Running {
        let folder = server.folder.path
        let settings = server.environment.merging(["HOME": folder, "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"]) { $1 }
        let lines =
            settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + ["* * * * * touch \(folder)/\(name).fired", ""]
        let tab = try server.folder.write(name, lines.joined(separator: "\n"))
        let bursar = BursarProgram.folder.appendingPathComponent("bursar").path
        return try BursarProgram.Running(
            ["--mount", "sh", "-c", CronDaemonTests.script, "sh", tab, bursar],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], in: folder, program: URL(fileURLWithPath: "/usr/bin/unshare"))
    }

    /// Whether a tick of these schedules runs anywhere.
    private func isTicking(_ folder: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { $0.allSatisfy(\.isNumber) }.contains { name in
            let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
            return String(decoding: words, as: UTF8.self).contains("\0tick\0--file\0\(folder)")
        }
    }

    @Test(
        "are run at their minute, once, by two daemons that share a journal",
        .enabled(if: isPossible, "it needs root, cron and a mount namespace"))
    func daemons() async throws {
        let server = try await SandboxServer()
        let folder = URL(fileURLWithPath: server.folder.path).resolvingSymlinksInPath().path
        _ = try server.folder.write("s.lua", "job { name = \"night\" }\nconomy.customers.create { firstName = \"n\" }\n")
        let added = try server.run(["schedule", "add", "night", "* * * * *", "s.lua", "--env", "bank", "--time-zone", "UTC"])
        try #require(added.exitCode == 0, "\(added.errors)")
        let daemons = try ["one", "two"].map { try daemon($0, server) }
        func slots() throws -> [JSON] {
            let status = try server.run(["schedule", "status", "--json", "--count", "10"])
            return try status.json()["schedules"]?.array?.first?["slots"]?.array ?? []
        }
        // The next minute comes within one; both daemons fire in it.
        for (name, daemon) in zip(["one", "two"], daemons) {
            try await daemon.until { FileManager.default.fileExists(atPath: "\(folder)/\(name).fired") }
        }
        try await daemons[0].until { try slots().contains { $0["state"] == "done" } && !isTicking(folder) }
        for daemon in daemons { daemon.signal(SIGTERM) }
        for daemon in daemons { _ = daemon.wait() }
        // What they began goes on without them.
        for _ in 0..<6000 where isTicking(folder) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(server.folder.text("one.installed").contains("\n# BEGIN bursar \(folder)/schedules.yaml\n"))
        let done = try slots()
        #expect(done.allSatisfy { $0["state"] == "done" }, "\(done)")
        #expect(try await server.calls().count { $0["operation"] == "customers.create" } == done.count)
    }
}
