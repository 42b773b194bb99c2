import ExactJSON
import Foundation
import Testing

/// What an environment's policy refuses, in runs of the program against a bank that is reached as a vendor's sandbox is.
@Suite("A policy")
struct PolicyTests {
    static let world = Example.root.appendingPathComponent("examples/bulk-refunds/world.json").path

    /// Refunds of 10 to 60 ARS of one payment, in rows of their own.
    static let script = """
        job { name = "refunds", effects = { "payments.refund" } }
        for_each({ 10, 20, 30, 40, 50, 60 }, { name = "refunds", parallel = 1 }, function(number)
          conomy.payments.refund("65b0a1000000000000000201", { amount = money(number .. ".00", "ARS") })
        end)
        """

    func server(_ policy: String, script: String = PolicyTests.script) async throws -> SandboxServer {
        let server = try await SandboxServer(world: PolicyTests.world, settings: "    policy:\n      \(policy)\n")
        _ = try server.folder.write("refunds.lua", script)
        return server
    }

    func refunds(_ server: SandboxServer) throws -> [String] {
        try #require(try server.run(["api", "call", "refunds.list"]).json()["results"]?.array)
            .compactMap { $0["totalAmount"]?.string ?? $0["amount"]?.string }.sorted()
    }

    @Test(
        "refuses the rows that would pass it, and does the others",
        arguments: [
            ("most_per_effect: {ARS: \"30.00\"}", 3, "most_per_effect"), ("most_per_run: {ARS: \"60.00\"}", 3, "most_per_run"),
            ("most_per_day: {ARS: \"59.99\"}", 2, "most_per_day"), ("most_effects_per_run: 4", 4, "most_effects_per_run"),
            ("most_effects_per_day: 5", 5, "most_effects_per_day"),
            ("most_per_day: {USD: \"1000.00\"}", 0, "most_per_day"),
            ("operations: {allow: [payments.capture]}", 0, "operations"),
            ("operations: {forbid: [payments.refund]}", 0, "operations"),
            ("hours: Mon-Sun 00:00-24:00", 6, ""),
        ])
    func rows(policy: String, done: Int, word: String) async throws {
        let server = try await server(policy)
        let rehearsal = try server.run(["run", "refunds.lua", "--dry-run"])
        #expect(try refunds(server).isEmpty)
        let run = try server.run(["run", "refunds.lua"])
        #expect(run.exitCode == (done == 6 ? 0 : 6), "\(run.output)\n\(run.errors)")
        #expect(try refunds(server).count == done)
        for said in [rehearsal, run] where !word.isEmpty {
            let text = said.output + said.errors
            #expect(text.contains("refused") && text.contains("(rule \(word))"), "\(text)")
        }
    }

    @Test("of a day holds over runs and jobs, and says what is left; what is done already is not asked about again")
    func day() async throws {
        let server = try await server("most_per_day: {ARS: \"70.00\"}")
        #expect(try server.run(["run", "refunds.lua"]).exitCode == 6)
        // 10, 20 and 30; the others would pass it.
        #expect(try refunds(server).count == 3)
        #expect(try server.run(["run", "refunds.lua"]).exitCode == 6)
        #expect(try refunds(server).count == 3)
        _ = try server.folder.write(
            "more.lua",
            """
            job { name = "more", effects = { "payments.refund" } }
            conomy.payments.refund("65b0a1000000000000000201", { amount = money("10.01", "ARS") })
            """)
        let more = try server.run(["run", "more.lua"])
        #expect(more.exitCode == 8 && more.errors.contains("60.00 ARS is taken, and 10.00 ARS is left"), "\(more.errors)")
        #expect(try server.run(["journal", "verify"]).exitCode == 0)
    }

    @Test("refuses a refund of all that is left when that is more than it allows")
    func everything() async throws {
        let all = """
            job { name = "all", effects = { "payments.refund" } }
            conomy.payments.refund("65b0a1000000000000000201", { amount = "all" })
            """
        let server = try await server("most_per_effect: {ARS: \"100.00\"}", script: all)
        let run = try server.run(["run", "refunds.lua"])
        #expect(run.exitCode == 8 && run.errors.contains("the most for one effect is 100.00 ARS"), "\(run.errors)")
        #expect(try refunds(server).isEmpty)
    }

    @Test("that asks for a plan lets nothing happen without one, and ends the run at the first effect")
    func planRequired() async throws {
        let server = try await server("require: plan")
        let run = try server.run(["run", "refunds.lua"])
        #expect(run.exitCode == 8 && run.errors.contains("bursar plan"), "\(run.output)\(run.errors)")
        #expect(try refunds(server).isEmpty)
        #expect(try server.run(["run", "refunds.lua", "--dry-run"]).exitCode == 0)
    }

    @Test("is asked about a plan rule by rule, also about what it refused when the plan was made")
    func check() async throws {
        let server = try await server("{most_per_day: {ARS: \"70.00\"}, most_effects_per_run: 10, require: plan}")
        #expect(try server.run(["plan", "refunds.lua", "-o", "strict.plan"]).exitCode == 0)
        let check = try server.run(["policy", "check", "strict.plan", "--json"])
        #expect(check.exitCode == 8, "\(check.errors)")
        let rules = try #require(try check.json()["rules"]?.array)
        let day = try #require(rules.first { $0["name"]?.string == "most_per_day" })
        #expect(day["comes_to"]?.string == "60.00 ARS" && day["refused"]?.array?.count == 3, "\(check.output)")
        let run = try #require(rules.first { $0["name"]?.string == "most_effects_per_run" })
        #expect(run["comes_to"]?.string == "3 effects" && run["refused"]?.array?.isEmpty == true, "\(check.output)")
        #expect(try server.run(["policy", "check", "strict.plan", "--env", "sandbox"]).exitCode == 0)
        let apply = try server.run(["apply", "strict.plan"])
        #expect(apply.exitCode == 6, "\(apply.output)\(apply.errors)")
        #expect(try refunds(server).count == 3)
    }

    @Test("counts a payout once, although it is created and captured, and sends money to listed accounts only")
    func payouts() throws {
        let example = Example.root.appendingPathComponent("examples/payouts").path
        let folder = try TemporaryFolder()
        func run(_ policy: String) throws -> JSON {
            _ = try folder.write("bursar.yaml", "environments:\n  local:\n    policy: {\(policy)}\n")
            return try BursarProgram.run(
                [
                    "run", example + "/payouts.lua", "input=\(example)/payouts.csv", "--world", example + "/world.json", "--seed",
                    "1", "--parallel", "1", "--json",
                ], in: folder.path
            ).json()["rows"] ?? nil
        }
        // What five of the six come to, to the last unit; the sixth is more than there is.
        let sums = ["ARS: \"350000.00\"", "BRL: \"101500.00\"", "CLP: \"480000\"", "COP: \"1250000.00\"", "MXN: \"18450.50\""]
        let exact = sums.joined(separator: ", ")
        #expect(try run("most_per_day: {\(exact)}")["succeeded"] == 5)
        #expect(try run("most_per_run: {\(exact.replacing("18450.50", with: "18450.49"))}")["succeeded"] == 4)
        #expect(try run("destinations: {bank_accounts: [\"012180001234567897\", \"00112233445\"]}")["succeeded"] == 2)
    }

    @Test("that limits a day lets no call happen that no journal keeps")
    func singleCall() async throws {
        let server = try await server("most_per_day: {ARS: \"70.00\"}")
        let call = try server.run(["api", "call", "payments.refund", "id=65b0a1000000000000000201", "amount=10.00"])
        #expect(call.exitCode == 8 && call.errors.contains("would not be recorded"), "\(call.errors)")
    }

    @Test("looks at where a payment that is there already sends its money, before it is captured")
    func capture() async throws {
        let account = "200000000000000000001"
        let server = try await server(
            "unattended: true",
            script: """
                local payment = conomy.payments.create {
                  type = "TOPUP_ACCOUNT", product = "ARS:ARS", purchaseAmount = "5.00", externalId = "order-1",
                  origins = { { type = "CVU", currency = "ARS", cvu = {} } },
                  destinations = { { type = "ACCOUNT", currency = "ARS", account = { accountNumber = "\(account)" } } },
                }
                emit(payment.id)
                """)
        let made = try server.run(["run", "refunds.lua", "--json"])
        let id = try #require(made.json()["emitted"]?.array?.first?.string, "\(made.output)\(made.errors)")
        _ = try server.folder.write("capture.lua", "conomy.payments.capture(\"\(id)\")")
        let settings = server.folder.text("bursar.yaml")
        func run(_ known: String) throws -> BursarProgram.Result {
            let policy = "destinations: {accounts: [\"\(known)\"]}"
            _ = try server.folder.write("bursar.yaml", settings.replacing("unattended: true", with: policy))
            return try server.run(["run", "capture.lua"])
        }
        let refused = try run("1")
        #expect(refused.exitCode == 8 && refused.errors.contains("is \(account)"), "\(refused.output)\(refused.errors)")
        let done = try run(account)
        #expect(done.exitCode == 0, "\(done.output)\(done.errors)")
    }
}
