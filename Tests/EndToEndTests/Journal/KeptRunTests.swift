import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Jobs that are run again: cut off, changed, done, held by somebody else. The witness is the bank's log of calls.
@Suite("Jobs that are run again")
struct KeptRunTests {
    /// A served bank with payments of 100.00 ARS that can be refunded, and a script that refunds those of a file.
    struct Desk {
        let server: SandboxServer
        let payments: [String]

        static let script = """
            job { name = "refunds", args = { input = "file" }, effects = { "payments.refund" } }
            for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { name = "r", parallel = 4 }, function(row)
              return { refund = conomy.payments.refund(row.id, { amount = row.amount }).refundId }
            end)
            """

        init(payments count: Int = 6, settings: String = "    settling: 100ms\n") async throws {
            let ids = (1...count).map { "65c0" + String(repeating: "0", count: 17) + String(100 + $0) }
            let account = "200000000001"
            let payments = ids.map { id in
                """
                {"id": "\(id)", "type": "TOPUP_ACCOUNT", "status": "SETTLED", "totalAmount": "100.00", "currency": "ARS", "accountNumber": "\(account)",
                 "createdAt": "2026-11-04T14:05:00Z", "origins": [{"type": "CVU", "currency": "ARS"}],
                 "destinations": [{"type": "ACCOUNT", "currency": "ARS", "account": {"accountNumber": "\(account)"}}]}
                """
            }
            let folder = try TemporaryFolder()
            let world = try folder.write(
                "world.json",
                """
                {"identities": [{"id": "65c0\(String(repeating: "0", count: 20))", "type": "ORGANIZATION", "name": "T"}],
                 "accounts": [{"id": "65c1\(String(repeating: "0", count: 20))", "identityId": "65c0\(String(repeating: "0", count: 20))",
                   "accountNumber": "\(account)", "currency": "ARS", "balance": "1000000"}],
                 "payments": [\(payments.joined(separator: ","))]}
                """)
            server = try await SandboxServer(world: world, settings: settings)
            self.payments = ids
            _ = try server.folder.write("s.lua", Desk.script)
            try write(rows: ids.map { "\($0),10.00,ARS" })
        }

        func write(rows: [String]) throws {
            _ = try server.folder.write("in.csv", (["id,amount,currency"] + rows).joined(separator: "\n") + "\n")
        }

        func run(_ flags: String...) throws -> BursarProgram.Result { try server.run(["run", "s.lua", "input=in.csv"] + flags) }

        /// The writes that reached the bank, with their status; 0 for those that were not answered.
        func writes() async throws -> [Int] {
            let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: server.url + "/_sim/calls")))
            let body = try JSON(parsing: data)
            return (body.array ?? body["calls"]?.array ?? []).filter { $0["operation"] == "payments.refund" }.map {
                $0["status"]?.integer ?? 0
            }
        }

        func order(_ fault: String) async throws { try await server.control("/_sim/faults", JSON(parsing: fault)) }
    }

    @Test("a finished job sends nothing, and says when it was done and by which run")
    func finished() async throws {
        let desk = try await Desk()
        let first = try desk.run("--json")
        #expect(first.exitCode == 0, "\(first.errors)")
        let name = try #require(try first.json()["run"]?.string)
        let second = try desk.run()
        #expect(second.exitCode == 0 && second.output.contains("was done on") && second.output.contains(name))
        #expect(try await desk.writes().count == 6)
    }

    @Test("a changed file is named before anything is sent; accepted, what is new in it is done and the rest stays")
    func changed() async throws {
        let desk = try await Desk()
        try desk.write(rows: desk.payments.prefix(4).map { "\($0),10.00,ARS" })
        #expect(try desk.run().exitCode == 0)
        // One row is changed, one is new.
        try desk.write(rows: ["\(desk.payments[0]),99.00,ARS"] + desk.payments[1...4].map { "\($0),10.00,ARS" })
        let refused = try desk.run()
        #expect(refused.exitCode == 3 && refused.errors.contains("in.csv has changed"), "\(refused.output)\(refused.errors)")
        #expect(try await desk.writes().count == 4)
        let results = desk.server.folder.path + "/out.csv"
        let accepted = try desk.run("--accept-changes", "--json", "--results", results)
        #expect(accepted.exitCode == 0, "\(accepted.errors)")
        // The file says of the changed row what was done, and not what stands in it now.
        let lines = desk.server.folder.text("out.csv").split(whereSeparator: \.isNewline)
        let settled = "r/\(desk.payments[0])/payments.refund#1 was settled with 10.00 ARS on "
        try #require(lines.count == 6)
        #expect(lines[1].contains("99.00,ARS,succeeded,\"\(settled)"), "\(lines)")
        #expect(lines[2...].allSatisfy { $0.contains(",succeeded,,") }, "\(lines)")
        #expect(try await desk.writes().count == 5)
        #expect(try desk.run().output.contains("was done on"))
    }

    @Test("every effect is read back, few one by one and many by pages", arguments: [1, 2, 3, 4])
    func readBack(count: Int) async throws {
        let desk = try await Desk(payments: count)
        let result = try desk.run("--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try result.json()["read_back"]?["agreed"]?.integer == count)
    }

    @Test("a loop that has another name, accepted, does nothing again that it did under the old one", arguments: [2, 6])
    func renamedLoop(rows: Int) async throws {
        let desk = try await Desk()
        let lines = desk.payments.map { "\($0),10.00,ARS" }
        // Also where rows are left that no run has come to: those are done.
        try desk.write(rows: Array(lines.prefix(rows)))
        #expect(try desk.run().exitCode == 0)
        try desk.write(rows: lines)
        _ = try desk.server.folder.write(
            "s.lua", Desk.script.replacingOccurrences(of: "name = \"r\"", with: "name = \"refunds\""))
        let changed = try desk.run("--accept-changes")
        #expect(changed.exitCode == 6, "\(changed.errors)")
        #expect(changed.errors.contains("before its script or input was changed"), "\(changed.errors)")
        #expect(try await desk.writes() == Array(repeating: 201, count: 6))
        // Neither does a further run that changes nothing more.
        #expect(try desk.run().exitCode == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("a module or a file that the script opens itself is its input, too, and a file is the same file however it is spelt")
    func inputOfItsOwn() async throws {
        let desk = try await Desk()
        _ = try desk.server.folder.write("t.lua", Desk.script.replacingOccurrences(of: "args.input", with: "require('where')"))
        _ = try desk.server.folder.write("where.lua", "return 'in.csv'")
        func run(_ flags: String...) throws -> BursarProgram.Result {
            try desk.server.run(["run", "t.lua", "input=in.csv"] + flags)
        }
        try desk.write(rows: ["\(desk.payments[0]),10.00,ARS"])
        #expect(try run().exitCode == 0)
        #expect(
            try desk.server.run([
                "run", "./t.lua", "input=./../\((desk.server.folder.path as NSString).lastPathComponent)//in.csv",
            ]).output.contains("was done on"))
        _ = try desk.server.folder.write("where.lua", "return 'in.csv' -- still")
        let module = try run()
        #expect(
            module.exitCode == 3 && module.errors.contains("module where.lua has changed"), "\(module.output)\(module.errors)")
        _ = try desk.server.folder.write("where.lua", "return 'in.csv'")
        try desk.write(rows: ["\(desk.payments[0]),10.00,ARS", "\(desk.payments[1]),10.00,ARS"])
        let input = try run()
        #expect(input.exitCode == 3 && input.errors.contains("in.csv has changed"), "\(input.output)\(input.errors)")
        #expect(try await desk.writes().count == 1)
    }

    @Test("a changed script of a job that is not done is named, with or without --again in mind")
    func changedScript() async throws {
        let desk = try await Desk()
        try desk.write(rows: ["\(desk.payments[0]),10.00,ARS", "\(desk.payments[1]),1000.00,ARS"])
        #expect(try desk.run().exitCode == 6)
        _ = try desk.server.folder.write("s.lua", Desk.script + "\n-- another line\n")
        let refused = try desk.run()
        #expect(refused.exitCode == 3 && refused.errors.contains("script s.lua has changed"))
        #expect(try desk.run("--accept-changes").exitCode == 6)
        // Declined once, it is not sent again before that is asked for.
        #expect(try await desk.writes().count == 2)
        #expect(try desk.run("--retry-declined").exitCode == 6)
        #expect(try await desk.writes().count == 3)
    }

    @Test("--again is a new job, and what the first one did to the same payments is refused unless that is allowed, too")
    func again() async throws {
        let desk = try await Desk(payments: 2)
        #expect(try desk.run().exitCode == 0)
        let refused = try desk.run("--again", "--json")
        #expect(refused.exitCode == 6)
        #expect(refused.output.contains("another job, refunds of"))
        #expect(try await desk.writes().count == 2)
        #expect(try desk.run("--allow-repeat").exitCode == 0)
        #expect(try await desk.writes().count == 4)
    }

    @Test("only the rows that failed, or that a file names, are run again")
    func some() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "status", "status": 422, "calls": "1-2"}"#)
        #expect(try desk.run().exitCode == 6)
        #expect(try await desk.writes().count == 6)
        let keys = try desk.server.folder.write("keys.txt", "nobody\n")
        let named = try desk.run("--only-keys", keys, "--json")
        #expect(named.exitCode == 3 && named.errors.contains("no row's: nobody"), "\(named.errors)")
        let none = try named.json()
        #expect(none["rows"]?["not_run"] == 6 && none["rows"]?["succeeded"] == 0)
        let failed = try desk.run("--only", "failed", "--retry-declined", "--json").json()
        #expect(failed["rows"]?["succeeded"] == 2 && failed["rows"]?["not_run"] == 4, "\(failed.text())")
        #expect(try await desk.writes().count == 8)
        // All rows have succeeded by now, and only a run of all of them finishes the job.
        #expect(try desk.run().exitCode == 0)
        #expect(try desk.run().output.contains("was done on"))
        #expect(try await desk.writes().count == 8)
    }

    @Test("a run whose journal is taken away under it sends nothing more, and still writes its report")
    func journalTakenAway() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "delay", "milliseconds": 200, "when": "before"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv", "--parallel", "1", "--state", "st", "--report-json", "r.json"],
            environment: desk.server.environment, in: desk.server.folder.path)
        try await run.until { try await desk.writes().count == 2 }
        try FileManager.default.moveItem(atPath: desk.server.folder.path + "/st", toPath: desk.server.folder.path + "/moved")
        #expect(run.wait().exitCode == 12)
        #expect(try await desk.writes().count < 6)
        let report = try JSON(parsing: desk.server.folder.text("r.json"))
        #expect(report["failure"]?["message"]?.string?.contains("deleted or replaced") == true, "\(report.text())")
    }

    @Test("rows that a killed run had not come to are among those that failed or were not run", arguments: ["failed", "not_run"])
    func onlyAfterKill(only: String) async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "3"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv", "--parallel", "1"], environment: desk.server.environment, in: desk.server.folder.path
        )
        try await run.until { try await desk.writes().count == 3 }
        run.signal(SIGKILL)
        _ = run.wait()
        let rest = try desk.run("--only", only, "--json")
        #expect(rest.exitCode == 0, "\(rest.output)\(rest.errors)")
        let rows = try rest.json()["rows"]
        #expect((rows?["succeeded"]?.integer ?? 0) >= 4 && rows?["failed"] == 0, "\(rest.output)")
        #expect(try await desk.writes().count == 6)
    }

    @Test("rows that are new in a changed file, and that a killed run had not come to, are not left out either")
    func onlyAfterChange() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "status", "status": 422, "calls": "1"}"#)
        try await desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "3"}"#)
        let rows = desk.payments.map { "\($0),10.00,ARS" }
        try desk.write(rows: Array(rows.prefix(2)))
        #expect(try desk.run().exitCode == 6)
        try desk.write(rows: Array(rows.prefix(5)))
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv", "--parallel", "1", "--accept-changes"], environment: desk.server.environment,
            in: desk.server.folder.path)
        try await run.until { try await desk.writes().count == 3 }
        run.signal(SIGKILL)
        _ = run.wait()
        // The first row stays declined; of the new ones none is missing.
        #expect(try desk.run("--only", "failed").exitCode == 6)
        #expect(try await desk.writes().count == 5)
        try desk.write(rows: rows)
        #expect(try desk.run("--only", "failed", "--accept-changes").exitCode == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("only some rows of earlier runs are asked for, and there was none: nothing is begun and nothing sent")
    func onlyWithoutPast() async throws {
        let desk = try await Desk()
        for only in ["failed", "in_doubt"] {
            let result = try desk.run("--only", only)
            #expect(result.exitCode == 3 && result.errors.contains("no earlier run of this job"), "\(result.errors)")
        }
        #expect(try await desk.writes().isEmpty)
        #expect(try desk.run().exitCode == 0)
    }

    @Test("a job of an environment whose address is spelt in another way is named, and nothing is sent")
    func otherAddress() async throws {
        let desk = try await Desk()
        #expect(try desk.run().exitCode == 0)
        let settings = desk.server.folder.text("bursar.yaml")
        _ = try desk.server.folder.write("bursar.yaml", settings.replacingOccurrences(of: "127.0.0.1", with: "localhost"))
        let refused = try desk.run()
        #expect(
            refused.exitCode == 3 && refused.errors.contains("this is bank, http://localhost"),
            "\(refused.output)\(refused.errors)"
        )
        _ = try desk.server.folder.write("bursar.yaml", settings.replacingOccurrences(of: "bank", with: "live"))
        let renamed = try desk.run()
        #expect(
            renamed.exitCode == 3 && renamed.errors.contains("this is live, http://127"), "\(renamed.output)\(renamed.errors)")
        // Asked for in words it is a new job, and what the first one did is not done again.
        let again = try desk.run("--again", "--json")
        #expect(again.exitCode == 6 && again.output.contains("--allow-repeat does it once more"))
        #expect(try await desk.writes().count == 6)
    }

    @Test("a job whose input lies elsewhere now is named, and goes on there once that is accepted", arguments: [true, false])
    func movedInput(isDone: Bool) async throws {
        let desk = try await Desk()
        if !isDone { try await desk.order(#"{"operation": "payments.refund", "fault": "status", "status": 422, "calls": "1"}"#) }
        #expect(try desk.run().exitCode == (isDone ? 0 : 6))
        let folder = desk.server.folder.path
        try FileManager.default.moveItem(atPath: folder + "/in.csv", toPath: folder + "/moved.csv")
        func run(_ flags: String...) throws -> BursarProgram.Result {
            try desk.server.run(["run", "s.lua", "input=moved.csv"] + flags)
        }
        let refused = try run()
        #expect(refused.exitCode == 3 && refused.errors.contains("the same file at another place"), "\(refused.errors)")
        #expect(try await desk.writes().count == 6)
        let accepted = try run("--accept-changes", "--retry-declined", "--json")
        #expect(accepted.exitCode == 0, "\(accepted.output)\(accepted.errors)")
        #expect(try await desk.writes().count == (isDone ? 6 : 7))
        // Another file is another job.
        _ = try desk.server.folder.write("other.csv", "id,amount,currency\n\(desk.payments[0]),5.00,ARS\n")
        #expect(try desk.server.run(["run", "s.lua", "input=other.csv"]).exitCode == 0)
        #expect(try await desk.writes().count == (isDone ? 7 : 8))
    }

    @Test("what a journal had lost when it was accepted is looked for before it is sent")
    func acceptedLoss() async throws {
        let desk = try await Desk()
        func copy(_ from: String, _ to: String) throws {
            let folder = desk.server.folder.path
            try? FileManager.default.removeItem(atPath: folder + to)
            try FileManager.default.copyItem(atPath: folder + from, toPath: folder + to)
        }
        let keys = try desk.server.folder.write("keys.txt", desk.payments[0])
        #expect(try desk.run("--only-keys", keys).exitCode == 0)
        try copy("/.bursar/journal.sqlite", "/old.sqlite")
        let more = try desk.server.folder.write("more.txt", desk.payments[1...3].joined(separator: "\n"))
        #expect(try desk.run("--only-keys", more).exitCode == 0)
        try copy("/old.sqlite", "/.bursar/journal.sqlite")
        #expect(try desk.run().exitCode == 12)
        #expect(try desk.server.run(["doubts"]).exitCode == 12)
        let accepted = try desk.server.run(["journal", "accept", "--because", "compared"])
        #expect(accepted.exitCode == 0 && accepted.output.contains("3 effects"), "\(accepted.output)\(accepted.errors)")
        let run = try desk.run("--json")
        #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
        #expect(try run.json()["rows"]?["succeeded"] == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("an answer that names something else is found out when it is read back, and the next run finds what was made")
    func misnamed() async throws {
        let desk = try await Desk()
        let patch = #"{"operation": "payments.refund", "fault": "rubbish", "patch": {"refundId": "x"}, "calls": "2"}"#
        try await desk.order(patch)
        let first = try desk.run()
        #expect(first.exitCode == 12 && first.output.contains("the bank has no x"), "\(first.output)\(first.errors)")
        #expect(try desk.server.run(["doubts"]).exitCode != 0)
        let second = try desk.run("--json")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try second.json()["read_back"]?["agreed"] == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("a run of some rows does not end well while others of its job are known not to be done")
    func rowsLeft() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "status", "status": 422, "calls": "1-2"}"#)
        #expect(try desk.run().exitCode == 6)
        let some = try desk.run("--only", "not_run")
        #expect(some.exitCode == 6 && some.output.contains("other rows of this job are not done"), "\(some.output)\(some.errors)")
        #expect(try desk.run("--only", "failed", "--retry-declined").exitCode == 0)
    }

    @Test("a page of rubbish while effects are read back does not end that")
    func rubbishReadBack() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.list", "fault": "rubbish", "times": 2}"#)
        let run = try desk.run("--json")
        #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
        #expect(try run.json()["read_back"]?["agreed"] == 6)
    }

    @Test("a program whose output and errors are closed does its work, and its files stay its own")
    func closedStreams() async throws {
        let desk = try await Desk()
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c", "exec \"$0\" run s.lua input=in.csv --state st <&- >&- 2>&-",
            BursarProgram.folder.appendingPathComponent("bursar").path,
        ]
        shell.environment = desk.server.environment
        shell.currentDirectoryURL = URL(fileURLWithPath: desk.server.folder.path)
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(try await desk.writes().count == 6)
        #expect(try desk.server.run(["journal", "verify", "--state", "st"]).exitCode == 0)
    }

    @Test("a run that is killed between the bank's act and its answer is finished by the next one, and nothing is done twice")
    func killed() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "3"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv"], environment: desk.server.environment, in: desk.server.folder.path)
        try await run.until { try await desk.writes().count == 6 }
        run.signal(SIGKILL)
        _ = run.wait()
        let second = try desk.run("--json")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try second.json()["read_back"]?["agreed"] == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("a second Ctrl-C ends the program there and then, and the next run finishes what it began")
    func secondInterrupt() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "1-4"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv"], environment: desk.server.environment, in: desk.server.folder.path)
        try await run.until { try await desk.writes().count == 4 }
        run.signal(SIGINT)
        try await run.until { run.errors.contains("once more") }
        run.signal(SIGINT)
        #expect(run.wait().exitCode == 130)
        // Ended by itself it would have written down that it was stopped.
        let runs = try desk.server.run(["runs", "--json"]).json()["runs"]?.array
        #expect(runs?.first?["state"] == "killed", "\(runs ?? [])")
        let second = try desk.run("--json")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try second.json()["read_back"]?["agreed"] == 6)
        #expect(try await desk.writes().count == 6)
    }

    @Test("a journal that is removed while a run goes on stops it before anything more is sent")
    func removed() async throws {
        let desk = try await Desk(payments: 40)
        try await desk.order(#"{"operation": "payments.refund", "fault": "delay", "seconds": 1, "calls": "3-40"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv"], environment: desk.server.environment, in: desk.server.folder.path)
        try await run.until { try await desk.writes().count >= 2 }
        try FileManager.default.removeItem(atPath: desk.server.folder.path + "/.bursar")
        let before = try await desk.writes().count
        let end = run.wait()
        #expect(end.exitCode == 12 && end.errors.contains("was deleted or replaced while it was in use"), "\(end.errors)")
        // Four rows at once: so many may have been under way.
        #expect(try await desk.writes().count <= before + 4)
    }

    @Test("a second runner is told who holds the job, and one that waits takes its turn")
    func held() async throws {
        let desk = try await Desk()
        try await desk.order(#"{"operation": "payments.refund", "fault": "delay", "seconds": 3, "calls": "1"}"#)
        let run = try BursarProgram.Running(
            ["run", "s.lua", "input=in.csv"], environment: desk.server.environment, in: desk.server.folder.path)
        try await run.until { try await desk.writes().count >= 1 }
        let second = try desk.run()
        #expect(second.exitCode == 14 && second.errors.contains("process \(run.processIdentifier)"), "\(second.errors)")
        let third = try desk.run("--wait", "1m")
        #expect(third.exitCode == 0 && third.output.contains("was done on"), "\(third.output)\(third.errors)")
        #expect(run.wait().exitCode == 0)
        #expect(try await desk.writes().count == 6)
    }

    @Test("a step keeps what it returned, also where the run after it failed")
    func step() async throws {
        let desk = try await Desk()
        _ = try desk.server.folder.write(
            "t.lua",
            """
            job { name = "steps", args = { fails = "boolean" } }
            local first = step("now", function() return { at = now(), amount = money("1.50", "USD"), none = null } end)
            emit { at = first.at, amount = first.amount, exact = first.amount == money("1.50", "USD") }
            conomy.payments.refund("\(desk.payments[0])", { amount = money("1.00", "ARS") })
            if args.fails then fail("not yet") end
            """)
        let first = try desk.server.run(["run", "t.lua", "fails=true", "--quiet"])
        #expect(first.exitCode == 1, "\(first.errors)")
        let second = try desk.server.run(["run", "t.lua", "fails=true", "--quiet"])
        func line(_ result: BursarProgram.Result) -> Substring? { result.output.split(separator: "\n").first }
        #expect(line(first) == line(second) && line(first)?.contains("\"exact\":true") == true, "\(first.output)")
        #expect(try await desk.writes().count == 1)
    }

    @Test("where nothing can be recorded nothing is sent")
    func unwritable() async throws {
        let desk = try await Desk(payments: 1)
        let file = try desk.server.folder.write("file", "")
        let itself = try desk.run("--state", file)
        let sentence = "\(file) is a file, and a journal needs a folder"
        #expect(itself.exitCode == 3 && itself.errors.contains(sentence), "\(itself.errors)")
        #expect(itself.errors.contains("--state DIR"))
        let look = try desk.server.run(["runs", "--state", file])
        #expect(look.exitCode == 3 && look.errors.contains(sentence), "\(look.errors)")
        let result = try desk.run("--state", desk.server.folder.path + "/file/below")
        #expect(result.exitCode == 5 && result.errors.contains("--state DIR"), "\(result.errors)")
        #expect(try await desk.writes().isEmpty)
    }

    @Test("the embedded bank of a state folder goes on where the last run left it, with its journal")
    func local() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "s.lua",
            """
            local account = conomy.accounts.each({ currency = "CLP" })()
            local payment = conomy.payments.create { type = "TOPUP_ACCOUNT", product = "CLP:CLP", purchaseAmount = money(args.amount, "CLP"),
              origins = { { type = "FINTOC", currency = "CLP" } },
              destinations = { { type = "ACCOUNT", currency = "CLP", account = { accountNumber = account.accountNumber } } } }
            emit(payment.id)
            """)
        func run(_ amount: String) throws -> BursarProgram.Result {
            try BursarProgram.run(["run", script, "amount=\(amount)", "--state", folder.path + "/state"], in: folder.path)
        }
        #expect(try run("10").exitCode == 0)
        #expect(try run("20").exitCode == 0)
        let again = try run("10")
        #expect(again.exitCode == 0 && again.output.contains("was done on"))
        let bank = try JSON(parsing: folder.text("state/bank.json"))
        #expect(bank["payments"]?.array?.count == 2)
    }
}
