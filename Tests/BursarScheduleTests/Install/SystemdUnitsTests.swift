import BursarSchedule
import Foundation
import Testing

@Suite("The units of systemd")
struct SystemdUnitsTests {
    private func units(_ schedules: [Schedule], _ file: String) throws -> SystemdUnits {
        // A program that is there: systemd looks.
        let invocation = try Invocation(program: "/bin/true", file: file)
        return try SystemdUnits(schedules, invocation, now: instant("2026-11-30T00:00:00Z"))
    }

    @Test("are a service and a timer for each schedule that is enabled")
    func files() throws {
        let off = try schedule("off") { $0.isEnabled = false }
        let units = try units(
            [schedule("nightly", "30 3 * * 1-5", zone: "America/Santiago"), off], "/srv/pay/schedules.yaml")
        #expect(units.files.map(\.name) == ["bursar-nightly.service", "bursar-nightly.timer"])
        #expect(units.timers == ["bursar-nightly.timer"])
        #expect(
            units.files[0].text == """
                # Written by bursar schedule install for /srv/pay/schedules.yaml
                # Changes here are lost; bursar schedule uninstall takes it away.

                [Unit]
                Description=Bursar schedule nightly

                [Service]
                Type=oneshot
                WorkingDirectory=/srv/pay
                ExecStart=/bin/true schedule tick nightly --file /srv/pay/schedules.yaml --quiet
                # Bursar lets effects that are on their way come to their end; its worker ends with it.
                KillMode=mixed
                TimeoutStopSec=30

                """)
        #expect(
            units.files[1].text == """
                # Written by bursar schedule install for /srv/pay/schedules.yaml
                # Changes here are lost; bursar schedule uninstall takes it away.

                [Unit]
                Description=When Bursar's schedule nightly is due: 30 3 * * 1-5

                [Timer]
                OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00 America/Santiago
                AccuracySec=1s
                # After a time asleep; the schedule says which slots are made up for.
                Persistent=true

                [Install]
                WantedBy=timers.target

                """)
        #expect(units.files.allSatisfy { SystemdUnits.isOwn($0.text, of: "/srv/pay/schedules.yaml") })
        #expect(units.files.allSatisfy { !SystemdUnits.isOwn($0.text, of: "/srv/pay/schedules.yam") })
        #expect(!SystemdUnits.isOwn("[Unit]\n", of: "/srv/pay/schedules.yaml"))
    }

    @Test("pass systemd-analyze verify, in folders of any name", .enabled(if: Systemd.program != nil))
    func verified() throws {
        for name in ["plain", "it's 100% \"odd\" $HOME $$ ;", "ünï codé", #"back\slash"#] {
            let folder = NSTemporaryDirectory() + "bursar-units-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
            let units = try units(
                [
                    schedule("nightly", "30 3 * * 1-5", zone: "America/Santiago"), schedule("often", "* * * * *"),
                    schedule("either", "*/7 0-2 1,15 * fri", zone: "Europe/Berlin"),
                ], folder + "/" + name + "/schedules.yaml")
            for unit in units.files { try Data(unit.text.utf8).write(to: URL(fileURLWithPath: folder + "/" + unit.name)) }
            let (output, status) = try Systemd.analyze(["verify"] + units.files.map { folder + "/" + $0.name })
            // It speaks of the host's own units, too.
            let ours = output.split(separator: "\n").filter { $0.contains("bursar-") }
            #expect(status == 0 && ours.isEmpty, "\(output)")
        }
    }

    @Test("that are wrong do not pass: the check above can fail", .enabled(if: Systemd.program != nil))
    func verificationCanFail() throws {
        let path = NSTemporaryDirectory() + "bursar-wrong-\(UUID().uuidString).timer"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("[Timer]\nOnCalendar=*-13-* 00:00:00 Nowhere/Land\n".utf8).write(to: URL(fileURLWithPath: path))
        let (output, status) = try Systemd.analyze(["verify", path])
        #expect(status != 0 || output.contains("bursar-wrong"))
    }
}
