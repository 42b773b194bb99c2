import ExactJSON
import Foundation
import Testing

/// Settings from flags, variables and files, and the guard before production, as the program's users meet them.
@Suite("Configuration")
struct ConfigTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/config/bursar", withIntermediateDirectories: true)
        _ = try folder.write(
            "config/bursar/bursar.yaml",
            "default_environment: bank\nenvironments:\n  bank:\n    parallel: 2\n    patience: 1h\n    requests_per_second: 3\n")
        _ = try folder.write(
            "bursar.yaml",
            "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n    parallel: 8\n    policy: {most_effects_per_day: 5}\n")
        return folder
    }

    private func origins(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> [String: String] {
        let folder = try folder()
        let environment = environment.merging(["XDG_CONFIG_HOME": folder.path + "/config"]) { given, _ in given }
        let result = try BursarProgram.run(
            ["config", "--explain", "--json"] + arguments, environment: environment, in: folder.path)
        #expect(result.exitCode == 0, "\(result.errors)")
        return try #require(try result.json().array).reduce(into: [:]) { all, setting in
            let origin = (setting["origin"]?.string ?? "").replacing(folder.path + "/", with: "")
            all[setting["name"]?.string ?? ""] = "\(setting["value"]?.string ?? "") from \(origin)"
        }
    }

    @Test("a flag wins over a variable, that over the project's file, that over the user's, and that over what is built in")
    func precedence() throws {
        let plain = try origins()
        #expect(plain["environment"] == "bank from config/bursar/bursar.yaml:1")
        #expect(plain["parallel"] == "8 from bursar.yaml:4")
        #expect(plain["requests_per_second"] == "3 from config/bursar/bursar.yaml:6")
        #expect(
            plain["patience"] == "1 h from config/bursar/bursar.yaml:5"
                || plain["patience"] == "60 min from config/bursar/bursar.yaml:5")
        #expect(plain["stamps"] == "true from default")
        #expect(plain["policy.most_effects_per_day"] == "5 from bursar.yaml:5")
        let variables = try origins([], ["BURSAR_RATE": "7", "BURSAR_PARALLEL": "9", "BURSAR_STATE": "/tmp/elsewhere"])
        #expect(variables["requests_per_second"] == "7 from BURSAR_RATE")
        #expect(variables["parallel"] == "9 from BURSAR_PARALLEL")
        #expect(variables["state"] == "/tmp/elsewhere from BURSAR_STATE")
        #expect(try origins(["--rate", "5"], ["BURSAR_RATE": "7"])["requests_per_second"] == "5 from --rate")
        #expect(try origins([], ["BURSAR_ENV": "local"])["environment"] == "local from BURSAR_ENV")
        #expect(try origins(["--env", "sandbox"], ["BURSAR_ENV": "local"])["environment"] == "sandbox from --env")
    }

    @Test(
        "a variable that is no value ends with 2 and names itself",
        arguments: ["BURSAR_RATE", "BURSAR_PARALLEL", "BURSAR_PATIENCE"])
    func badVariable(name: String) throws {
        let folder = try folder()
        let result = try BursarProgram.run(["config"], environment: [name: "many"], in: folder.path)
        #expect(result.exitCode == 2 && result.errors.contains("\(name) is \"many\""), "\(result.errors)")
    }

    @Test("credentials' files are used, and one that others can read is refused with 7; nothing of it is printed")
    func credentials() async throws {
        let server = try await SandboxServer(world: PolicyTests.world, settings: "    credentials: {file: secrets}\n")
        let text = server.environment.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        let path = try server.folder.write("secrets", text)
        func run() throws -> BursarProgram.Result {
            try BursarProgram.run(["api", "call", "payments.list"], in: server.folder.path)
        }
        chmod(path, 0o644)
        let refused = try run()
        #expect(refused.exitCode == 7 && refused.errors.contains("mode 644"), "\(refused.errors)")
        for secret in server.environment.values { #expect(!(refused.errors + refused.output).contains(secret)) }
        chmod(path, 0o600)
        #expect(try run().exitCode == 0)
    }

    @Test("production without a terminal: reads happen, effects need an approved plan or a policy that says unattended")
    func production() async throws {
        let server = try await SandboxServer(world: PolicyTests.world)
        func run(_ policy: String, _ arguments: [String]) throws -> BursarProgram.Result {
            _ = try server.folder.write(
                "bursar.yaml",
                "environments:\n  production:\n    account: Tienda Austral\n    base_url: \(server.url)\n\(policy)")
            return try server.run(arguments + ["--env", "production"])
        }
        _ = try server.folder.write("refunds.lua", PolicyTests.script)
        let limits = "most_per_effect: {ARS: \"100.00\"}, most_per_day: {ARS: \"1000.00\"}"
        for (policy, word) in [
            ("", "are not allowed"), ("    allow_effects: true\n", "asks for a plan"),
            ("    policy: {require: none}\n", "names no most_per_effect"),
            ("    policy: {\(limits)}\n", "asks for a plan"),
            ("    policy: {require: none, \(limits)}\n", "nobody sits at a terminal"),
        ] {
            let refused = try run(policy, ["run", "refunds.lua"])
            #expect([6, 8].contains(refused.exitCode), "\(policy) \(refused.errors)")
            #expect((refused.output + refused.errors).contains(word), "\(policy) \(refused.output) \(refused.errors)")
            #expect(try run(policy, ["api", "call", "payments.list"]).exitCode == 0)
        }
        #expect(try run("", ["api", "call", "refunds.list"]).json()["results"]?.array?.count == 0)
        let unattended = try run("    policy: {require: none, unattended: true, \(limits)}\n", ["run", "refunds.lua"])
        #expect(unattended.exitCode == 0, "\(unattended.output)\(unattended.errors)")
        for word in ["PRODUCTION", "Tienda Austral", server.url, "most_per_day 1000.00 ARS"] {
            #expect(unattended.errors.contains(word), "\(unattended.errors)")
        }
    }
}
