import BursarJournal
import ExactJSON
import Foundation
import Testing

/// What `bursar doctor` finds where something is wrong, and what it leaves as it was.
@Suite("The doctor")
struct DoctorTests {
    /// The checks by name, with the one that is worst of several.
    private func checks(_ result: BursarProgram.Result) throws -> [String: JSON] {
        let order = ["ok", "warning", "failed"]
        return try (try result.json()["checks"]?.array ?? []).reduce(into: [:]) { all, check in
            let name = try #require(check["check"]?.string)
            func rank(_ check: JSON?) -> Int { order.firstIndex(of: check?["state"]?.string ?? "") ?? -1 }
            if rank(check) > rank(all[name]) { all[name] = check }
        }
    }

    private func look(_ folder: TemporaryFolder, _ arguments: [String] = [], _ environment: [String: String] = [:]) throws
        -> (exit: Int32, checks: [String: JSON])
    {
        let result = try BursarProgram.run(
            ["doctor", "--json"] + arguments, environment: environment.merging(["HOME": folder.path]) { given, _ in given },
            in: folder.path)
        return (result.exitCode, try checks(result))
    }

    @Test("a served bank with right credentials is well; the bank is asked for a token and nothing else, and no file is made")
    func well() async throws {
        let server = try await SandboxServer()
        let before = try FileManager.default.subpathsOfDirectory(atPath: server.folder.path)
        let result = try server.run(["doctor", "--json"])
        let found = try checks(result)
        #expect(result.exitCode == 0, "\(result.output)")
        for name in ["environment local", "environment bank", "credentials bank", "clock bank", "worker", "confinement", "fsync"]
        {
            #expect(found[name]?["state"] == "ok", "\(name): \(String(describing: found[name]))")
        }
        let calls = try await server.calls()
        #expect(calls.map { $0["target"] } == ["/auth"], "\(calls)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: server.folder.path) == before)
    }

    @Test("wrong credentials end with 7, and are not printed")
    func credentials() async throws {
        let server = try await SandboxServer()
        var environment = server.environment
        environment["CONOMY_CLIENT_SECRET"] = "marked-secret-4711"
        let result = try BursarProgram.run(["doctor"], environment: environment, in: server.folder.path)
        #expect(result.exitCode == 7)
        #expect(result.output.contains("failed   credentials bank: "))
        #expect(!(result.output + result.errors).contains("marked-secret-4711"))
    }

    @Test("a port that nobody listens at ends with 5 and says TCP; a name that is none says DNS; --offline asks neither")
    func unreachable() throws {
        let folder = try TemporaryFolder()
        let keys = ["CONOMY_CLIENT_ID": "a", "CONOMY_CLIENT_SECRET": "b", "CONOMY_API_KEY": "c"]
        _ = try folder.write(
            "bursar.yaml",
            "environments:\n  port: {base_url: 'http://127.0.0.1:1'}\n  name: {base_url: 'https://no-such-bank.invalid'}\n")
        let port = try look(folder, ["--env", "port"], keys)
        #expect(port.exit == 5)
        #expect(port.checks["environment port"]?["text"]?.string?.contains("(TCP)") == true)
        let name = try look(folder, ["--env", "name"], keys)
        #expect(name.exit == 5)
        #expect(name.checks["environment name"]?["text"]?.string?.contains("(DNS)") == true)
        #expect(try look(folder, ["--env", "name", "--offline"], keys).exit == 0)
    }

    @Test("a damaged bursar.yaml ends with 3 and names its line, and the rest is looked at all the same")
    func configuration() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("bursar.yaml", "environments:\n  bank:\n    base_ulr: http://127.0.0.1:1\n")
        let found = try look(folder)
        #expect(found.exit == 3)
        #expect(found.checks["configuration"]?["text"]?.string?.contains("bursar.yaml:3") == true)
        #expect(found.checks["worker"]?["state"] == "ok")
    }

    @Test("an environment that does not exist ends with 3")
    func noEnvironment() throws {
        let found = try look(try TemporaryFolder(), ["--env", "bnak"])
        #expect(found.exit == 3 && found.checks["environment bnak"]?["state"] == "failed")
    }

    @Test("what others can read is named: credentials end with 7, a key with 8, the journal's folder is a warning")
    func permissions() throws {
        let folder = try TemporaryFolder()
        func mode(_ path: String, _ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path + "/" + path)
        }
        _ = try folder.write(
            "bursar.yaml", "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n    credentials: {file: keys.env}\n")
        _ = try folder.write("keys.env", "CONOMY_CLIENT_ID=a\nCONOMY_CLIENT_SECRET=b\nCONOMY_API_KEY=c\n")
        try mode("keys.env", 0o644)
        #expect(try look(folder).exit == 7)
        try mode("keys.env", 0o600)
        #expect(try look(folder).checks["permissions"]?["state"] == "ok")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.bursar", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let open = try look(folder)
        #expect(open.exit == 0 && open.checks["permissions"]?["state"] == "warning")
        try FileManager.default.createDirectory(atPath: folder.path + "/.config/bursar/keys", withIntermediateDirectories: true)
        _ = try folder.write(".config/bursar/keys/ana.key", "{}")
        try mode(".config/bursar/keys/ana.key", 0o640)
        #expect(try look(folder).exit == 8)
    }

    @Test("what is in doubt and what is frozen are warnings; a damaged journal ends with 12")
    func journal() async throws {
        let fixture = try JournalFixture()
        // Has one effect in doubt, among others.
        _ = try await fixture.mixedRun()
        let place = ["--state", fixture.journalFolder.path]
        let folder = fixture.folder
        #expect(try look(folder, place).checks["journal"]?["state"] == "ok")
        _ = try BursarProgram.run(
            ["freeze", "--because", "a test"] + place, environment: ["HOME": folder.path], in: folder.path)
        let found = try look(folder, place)
        #expect(found.exit == 0)
        #expect(found.checks["doubts"]?["state"] == "warning", "\(found.checks)")
        #expect(found.checks["freeze"]?["text"]?.string?.contains("a test") == true)
        // An anchor that says of more than there is.
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: fixture.journalFolder.path + "/journal.head"))
        let damaged = try look(folder, place)
        #expect(damaged.exit == 12 && damaged.checks["journal"]?["state"] == "failed")
    }

    @Test("a schedule whose script is gone ends with 3")
    func schedules() throws {
        let fixture = try ScheduleFixture()
        try fixture.add("nightly", "30 3 * * *")
        #expect(try look(fixture.folder).checks["schedules"]?["state"] == "ok")
        try FileManager.default.removeItem(atPath: fixture.folder.path + "/refunds.lua")
        #expect(try look(fixture.folder).exit == 3)
    }

    @Test("a disk without room ends with 5", .enabled(if: DoctorTests.canMount))
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        let program = BursarProgram.folder.appendingPathComponent("bursar").path
        let script = """
            mount -t tmpfs -o size=64k none . && cd "$PWD" && dd if=/dev/zero of=rubbish bs=4k count=100 2>/dev/null
            exec '\(program)' doctor --offline --state "$PWD"
            """
        let (code, output) = try DoctorTests.shell(["unshare", "--mount", "sh", "-c", script], in: folder.path)
        #expect(code == 5, "\(output)")
        #expect(output.contains("failed   disk: ") && output.contains("failed   fsync: "))
    }

    static let canMount = (try? shell(["unshare", "--mount", "true"], in: "/"))?.code == 0

    private static func shell(_ words: [String], in folder: String) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("lines fit sixty columns")
    func narrow() throws {
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(
            ["doctor", "--offline"], environment: ["HOME": "/h", "COLUMNS": "60"], in: folder.path)
        for line in result.output.split(separator: "\n") where !line.contains("/") { #expect(line.count <= 60, "\(line)") }
    }
}
