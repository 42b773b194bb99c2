import Foundation
import Testing

@Suite("bursar schedule install and uninstall")
struct ScheduleInstallTests {
    private static let analyze = "/usr/bin/systemd-analyze"

    /// The program as the tests run it, links resolved.
    private let program = BursarProgram.folder.appendingPathComponent("bursar").resolvingSymlinksInPath().path

    @Test("give cron one marked line and take it away again, byte for byte")
    func cron() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        let before = "# mine\nMAILTO=\"\"\n0 1 * * * backup 100\\%\n\n"
        _ = try fixture.folder.write("tab", before)
        let printed = try fixture.run(["install", "--cron", "--print"])
        #expect(printed.exitCode == 0 && fixture.folder.text("tab") == before)
        let file = fixture.path + "/schedules.yaml"
        let block = """
            # BEGIN bursar \(file)
            # Written by bursar schedule install; changes between these marks are lost.
            * * * * * cd \(fixture.path) && exec \(program) schedule tick --file \(file) --quiet
            # END bursar \(file)

            """
        #expect(printed.output == block)
        for _ in 0..<2 {
            let result = try fixture.run(["install", "--cron"])
            #expect(result.exitCode == 0 && result.output == "your crontab keeps the schedules of \(file)\n", "\(result.errors)")
            #expect(fixture.folder.text("tab") == before + block)
        }
        #expect(try fixture.run(["uninstall", "--cron"]).exitCode == 0)
        #expect(fixture.folder.text("tab") == before)
        #expect(try fixture.run(["uninstall", "--cron"]).errors == "your crontab has nothing of \(file)\n")
        #expect(fixture.folder.text("tab") == before)
    }

    @Test("make a crontab where there is none, and take it away when nothing else is in it")
    func emptyCrontab() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        #expect(try fixture.run(["install", "--cron"]).exitCode == 0)
        #expect(fixture.folder.text("tab").hasPrefix("# BEGIN bursar"))
        #expect(try fixture.run(["uninstall", "--cron"]).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/tab"))
    }

    @Test("leave a crontab alone that cannot be read or whose marks are damaged")
    func unreadable() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        let damaged = "# BEGIN bursar \(fixture.path)/schedules.yaml\n5 5 * * * mine\n"
        _ = try fixture.folder.write("tab", damaged)
        let result = try fixture.run(["install", "--cron"])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("is damaged: it has 1 first and 0 last marks\n  hint: take its lines out with crontab -e"))
        _ = try fixture.folder.write("broken", "")
        let broken = try fixture.run(["install", "--cron"])
        #expect(broken.exitCode == 5)
        #expect(broken.errors.contains("crontab -l ended with 1: crontab: cannot open spool"))
        #expect(fixture.folder.text("tab") == damaged)
    }

    @Test("give systemd a service and a timer for each schedule, and take away those of schedules that are gone")
    func systemd() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        try fixture.add("sweep", "*/15 0-2 1,15 * fri", zone: "Europe/Berlin")
        let units = fixture.path + "/.config/systemd/user"
        func files() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: units)) ?? []).sorted() }
        #expect(try fixture.run(["install", "--systemd", "--print"]).exitCode == 0 && files() == [])
        let result = try fixture.run(["install", "--systemd"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output == "\(units) keeps bursar-nightly.timer, bursar-sweep.timer\n")
        let all = ["bursar-nightly.service", "bursar-nightly.timer", "bursar-sweep.service", "bursar-sweep.timer"]
        #expect(files() == all)
        #expect(
            fixture.folder.text("systemctl.log") == """
                --user daemon-reload
                --user enable bursar-nightly.timer bursar-sweep.timer
                --user restart bursar-nightly.timer bursar-sweep.timer

                """)
        if FileManager.default.isExecutableFile(atPath: ScheduleInstallTests.analyze) {
            let verify = Process()
            verify.executableURL = URL(fileURLWithPath: ScheduleInstallTests.analyze)
            verify.arguments = ["verify"] + all.map { units + "/" + $0 }
            verify.standardError = try fixture.folder.handle("verify.txt")
            try verify.run()
            verify.waitUntilExit()
            #expect(verify.terminationStatus == 0)
            #expect(!fixture.folder.text("verify.txt").contains("bursar-"), "\(fixture.folder.text("verify.txt"))")
        }
        #expect(try fixture.run(["disable", "sweep"]).exitCode == 0)
        #expect(try fixture.run(["install", "--systemd"]).exitCode == 0)
        #expect(files() == ["bursar-nightly.service", "bursar-nightly.timer"])
        #expect(fixture.folder.text("systemctl.log").contains("--user disable --now bursar-sweep.timer\n"))
        // Somebody else's are never touched.
        _ = try fixture.folder.write(".config/systemd/user/bursar-sweep.timer", "[Timer]\n")
        #expect(try fixture.run(["enable", "sweep"]).exitCode == 0)
        let refused = try fixture.run(["install", "--systemd"])
        #expect(refused.exitCode == 3)
        #expect(refused.errors.contains("bursar-sweep.timer is not of \(fixture.path)/schedules.yaml"))
        #expect(try fixture.run(["uninstall", "--systemd"]).exitCode == 0)
        #expect(files() == ["bursar-sweep.timer"])
    }

    @Test("say what systemctl said")
    func systemctlFails() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        _ = try fixture.folder.write("systemctl.status", "1")
        let result = try fixture.run(["install", "--systemd"])
        #expect(result.exitCode == 5)
        #expect(result.errors.contains("systemctl --user daemon-reload ended with 1"))
    }
}
