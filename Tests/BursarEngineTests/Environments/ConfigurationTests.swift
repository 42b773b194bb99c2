import BursarGate
import ConomyAPI
import Foundation
import Testing

@testable import BursarEngine

@Suite("bursar.yaml")
struct ConfigurationTests {
    func problem(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try Configuration(text: text, path: "bursar.yaml")
            return ""
        } catch { return error.description }
    }

    @Test("names environments and how calls go there")
    func environments() throws {
        let configuration = try Configuration(
            text: """
                default_environment: staging
                environments:
                  staging:
                    base_url: http://127.0.0.1:8080
                    refund_with: payment
                    requests_per_second: 20
                    parallel: 4
                    patience: 2h
                """, path: "bursar.yaml")
        let target = try TargetEnvironment(named: nil, in: configuration)
        #expect(target.name == "staging")
        #expect(target.baseURL == "http://127.0.0.1:8080")
        #expect(target.refundWith == .payment)
        #expect(target.requestsPerSecond == 20)
        #expect(target.patience == .seconds(7200))
        #expect(try TargetEnvironment(named: "local", in: configuration).patience == .seconds(900))
        #expect(target.allowEffects)
    }

    @Test("an unknown key is an error with its line and what was meant")
    func unknownKey() {
        #expect(
            problem("environments:\n  x:\n    base_ulr: y\n")
                == "bursar.yaml:3: \"base_ulr\" is not a key of bursar.yaml; did you mean base_url?")
        #expect(problem("default_enviroment: x\n").contains("did you mean default_environment?"))
    }

    @Test("credentials do not belong into it")
    func credentials() {
        #expect(problem("environments:\n  x:\n    client_secret: abc\n").contains("CONOMY_CLIENT_SECRET"))
        #expect(!problem("environments:\n  x:\n    client_secret: abc\n").contains("abc"))
    }

    @Test("values of the wrong kind are errors")
    func wrongKinds() {
        #expect(problem("environments:\n  x:\n    parallel: many\n").contains("whole number"))
        #expect(problem("environments:\n  x:\n    refund_with: post\n").contains("sub_resource, payment"))
        #expect(problem("environments:\n  x:\n    patience: long\n").contains("15m"))
        #expect(problem("- a\n").contains("mapping"))
        #expect(problem("a: [\n").contains("not YAML"))
    }

    @Test("production allows no effects until the file says so, under whatever name")
    func production() throws {
        #expect(try !TargetEnvironment(named: "production", in: Configuration()).allowEffects)
        #expect(try TargetEnvironment(named: "sandbox", in: Configuration()).allowEffects)
        for url in [
            "https://api.conomyhq.com", "https://api.conomyhq.com/", "https://API.conomyhq.com:443", "https://api.conomyhq.com/x",
        ] {
            let other = try Configuration(text: "environments:\n  live:\n    base_url: \(url)\n", path: "b")
            #expect(try !TargetEnvironment(named: "live", in: other).allowEffects, "\(url)")
        }
    }

    @Test("an environment that does not exist is an error that names those that do")
    func unknownEnvironment() {
        #expect(throws: ConfigurationError.self) { try TargetEnvironment(named: "prod", in: Configuration()) }
    }

    @Test("a policy is read with everything it can say")
    func policy() throws {
        let configuration = try Configuration(
            text: """
                environments:
                  production:
                    account: Tienda Austral
                    policy:
                      operations: {allow: [payments.refund, accounts.*], forbid: [accounts.delete]}
                      most_per_effect: {ARS: "100.00", CLP: "5000"}
                      most_per_run: {ARS: '200.00'}
                      most_per_day: {ARS: "300.00"}
                      most_effects_per_run: 10
                      most_effects_per_day: 20
                      destinations: {accounts: ["100"], bank_accounts: ["200"]}
                      require: none
                      unattended: true
                      hours: Mon-Fri 08:00-20:00
                      time_zone: America/Santiago
                """, path: "bursar.yaml")
        let target = try TargetEnvironment(named: "production", in: configuration)
        let policy = target.policy
        #expect(target.allowEffects && target.account == "Tienda Austral")
        #expect(policy.mostPerEffect?.amounts.map(\.description) == ["100.00 ARS", "5000 CLP"])
        #expect(policy.mostPerRun?.amounts.map(\.description) == ["200.00 ARS"])
        #expect(policy.mostEffectsPerRun == 10 && policy.mostEffectsPerDay == 20)
        #expect(policy.destinations == .init(accounts: ["100"], bankAccounts: ["200"]))
        #expect(!policy.requiresPlan && policy.requiresLimits && policy.isUnattended)
        #expect(policy.timeZone.identifier == "America/Santiago" && policy.hours?.description == "Mon-Fri 08:00-20:00")
        #expect(configuration.origins["production.policy.most_per_day"] == "bursar.yaml:8")
    }

    @Test("production is strict until its policy says otherwise, and other environments are not")
    func strict() throws {
        let production = try TargetEnvironment(named: "production", in: Configuration()).policy
        #expect(production.requiresPlan && production.requiresLimits && !production.isUnattended)
        let sandbox = try TargetEnvironment(named: "sandbox", in: Configuration()).policy
        #expect(sandbox == Policy())
    }

    @Test(
        "what is wrong in a policy is named with its line",
        arguments: [
            ("most_per_day: {ARS: 100.00}", "must stand in quotes"), ("most_per_day: {ARS: \"1,000.00\"}", "separator"),
            ("most_per_day: {ARS: \"1.005\"}", "3 decimals"), ("most_per_day: {ars: \"1\"}", "no currency of the API"),
            ("most_per_day: {ARS: \"99999999999999999999\"}", "larger than any sum"),
            ("operations: {allow: [payments.refnd]}", "did you mean payments.refund?"),
            ("operations: {alow: []}", "did you mean allow?"), ("hours: all day", "Mon-Fri 08:00-20:00"),
            ("time_zone: Mars/Olympus", "America/Santiago"), ("require: plans", "plan, none"),
            ("unattended: maybe", "true or false"),
            ("most_effects_per_day: 0", "above zero"), ("most_per_dya: {}", "did you mean most_per_day?"),
        ])
    func wrongPolicy(line: String, problem: String) {
        let said = self.problem("environments:\n  x:\n    policy:\n      \(line)\n")
        #expect(said.hasPrefix("bursar.yaml:4: ") && said.contains(problem), "\(said)")
    }

    @Test("the project's file is laid over the user's, setting by setting; a policy is one")
    func layers() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            "config/bursar/bursar.yaml",
            """
            default_environment: sandbox
            environments:
              sandbox:
                parallel: 2
                patience: 1h
                policy: {most_effects_per_day: 5, unattended: true}
            """)
        _ = try folder.write("bursar.yaml", "environments:\n  sandbox:\n    parallel: 8\n    policy: {most_effects_per_run: 3}\n")
        let configuration = try Configuration(
            path: nil, searchingFrom: folder.path, environment: ["XDG_CONFIG_HOME": folder.path + "/config"])
        let target = try TargetEnvironment(named: nil, in: configuration)
        #expect(target.name == "sandbox" && target.parallel == 8 && target.patience == .seconds(3600))
        #expect(target.policy.mostEffectsPerRun == 3 && target.policy.mostEffectsPerDay == nil && !target.policy.isUnattended)
        #expect(configuration.path == folder.path + "/bursar.yaml")
        #expect(configuration.origins["sandbox.parallel"] == folder.path + "/bursar.yaml:3")
        #expect(configuration.origins["sandbox.patience"] == folder.path + "/config/bursar/bursar.yaml:5")
        #expect(configuration.origins["sandbox.policy.unattended"] == nil)
    }
}
