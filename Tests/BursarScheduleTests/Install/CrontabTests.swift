import BursarSchedule
import Foundation
import Fuzzing
import Testing

@Suite("A crontab")
struct CrontabTests {
    private let file = "/srv/pay/schedules.yaml"
    private let line = "* * * * * exec bursar schedule tick"

    @Test("gets a marked block at its end, which is replaced where it stands")
    func block() throws {
        let before = Crontab(bytes: Array("MAILTO=ops@example.org\n0 1 * * * backup\n".utf8))
        let installed = try before.holding(line, for: file)
        #expect(
            String(decoding: installed.bytes, as: UTF8.self) == """
                MAILTO=ops@example.org
                0 1 * * * backup
                # BEGIN bursar /srv/pay/schedules.yaml
                # Written by bursar schedule install; changes between these marks are lost.
                * * * * * exec bursar schedule tick
                # END bursar /srv/pay/schedules.yaml

                """)
        #expect(try installed.holds(file) && !before.holds(file))
        #expect(try installed.holding(line, for: file) == installed)
        let more = Crontab(bytes: installed.bytes + Array("5 5 * * * later\n".utf8))
        #expect(try more.holding("new line", for: file).without(file).bytes == before.bytes + Array("5 5 * * * later\n".utf8))
        #expect(try Crontab(bytes: []).holding(line, for: file).without(file).bytes == [])
    }

    @Test("has a block for each file of schedules")
    func two() throws {
        let other = "/srv/other/schedules.yaml"
        let both = try Crontab(bytes: []).holding(line, for: file).holding("other", for: other)
        #expect(try both.holds(file) && both.holds(other))
        #expect(try both.without(file) == Crontab(bytes: []).holding("other", for: other))
    }

    @Test("keeps every other byte, whatever it is")
    func otherLines() throws {
        let tokens = ["\n", "# BEGIN bursar ", "# END bursar ", "\r\n", "\0", " ", "# BEGIN bursar /other\n"].map {
            Array($0.utf8)
        }
        let failure = try fuzz(rounds: 500) { random in
            var bytes = random.damaged(Array("# mine\n0 1 * * * backup %x\n\n@reboot start\n".utf8), tokens: tokens)
            // crontab(1) takes no file whose last line is not ended.
            if bytes.last.map({ $0 != 0x0A }) ?? false { bytes.append(0x0A) }
            let before = Crontab(bytes: bytes)
            let installed = try before.holding(line, for: file)
            guard try installed.holding("other", for: file).holding(line, for: file) == installed else {
                return "twice is not once: \(shown(bytes))"
            }
            let after = try installed.without(file)
            return after == before ? nil : "\(shown(bytes)) became \(shown(after.bytes))"
        }
        #expect(failure == nil)
    }

    @Test(
        "with marks that do not fit together is left alone",
        arguments: [
            "# BEGIN bursar /f\nx\n", "x\n# END bursar /f\n", "# END bursar /f\n# BEGIN bursar /f\n",
            "# BEGIN bursar /f\n# BEGIN bursar /f\n# END bursar /f\n",
        ])
    func damaged(text: String) {
        let crontab = Crontab(bytes: Array(text.utf8))
        for change in [{ try crontab.holding(line, for: "/f") }, { try crontab.without("/f") }] {
            #expect(throws: ScheduleError.self) { try change() }
        }
    }

    @Test("calls Bursar with words that the shell and cron leave as they are")
    func invocation() throws {
        let plain = try Invocation(program: "/usr/bin/bursar", file: "/srv/pay/schedules.yaml")
        #expect(
            plain.crontabLine
                == "* * * * * cd /srv/pay && exec /usr/bin/bursar schedule tick --file /srv/pay/schedules.yaml --quiet")
        let odd = try Invocation(
            program: "/usr/bin/bursar", file: "/srv/it's 100%/schedules.yaml")
        #expect(
            odd.crontabLine
                == #"* * * * * cd '/srv/it'\''s 100\%' && exec /usr/bin/bursar schedule tick --file '/srv/it'\''s 100\%/schedules.yaml' --quiet"#
        )
        for path in ["relative", "/a\nb", "/a ", "/a\\", "", "/a /schedules.yaml"] {
            #expect(throws: ScheduleError.self) { try Invocation(program: "/b", file: path) }
        }
    }
}
