import ExactJSON
import Foundation
import Testing

/// What bounds a script besides time and memory, with the flags that move it.
@Suite struct LimitFlagTests {
    private let flood = """
        local calls = {}
        for i = 1, 300 do calls[i] = function() pcall(conomy.customers.create, { firstName = "n" .. i }) end end
        parallel(calls)
        """

    private func run(_ script: String, _ flags: [String]) throws -> (exitCode: Int32, report: JSON) {
        let folder = try TemporaryFolder()
        let path = try folder.write("limits.lua", script)
        let result = try BursarProgram.run(["run", path, "--json"] + flags)
        return (result.exitCode, try result.json())
    }

    @Test("a script that has more open than it may is ended with the limit, its flag and its line, even in pcall")
    func open() throws {
        let (exitCode, report) = try run(
            "while true do pcall(function()\nconomy.payments.each {} end) end", ["--open-limit", "20"])
        #expect(exitCode == 10)
        #expect(report["failure"]?["location"]?.string == "limits.lua:2")
        #expect(
            report["failure"]?["message"]?.string
                == "the script has more than its limit of 20 files, lists and loops open at once")
        #expect(report["failure"]?["hint"]?.string?.contains("--open-limit") == true)
        #expect(report["reads"] == 0)
    }

    @Test("rows close what they leave open")
    func rows() throws {
        let script = """
            local rows = {}
            for i = 1, 100 do rows[i] = i end
            local kept
            for_each(rows, { parallel = 4 }, function()
              for payment in conomy.payments.each {} do break end
              kept = kept or conomy.payments.each {}
              parallel(now, now)
            end)
            local good, err = pcall(kept)
            assert(not good and err.code == "closed", tostring(err))
            """
        let (exitCode, report) = try run(script, ["--open-limit", "20"])
        #expect(exitCode == 0, "\(report.text(.pretty))")
        #expect(report["rows"]?["succeeded"] == 100)
    }

    @Test("too many requests in flight end the run, and none of them is sent")
    func requests() throws {
        let (exitCode, report) = try run(flood, ["--in-flight-limit", "100"])
        #expect(exitCode == 10)
        #expect(report["failure"]?["hint"]?.string == "--in-flight-limit raises it")
        #expect(report["effects"]?["count"] == 0)
    }

    @Test("too much output ends the run")
    func output() throws {
        let (exitCode, report) = try run("while true do emit(('x'):rep(100000)) end", ["--output-limit", "1M"])
        #expect(exitCode == 10)
        #expect(report["failure"]?["hint"]?.string == "--output-limit raises it")
        #expect(report["emitted"]?.array?.count == 10)
    }

    @Test("calls that had to wait for their turn are not sent once the time is up")
    func queued() throws {
        let (exitCode, report) = try run(flood, ["--rate", "5", "--time-limit", "1s"])
        #expect(exitCode == 10)
        // Three hundred were asked for; five may start in a second.
        #expect((0..<50).contains(report["effects"]?["count"]?.integer ?? .max))
    }

    @Test("a limit that is none is a usage error", arguments: ["--open-limit", "--in-flight-limit", "--output-limit"])
    func usage(flag: String) throws {
        let result = try BursarProgram.run(["run", "x.lua", flag, "0"])
        #expect(result.exitCode == 2)
        #expect(result.errors.contains(flag))
    }
}
