import ExactJSON
import Foundation
import Testing

@Suite("Runs that end early, and the world around them")
struct LifeTests {
    let slow = """
        local rows = {}
        for i = 1, 1000 do rows[i] = { id = "r" .. i } end
        for_each(rows, { key = "id", parallel = 2, name = "slow" }, function(row)
          sleep("1s")
          return { id = row.id }
        end)
        """

    /// The processes whose parent is `process`.
    func children(of process: Int32) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { child in
            let status = (try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)) ?? ""
            return status.contains("PPid:\t\(process)\n")
        }
    }

    @Test("a worker that is killed leaves a host that says so, sums up and exits with 1")
    func workerKilled() async throws {
        let folder = try TemporaryFolder()
        let program = try BursarProgram.Running([
            "run", folder.write("slow.lua", slow), "--json", "--results", folder.path + "/out.csv",
        ])
        var workers: [Int32] = []
        try await program.until {
            workers = try children(of: program.processIdentifier)
            return !workers.isEmpty && FileManager.default.fileExists(atPath: folder.path + "/out.csv.partial")
        }
        kill(workers[0], SIGKILL)
        let result = program.wait()
        #expect(result.exitCode == 1)
        let report = try result.json()
        #expect(report["failure"]?["message"]?.string?.contains("SIGKILL") == true)
        #expect(report["rows"]?["total"] == 1000)
        #expect(folder.text("out.csv").contains("r1000,not_run") || folder.text("out.csv").contains("in_doubt"))
    }

    @Test(
        "an interrupt lets rows in flight end, and the summary is still printed",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func interrupted(signal: Int32, exitCode: Int32) async throws {
        let folder = try TemporaryFolder()
        let program = try BursarProgram.Running([
            "run", folder.write("slow.lua", slow), "--json", "--results", folder.path + "/out.csv",
        ])
        try await program.until { FileManager.default.fileExists(atPath: folder.path + "/out.csv.partial") }
        program.signal(signal)
        let result = program.wait()
        #expect(result.exitCode == exitCode)
        let report = try result.json()
        #expect(report["failure"]?["kind"] == "interrupted")
        #expect(report["rows"]?["in_doubt"] == 0)
        #expect((report["rows"]?["not_run"]?.integer ?? 0) > 0)
        #expect(!folder.text("out.csv").contains("in_doubt"))
    }

    @Test("credentials that are missing are named, and the exit code is 7")
    func missingCredentials() throws {
        let result = try BursarProgram.run(
            ["api", "call", "payments.list", "--env", "sandbox"], environment: ["CONOMY_CLIENT_ID": "x"])
        #expect(result.exitCode == 7)
        #expect(result.errors.contains("CONOMY_CLIENT_SECRET, CONOMY_API_KEY"))
    }

    @Test("credentials that are wrong end the run with 7, and never show")
    func wrongCredentials() async throws {
        let server = try await SandboxServer()
        var environment = server.environment
        environment["CONOMY_CLIENT_SECRET"] = "marked-secret-4711"
        let script = try server.folder.write(
            "s.lua", "for_each({ { id = 'a' }, { id = 'b' } }, { key = 'id' }, function() conomy.accounts.list() end)")
        let result = try BursarProgram.run(
            ["run", script, "--trace-http", "--log-level", "trace"], environment: environment, in: server.folder.path)
        #expect(result.exitCode == 7)
        #expect(!(result.output + result.errors).contains("marked-secret-4711"))
        #expect(result.errors.contains("<secret>"))
    }

    @Test("an unknown key in bursar.yaml is an error with its line")
    func unknownKey() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("bursar.yaml", "environments:\n  sandbox:\n    base_ulr: x\n")
        let result = try BursarProgram.run(["api", "call", "payments.list"], in: folder.path)
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("bursar.yaml:3"))
    }

    @Test("production allows no effects by default")
    func production() throws {
        let credentials = ["CONOMY_CLIENT_ID": "a", "CONOMY_CLIENT_SECRET": "b", "CONOMY_API_KEY": "c"]
        let result = try BursarProgram.run(
            ["api", "call", "payments.capture", "id=p1", "--env", "production"], environment: credentials)
        #expect(result.exitCode == 8)
        #expect(result.errors.contains("allow_effects"))
    }

    @Test("a result file that exists is never written over")
    func existingResults() throws {
        let folder = try TemporaryFolder()
        let results = try folder.write("out.csv", "precious")
        let result = try BursarProgram.run([
            "run", folder.write("s.lua", "for_each({ { id = 'a' } }, { key = 'id' }, function() end)"), "--results", results,
        ])
        #expect(result.exitCode == 3)
        #expect(folder.text("out.csv") == "precious")
    }

    let refundOne = "conomy.payments.refund('9efd2c282d74e3373fc4d393', { amount = money('1.00', 'COP') })"

    @Test("a row that fails after its refund was settled is partly done, and nobody is told to run it again")
    func partlyDone() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "s.lua",
            "for_each({ { id = 'a' } }, { key = 'id', name = 'L' }, function(row) \(refundOne) return { who = row.customer.name } end)"
        )
        let result = try BursarProgram.run([
            "run", script, "--world", BursarProgram.data + "/world.json", "--results", folder.path + "/out.csv",
        ])
        #expect(result.exitCode == 6)
        #expect(folder.text("out.csv").contains("a,partly_done,\"settled before it failed: L/a/payments.refund#1"))
        // However it is wrapped.
        let said = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(said.contains("Do not run those again"), "\(said)")
        #expect(!result.output.contains("run them alone"))
    }

    @Test("an interrupt lets nothing new begin in functions that run beside each other")
    func interruptedParallel() async throws {
        let server = try await SandboxServer(world: BursarProgram.data + "/world.json")
        let loop = "function() while true do \(refundOne) emit('done') end end"
        let script = try server.folder.write("s.lua", "parallel(\(loop), \(loop))")
        let program = try BursarProgram.Running(
            ["run", script, "--json"], environment: server.environment, in: server.folder.path)
        try await program.until { try await !server.ledger().isEmpty }
        program.signal(SIGINT)
        let result = program.wait()
        #expect(result.exitCode == 130)
        let report = try result.json()
        // Every refund that was sent has its outcome in the report.
        let refunds = try server.run(["api", "call", "payments.refund_summary", "id=9efd2c282d74e3373fc4d393"]).json()
        let count = (refunds["summary"]?["completedCount"]?.integer ?? 0) + (refunds["summary"]?["inProgressCount"]?.integer ?? 0)
        #expect(report["effects"]?["count"] == .integer(count))
    }

    @Test("nothing changes before job says what the script may do")
    func effectBeforeJob() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("s.lua", "\(refundOne)\njob { name = 'x', effects = {} }\n")
        let result = try BursarProgram.run(["run", script, "--world", BursarProgram.data + "/world.json", "--json"])
        #expect(result.exitCode == 8)
        #expect(try result.json()["effects"]?["totals"] == [:])
    }

    @Test("what a server says is taken into a result file without its secrets")
    func secretsInResults() async throws {
        let server = try await SandboxServer()
        let secret = try #require(server.environment["CONOMY_CLIENT_SECRET"])
        let script = try server.folder.write(
            "s.lua",
            "for_each({ { id = 'a' } }, { key = 'id' }, function() conomy.accounts.list() return { said = '\(secret)' } end)")
        let results = server.folder.path + "/out.csv"
        let result = try server.run(["run", script, "--results", results])
        #expect(result.exitCode == 0)
        #expect(!server.folder.text("out.csv").contains(secret))
        #expect(server.folder.text("out.csv").contains("<secret>"))
    }

    @Test("a result file that could not be kept is no success, and the rows are where the error says")
    func lostResults() throws {
        let folder = try TemporaryFolder()
        // A folder stands where the file is laid out before it gets its name.
        try FileManager.default.createDirectory(atPath: folder.path + "/out.csv.new", withIntermediateDirectories: true)
        let script = try folder.write("s.lua", "for_each({ { id = 'a' } }, { key = 'id' }, function() end)")
        let result = try BursarProgram.run(["run", script, "--results", folder.path + "/out.csv"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("out.csv.partial"))
        #expect(folder.text("out.csv.partial").contains("succeeded"))
    }

    @Test("a loop inside a row is part of that row's line, and makes no file of its own")
    func nestedLoop() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "s.lua",
            """
            for_each({ { id = "a" }, { id = "b" } }, { key = "id", name = "outer" }, function(row)
              local inner = for_each({ { id = "x" }, { id = "y" } }, { key = "id", name = "inner" }, function() end)
              parallel(function() end, function() end)
              return { inner = inner.succeeded }
            end)
            """)
        let result = try BursarProgram.run(["run", script, "--results", folder.path + "/out.csv"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(folder.text("out.csv") == "key,bursar_status,bursar_reason,inner\r\na,succeeded,,2\r\nb,succeeded,,2\r\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["out.csv", "s.lua"])
    }

    @Test("--quiet prints nothing on success")
    func quiet() throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(["run", folder.write("s.lua", "log.info('hello')"), "--quiet"])
        #expect(result.exitCode == 0)
        #expect(result.output.isEmpty)
        #expect(result.errors.isEmpty)
    }

    @Test("emitted values go to standard output, a line each")
    func emit() throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(["run", folder.write("s.lua", "emit({ b = 1, a = array {} }) emit('x')"), "--quiet"])
        #expect(result.output == "{\"a\":[],\"b\":1}\n\"x\"\n")
    }

    @Test("control characters and marks that turn text around are shown, not obeyed, and JSON stays JSON")
    func invisibleCharacters() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("s.lua", "emit('a\\u{202e}b\\u{9b}c\\27[31m') log.info('x\\27[2J\\u{2066}')")
        let result = try BursarProgram.run(["run", script])
        #expect(try JSON(parsing: String(result.output.prefix { $0 != "\n" })) == "a\u{202e}b\u{9b}c\u{1b}[31m")
        let all = (result.output + result.errors).unicodeScalars
        #expect(!all.contains { $0.value == 0x1B || $0.value == 0x202E || $0.value == 0x9B || $0.value == 0x2066 })
    }

    @Test("refunds go as child payments where the environment says so, and read the same")
    func refundAsPayment() async throws {
        let server = try await SandboxServer(world: BursarProgram.data + "/world.json", settings: "    refund_with: payment\n")
        let script = try server.folder.write(
            "s.lua",
            "emit(conomy.payments.refund('9efd2c282d74e3373fc4d393', { amount = money('1.00', 'COP'), reason = 'late' }))")
        let result = try server.run(["run", script, "--quiet", "--trace-http", "--log-file", "log.txt"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let answer = try result.json()
        #expect(answer["parentPaymentId"] == "9efd2c282d74e3373fc4d393")
        #expect(answer["totalAmount"] == "1.00")
        #expect(answer["refundId"] != nil)
        #expect(server.folder.text("log.txt").contains("POST \(server.url)/payments\""))
    }
}
