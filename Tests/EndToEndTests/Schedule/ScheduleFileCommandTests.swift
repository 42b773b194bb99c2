import ExactJSON
import Foundation
import Testing

@Suite("bursar schedule add, list, next, enable, disable and remove")
struct ScheduleFileCommandTests {
    @Test("keep schedules in a file beside bursar.yaml that stays people's own")
    func file() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5", ["input=refunds.csv"])
        #expect(
            fixture.schedules == """
                # Schedules of Bursar, written by `bursar schedule add` and by people; see bursar schedule --help.
                # Paths are relative to this folder.

                nightly:
                  cron: "30 3 * * 1-5"
                  time_zone: America/Santiago
                  script: refunds.lua
                  arguments: ["input=refunds.csv"]
                  environment: sandbox

                """)
        let mine = fixture.schedules.replacing("  environment", with: "  # asked for by Ana\n  environment")
        let path = try fixture.folder.write("schedules.yaml", mine)
        try FileManager.default.setAttributes([.posixPermissions: 0o660], ofItemAtPath: path)
        try fixture.add(
            "sweep", "@hourly",
            ["a=b", "--overlap", "queue", "--missed", "all", "--jitter", "5m", "--time-limit", "2h", "--", "--parallel", "4"],
            zone: "UTC")
        #expect(
            fixture.schedules == mine + """

                sweep:
                  cron: "@hourly"
                  time_zone: UTC
                  script: refunds.lua
                  arguments: ["a=b", "--parallel", "4"]
                  environment: sandbox
                  overlap: queue
                  missed: all
                  jitter: 5m
                  time_limit: 2h

                """)
        #expect(try fixture.run(["disable", "nightly"]).output == "nightly is disabled in \(fixture.path)/schedules.yaml\n")
        #expect(fixture.schedules.hasPrefix(mine.replacing("nightly:\n", with: "nightly:\n  enabled: false\n")))
        let list = try fixture.run(["list", "--json", "--from", "2026-11-30T12:00:00Z"]).json()
        let entries = try #require(list["schedules"]?.array)
        #expect(entries.map { $0["name"]?.string } == ["nightly", "sweep"])
        #expect(entries[0]["next"]?.array == [])
        #expect(entries[1]["next"]?.array == ["2026-11-30T13:00:00Z", "2026-11-30T14:00:00Z", "2026-11-30T15:00:00Z"])
        #expect(try fixture.run(["enable", "nightly"]).exitCode == 0)
        #expect(try fixture.run(["remove", "sweep"]).exitCode == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o660)
        #expect(fixture.schedules == mine.replacing("nightly:\n", with: "nightly:\n  enabled: true\n"))
        #expect(
            try fixture.run(["list", "--from", "2026-11-30"]).output == """
                nightly
                  when       30 3 * * 1-5 in America/Santiago
                  script     refunds.lua input=refunds.csv in sandbox
                  policy     overlap skip; missed last within 24 h
                  next       2026-11-30 03:30 -03:00; 2026-12-01 03:30 -03:00; 2026-12-02 03:30 -03:00

                """)
    }

    @Test("find the file from below, and name a script as the file's folder sees it")
    func below() throws {
        let fixture = try ScheduleFixture()
        try FileManager.default.createDirectory(atPath: fixture.path + "/deep/er", withIntermediateDirectories: true)
        _ = try fixture.folder.write("deep/er/own.lua", "print(1)\n")
        let result = try BursarProgram.run(
            ["schedule", "add", "own", "@daily", "own.lua", "a=b", "--env", "bank", "--time-zone", "UTC"],
            in: fixture.path + "/deep/er")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(fixture.schedules.contains("\n  script: deep/er/own.lua\n"))
        #expect(
            result.errors == """
                note: paths in its arguments are read from \(fixture.path)
                note: nothing runs it yet: bursar schedule install --cron, or --systemd

                """)
    }

    @Test("print the next times over a change of the clocks, and leave dates out")
    func next() throws {
        let fixture = try ScheduleFixture()
        let expression = ["next", "30 2 * * *", "--time-zone", "Europe/Berlin", "--from", "2027-03-27", "--count", "3"]
        #expect(
            try fixture.run(expression).output == """
                2027-03-27 02:30 +01:00  2027-03-27T01:30:00Z
                2027-03-28 03:00 +02:00  2027-03-28T01:00:00Z
                2027-03-29 02:30 +02:00  2027-03-29T00:30:00Z

                """)
        #expect(
            try fixture.run(expression + ["--json"]).json().array?.first
                == ["at": "2027-03-27T01:30:00Z", "local": "2027-03-27 02:30 +01:00"])
        _ = try fixture.folder.write("holidays.txt", "12-25 # every year\n2026-12-28..2026-12-30\n")
        try fixture.add("daily", "0 9 * * 1-5", ["--leave-out", "holidays.txt"], zone: "UTC")
        #expect(
            try fixture.run(["next", "daily", "--from", "2026-12-24", "--count", "3"]).output == """
                2026-12-24 09:00 +00:00  2026-12-24T09:00:00Z
                2026-12-31 09:00 +00:00  2026-12-31T09:00:00Z
                2027-01-01 09:00 +00:00  2027-01-01T09:00:00Z

                """)
        _ = try fixture.folder.write("holidays.txt", "12-25\nsoon\n")
        let wrong = try fixture.run(["next", "daily"])
        #expect(wrong.exitCode == 3)
        #expect(wrong.errors.hasPrefix("error: \(fixture.path)/holidays.txt:2: \"soon\" is no date\n  hint: write 2026-12-25"))
    }

    @Test(
        "refuse what is wrong, say what to do, and change nothing",
        arguments: [
            (
                ["add", "n", "61 * * * *", "refunds.lua"], 3,
                "the minute field \"61\" has \"61\"\n  hint: it takes numbers from 0 to 59"
            ),
            (["add", "n", "0 0 30 2 *", "refunds.lua"], 3, "never fires: no such month has a day 30"),
            (["add", "n", "@daily", "nothing.lua"], 3, "there is no script nothing.lua"),
            (["add", "n", "@daily", "."], 3, "there is no script ."),
            (["add", "n o", "@daily", "refunds.lua"], 3, "\"n o\" is no name for a schedule\n  hint: write at most 60 letters"),
            (["add", "nightly", "@daily", "refunds.lua"], 3, "schedules.yaml:4: there is a schedule nightly already"),
            (
                ["add", "n", "@daily", "refunds.lua", "--env", "lokal"], 3,
                "there is no environment \"lokal\"; there are local, sandbox"
            ),
            (
                ["add", "n", "@daily", "refunds.lua", "--time-zone", "Berlin"], 3,
                "there is no time zone \"Berlin\"\n  hint: did you mean Europe/Berlin?"
            ),
            (["add", "n", "@daily", "refunds.lua", "--leave-out", "no.txt"], 3, "there is no file of dates no.txt"),
            (["add", "n", "@daily", "refunds.lua", "--jitter", "100ms"], 2, "'100ms' is invalid"),
            (["add", "n", "@daily", "refunds.lua", "input"], 2, "\"input\" is no argument for a script; write name=value."),
            (["add", "n", "@daily", "refunds.lua", "--", "--env=production"], 2, "--env=production does not belong behind --"),
            (
                ["add", "n", "@daily", "refunds.lua", "--", "--dry-run"], 3,
                "--dry-run does not belong into the arguments of the schedule n\n  hint: a rehearsal is for no slot; take it out"
            ),
            (
                ["add", "n", "@daily", "refunds.lua", "--", "--again"], 3,
                "hint: bursar schedule run-slot --again does a slot once more"
            ),
            (
                ["add", "n", "@daily", "refunds.lua", "--", "--paralell=4"], 3,
                "has arguments that bursar run does not take: Unknown option '--paralell'"
            ),
            (["remove", "nigthly"], 3, "there is no schedule \"nigthly\"\n  hint: did you mean nightly?"),
            (["disable", "other"], 3, "there is no schedule \"other\"\n  hint: there are nightly"),
            (["next", "nothing"], 3, "there is no schedule \"nothing\""),
            (["next", "@daily"], 2, "A cron expression needs its --time-zone."),
            (["next", "nightly", "--time-zone", "UTC"], 2, "--time-zone goes with a cron expression; a schedule has its own."),
            (["next", "nightly", "--count", "0"], 2, "--count must be from 1 to 100000."),
        ] as [([String], Int32, String)])
    func refusals(arguments: [String], exitCode: Int32, message: String) throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * 1-5")
        let before = fixture.schedules
        var arguments = arguments
        if arguments[0] == "add" {
            let usual = [("--env", "local"), ("--time-zone", "UTC")].filter { !arguments.contains($0.0) }
            arguments.insert(contentsOf: usual.flatMap { [$0.0, $0.1] }, at: 4)
        }
        let result = try fixture.run(arguments)
        #expect(result.exitCode == exitCode)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(fixture.schedules == before)
    }

    @Test("say where a file that people changed is wrong")
    func wrongFile() throws {
        let fixture = try ScheduleFixture()
        #expect(
            try fixture.run(["list"]).errors.contains("there are no schedules yet: \(fixture.path)/schedules.yaml does not exist")
        )
        try fixture.add("nightly", "30 3 * * 1-5")
        let wrong = fixture.schedules.replacing("  time_zone:", with: "  timezone:")
        _ = try fixture.folder.write("schedules.yaml", wrong)
        for arguments in [["list"], ["next", "nightly"], ["disable", "nightly"]] {
            let result = try fixture.run(arguments)
            #expect(result.exitCode == 3)
            #expect(
                result.errors == """
                    error: \(fixture.path)/schedules.yaml:6: "timezone" is not a key of a schedule
                      hint: did you mean time_zone?

                    """)
        }
        #expect(fixture.schedules == wrong)
        let json = try fixture.run(["list", "--json"]).json()
        #expect(json["failure"]?["message"] == "\"timezone\" is not a key of a schedule")
    }
}
