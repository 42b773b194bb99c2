import BursarSchedule
import Foundation
import Fuzzing
import Testing

@Suite("A file of schedules")
struct ScheduleFileTests {
    private static let reading = ScheduleFile.Reading(
        closest: { word, among in among.first { $0.first == word.first && abs($0.count - word.count) <= 1 } },
        length: { text in
            let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            if text == "1500ms" { return .milliseconds(1500) }
            guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()), number >= 0 else { return nil }
            return .seconds(number * unit)
        })

    private func file(_ text: String) throws -> ScheduleFile {
        try ScheduleFile(text: text, path: "schedules.yaml", reading: ScheduleFileTests.reading)
    }

    private static let two = """
        # What runs at night.

        nightly-refunds:
          cron: "30 3 * * 1-5"   # before the bank opens
          time_zone: America/Santiago
          script: refunds.lua
          arguments: ["input=refunds.csv", "--parallel", "4"]
          environment: sandbox
          overlap: queue
          missed: all
          missed_within: 2d
          jitter: 90s
          time_limit: 2h
          leave_out: holidays.txt

        # Once an hour.
        sweep:
            cron: '@hourly'
            time_zone: UTC
            script: sweep.lua
            environment: production
            # Off until the audit is done.
            enabled: false   # Ana
        # The end.

        """

    @Test("says all of a schedule, and what is as usual need not be said")
    func read() throws {
        let schedules = try file(ScheduleFileTests.two).schedules
        var first = try schedule("nightly-refunds", "30 3 * * 1-5", zone: "America/Santiago")
        first.arguments = ["input=refunds.csv", "--parallel", "4"]
        first.overlap = .queue
        first.missed = .all
        first.missedWithin = .seconds(172_800)
        first.jitter = .seconds(90)
        first.timeLimit = .seconds(7200)
        first.leaveOut = "holidays.txt"
        #expect(schedules.first == first)
        #expect(schedules.map(\.isEnabled) == [true, false])
        #expect(schedules[1].overlap == .skip && schedules[1].missed == .last && schedules[1].missedWithin == .seconds(86_400))
        for empty in ["", "# nothing yet\n", "{}\n"] { #expect(try file(empty).schedules == []) }
    }

    @Test(
        "that is wrong says file and line, what is wrong and what to do",
        arguments: [
            ("  cron: 0 3 * * *", "  corn: 0 3 * * *", "3: \"corn\" is not a key of a schedule; did you mean cron?"),
            ("  cron: 0 3 * * *", "  when: 0 3 * * *", "3: \"when\" is not a key of a schedule; the keys are cron, time_zone,"),
            ("  cron: 0 3 * * *", "  cron: 0 25 * * *", "3: the hour field \"25\" has \"25\"; it takes numbers from 0 to 23"),
            ("  cron: 0 3 * * *", "  jitter: 5m", "2: the schedule has no cron; add it"),
            ("  cron: 0 3 * * *", "  cron: [1]", "3: the cron expression \"\" has 0 fields; five belong there"),
            ("  time_zone: UTC", "  time_zone: Berlin", "4: there is no time zone \"Berlin\"; did you mean Europe/Berlin?"),
            ("  script: a.lua", "  script: ''", "5: script must be a text"),
            ("  script: a.lua", "  script: a.lua\n  jitter: soon", "6: jitter must be whole seconds, at most 30 days; write 30s"),
            ("  script: a.lua", "  script: a.lua\n  jitter: 1500ms", "6: jitter must be whole seconds, at most 30 days"),
            ("  script: a.lua", "  script: a.lua\n  overlap: wait", "6: overlap must be one of skip, queue, replace"),
            ("  script: a.lua", "  script: a.lua\n  missed: some", "6: missed must be one of none, last, all"),
            ("  script: a.lua", "  script: a.lua\n  enabled: maybe", "6: enabled must be true or false"),
            ("  script: a.lua", "  script: a.lua\n  arguments: a=b", "6: arguments must be a list; write"),
            ("  script: a.lua", "  script: a.lua\n  script: b.lua", "YAML"),
            ("nightly:", "nightly runs:", "2: \"nightly runs\" is no name for a schedule; write at most 60 letters"),
            ("nightly:", "- nightly:", "YAML"),
        ])
    func mistakes(right: String, wrong: String, message: String) {
        let text = "# x\nnightly:\n  cron: 0 3 * * *\n  time_zone: UTC\n  script: a.lua\n  environment: local\n"
        #expect(throws: Never.self) { try file(text) }
        #expect {
            try file(text.replacing(right, with: wrong))
        } throws: { error in
            let text = (error as? ScheduleError)?.description ?? ""
            #expect(text.hasPrefix("schedules.yaml:"), "\(text)")
            let isRight = message == "YAML" || text.hasPrefix("schedules.yaml:" + message)
            if !isRight { Issue.record("\(text)") }
            return isRight
        }
    }

    @Test("is changed without losing what people wrote")
    func changes() throws {
        let file = try file(ScheduleFileTests.two)
        let off = try file.setting("nightly-refunds", enabled: false)
        #expect(
            off.text == ScheduleFileTests.two.replacing("nightly-refunds:\n", with: "nightly-refunds:\n  enabled: false\n"))
        #expect(try off.setting("nightly-refunds", enabled: true).schedules == file.schedules)
        #expect(
            try file.setting("sweep", enabled: true).text
                == ScheduleFileTests.two.replacing("enabled: false   # Ana", with: "enabled: true   # Ana"))
        #expect(try file.setting("sweep", enabled: false).text == file.text)
        #expect(
            try file.removing("nightly-refunds").text
                == "# What runs at night.\n\n# Once an hour.\n"
                + ScheduleFileTests.two.components(separatedBy: "# Once an hour.\n")[1])
        #expect(
            try file.removing("sweep").text
                == ScheduleFileTests.two.components(separatedBy: "sweep:\n")[0] + "# The end.\n")
        #expect(try file.removing("sweep").removing("nightly-refunds").schedules == [])
    }

    @Test("gets a new schedule at its end, and none twice")
    func adding() throws {
        let new = try schedule("monthly", "0 6 1 * *", zone: "Europe/Berlin") {
            $0.arguments = ["note=say \"hi\"\\", "x=\u{2028}\u{1}é"]
            $0.jitter = .seconds(61)
        }
        #expect(
            try file("").adding(new).text == """
                # Schedules of Bursar, written by `bursar schedule add` and by people; see bursar schedule --help.
                # Paths are relative to this folder.

                monthly:
                  cron: "0 6 1 * *"
                  time_zone: Europe/Berlin
                  script: refunds.lua
                  arguments: ["note=say \\"hi\\"\\\\", "x=\\u2028\\u0001é"]
                  environment: sandbox
                  jitter: 61s

                """)
        let more = try file(ScheduleFileTests.two).adding(new)
        #expect(more.text.hasPrefix(ScheduleFileTests.two))
        #expect(more.schedules.last == new)
        #expect {
            try more.adding(new)
        } throws: {
            ($0 as? ScheduleError)?.description
                == "schedules.yaml:26: there is a schedule monthly already; remove it first, or take another name"
        }
        for name in ["removing", "enabling"] {
            #expect {
                _ = name == "removing" ? try more.removing("monthyl") : try more.setting("monthyl", enabled: true)
            } throws: {
                ($0 as? ScheduleError)?.description == "schedules.yaml: there is no schedule \"monthyl\"; did you mean monthly?"
            }
        }
    }

    @Test("that only a person can change is left alone")
    func unusual() throws {
        let flow = try file("{a: {cron: 0 3 * * *, time_zone: UTC, script: a.lua, environment: local}}\n")
        for change in [
            { try flow.adding(schedule("b")) }, { try flow.setting("a", enabled: false) },
        ] as [() throws -> ScheduleFile] {
            #expect {
                try change()
            } throws: {
                ($0 as? ScheduleError)?.description
                    == "schedules.yaml: is written in a way that only a person can change; change it in an editor"
            }
        }
    }

    @Test("survives any sequence of changes, and every change is what was meant")
    func anyChanges() throws {
        let failure = try fuzz(rounds: 150) { random in
            var file = try file(random.once(in: 2) ? ScheduleFileTests.two : "")
            let comments = file.text.split(separator: "\n").filter { $0.hasPrefix("#") }
            for _ in 0..<random.number(1...12) {
                let names = file.schedules.map(\.name)
                let before = file.schedules
                let name = random.one(of: names + ["none"])
                switch random.number(0...3) {
                case 0 where names.contains(name):
                    file = try file.removing(name)
                    guard file.schedules == before.filter({ $0.name != name }) else { return "removing \(name): \(file.text)" }
                case 1 where names.contains(name):
                    let flag = random.once(in: 2)
                    file = try file.setting(name, enabled: flag)
                    guard file.schedule(named: name)?.isEnabled == flag, file.schedules.count == before.count else {
                        return "\(name) \(flag): \(file.text)"
                    }
                default:
                    let new = try schedule("s\(random.number(0...1_000_000))", "\(random.number(0...59)) 3 * * *") {
                        $0.isEnabled = random.once(in: 2)
                        $0.timeLimit = random.once(in: 2) ? .seconds(random.number(0...100_000)) : nil
                        $0.arguments = (0..<random.number(0...2)).map { _ in
                            "a="
                                + String(
                                    String.UnicodeScalarView((0..<5).compactMap { _ in Unicode.Scalar(random.number(1...700)) }))
                        }
                        $0.script = random.one(of: ["a.lua", "null", "no", "1", "- x", "a: b", "#x", "päy.lua", "a b.lua"])
                        $0.missed = random.one(of: Schedule.Missed.allCases)
                    }
                    guard !names.contains(new.name) else { continue }
                    file = try file.adding(new)
                    guard file.schedules == before + [new] else { return "adding \(new.name): \(file.text)" }
                }
            }
            return comments.allSatisfy { file.text.split(separator: "\n").contains($0) } ? nil : "a comment is lost: \(file.text)"
        }
        #expect(failure == nil)
    }
}
