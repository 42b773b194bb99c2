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
}
