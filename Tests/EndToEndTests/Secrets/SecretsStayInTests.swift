import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A bank that echoes credentials in its errors, a script that passes on what it is told, and everything they leave behind.
@Suite("Secrets stay in")
struct SecretsStayInTests {
    /// A place to which a run writes. A further one is a line in `sinks`.
    struct Sink: Sendable {
        let name: String
        /// Whether what the bank echoed comes here: then it must be seen to have been taken out.
        let isToldEcho: Bool
        let text: @Sendable (Night) throws -> String

        init(_ name: String, isToldEcho: Bool = false, _ text: @escaping @Sendable (Night) throws -> String) {
            self.name = name
            self.isToldEcho = isToldEcho
            self.text = text
        }
    }

    static let sinks = [
        Sink("standard output of run", isToldEcho: true) { $0.run.output },
        Sink("standard error of run", isToldEcho: true) { $0.run.errors },
        Sink("log file", isToldEcho: true) { $0.file("log.txt") },
        Sink("result file", isToldEcho: true) { $0.file("out.csv") },
        Sink("journal and run logs", isToldEcho: true) { try $0.folder(".bursar") },
        Sink("command lines while it ran") { $0.processes },
        Sink("environment of the script's process") { $0.workerEnvironment },
        Sink("plan file") { $0.file("p.plan") },
        Sink("what plan said", isToldEcho: true) { $0.plan.output + $0.plan.errors },
        Sink("key files") { try $0.folder("config") },
        Sink("what keys said") { $0.keys.output + $0.keys.errors },
        Sink("what approve said") { $0.approve.output + $0.approve.errors },
        Sink("what show says of the plan") { try $0.says("show", "p.plan") },
        Sink("what show says of the plan, as JSON") { try $0.says("show", "p.plan", "--json") },
        Sink("report in HTML", isToldEcho: true) { try $0.report("--html", "r.html") },
        Sink("report in JUnit's XML", isToldEcho: true) { try $0.report("--junit", "r.xml") },
        Sink("what show says of the run", isToldEcho: true) { try $0.says("show", "last") },
        Sink("what show says of the run, as JSON", isToldEcho: true) { try $0.says("show", "last", "--json") },
        Sink("what logs says", isToldEcho: true) { try $0.says("logs", "last") },
        Sink("what runs says") { try $0.says("runs", "--json") },
        Sink("what doubts says") { try $0.says("doubts") },
        Sink("what why says", isToldEcho: true) { try $0.says("why", $0.payment, "--json") },
        Sink("what config says") { try $0.says("config", "--explain") },
        Sink("what api call says", isToldEcho: true) { try $0.says("api", "call", "customers.list", "--trace-http") },
    ]

    @Test("in no output, log, journal, report, plan, error or process list, plain, in base64 or as URLs have it")
    func everySink() async throws {
        let night = try await Night()
        for (name, secret) in night.secrets { #expect(secret.utf8.count >= 9, "\(name) is too short to be looked for") }
        for sink in SecretsStayInTests.sinks {
            let text = try sink.text(night)
            #expect(
                !text.isEmpty || sink.name.hasPrefix("environment") || sink.name == "what doubts says", "\(sink.name) is empty")
            if sink.isToldEcho {
                #expect(Night.placeholders.contains { text.contains($0) }, "\(sink.name) did not get what the bank echoed")
            }
            for (name, secret) in night.secrets {
                for spelling in SecretSpellings.all(secret) {
                    #expect(!text.contains(spelling), "\(sink.name) holds the \(name), as \(spelling)")
                }
            }
        }
    }

    /// A run, a plan and an approval on a bank that echoes.
    struct Night {
        let desk: KeptRunTests.Desk
        let secrets: [(name: String, text: String)]
        let run: BursarProgram.Result
        let plan: BursarProgram.Result
        let keys: BursarProgram.Result
        let approve: BursarProgram.Result
        /// The command lines of the program and its children while it ran.
        let processes: String
        let workerEnvironment: String

        /// What stands where a secret was, as text and as markup.
        static let placeholders = ["<secret>", "&lt;secret&gt;"]
        static let passphrase = "marked-passphrase-7d20"

        static let script = """
            job { name = "echo", args = { input = "file" }, effects = { "payments.refund" } }
            local ok, why = pcall(conomy.customers.list)
            emit(why)
            log.info("heard " .. tostring(why.detail))
            for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { name = "r", parallel = 1 }, function(row)
              local refund = conomy.payments.refund(row.id, { amount = row.amount, reason = "returned" })
              return { refund = refund.refundId, heard = why.detail }
            end)
            """

        /// The one whose refund was declined with an echo.
        var payment: String { desk.payments[1] }

        init() async throws {
            // The same seed gives the same first token.
            let token = try await Night.firstToken(of: SandboxServer())
            let desk = try await KeptRunTests.Desk(payments: 3)
            self.desk = desk
            let given = desk.server.environment
            let named = ["CONOMY_CLIENT_ID", "CONOMY_CLIENT_SECRET", "CONOMY_API_KEY"].map { ($0, given[$0] ?? "") }
            secrets = named.map { (name: $0.0, text: $0.1) } + [("access token", token), ("passphrase", Night.passphrase)]
            let said = named.flatMap { SecretSpellings.all($0.1) }.joined(separator: " ")
            let body = JSON.object([
                "status": 422, "code": "21", "type": "failedPrecondition", "detail": .string("not for \(said)"), "traceId": "t",
            ]).text()
            for (operation, calls) in [("customers.list", "1-"), ("payments.refund", "2")] {
                let fault: JSON = [
                    "operation": .string(operation), "fault": "status", "status": 422, "calls": .string(calls),
                    "body": .string(body),
                    "contentType": "application/json",
                ]
                try await desk.order(fault.text())
            }
            // The third refund stands still, so that the processes can be looked at; it is answered at its end.
            try await desk.order(#"{"operation": "payments.refund", "fault": "delay", "seconds": 1, "calls": "3"}"#)
            _ = try desk.server.folder.write("s.lua", Night.script)
            _ = try desk.server.folder.write("phrase", Night.passphrase + "\n")
            let program = try Night.start(
                desk,
                [
                    "run", "s.lua", "input=in.csv", "--trace-http", "--log-level", "trace", "--log-file", "log.txt", "--results",
                    "out.csv",
                ])
            try await program.until { try await desk.writes().count >= 2 }
            let lines = try [program.processIdentifier] + LifeTests().children(of: program.processIdentifier)
            processes = lines.map { Night.proc($0, "cmdline") }.joined(separator: "\n")
            workerEnvironment = lines.dropFirst().map { Night.proc($0, "environ") }.joined(separator: "\n")
            run = program.wait()
            plan = try Night.start(desk, ["plan", "s.lua", "input=in.csv", "-o", "p.plan", "--trace-http"]).wait()
            keys = try Night.start(desk, ["keys", "new", "ana", "--passphrase-file", "phrase"]).wait()
            approve = try Night.start(
                desk, ["approve", "p.plan", "--key", "ana", "--yes", "--passphrase-file", "phrase"]
            ).wait()
        }

        func file(_ name: String) -> String { desk.server.folder.text(name) }

        /// Every byte of every file beneath a folder.
        func folder(_ name: String) throws -> String {
            let path = desk.server.folder.path + "/" + name
            let names = try FileManager.default.subpathsOfDirectory(atPath: path)
            return names.compactMap { FileManager.default.contents(atPath: path + "/" + $0) }
                .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        }

        func says(_ arguments: String...) throws -> String {
            let result = try Night.start(desk, arguments).wait()
            return result.output + result.errors
        }

        func report(_ form: String, _ name: String) throws -> String {
            let said = try says("report", "last", form, name)
            return file(name) + said
        }

        private static func start(_ desk: KeptRunTests.Desk, _ arguments: [String]) throws -> BursarProgram.Running {
            let folder = desk.server.folder.path
            let environment = desk.server.environment.merging(["XDG_CONFIG_HOME": folder + "/config", "USER": "ana"]) { $1 }
            return try BursarProgram.Running(arguments, environment: environment, in: folder)
        }

        private static func proc(_ process: Int32, _ name: String) -> String {
            (try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8))?
                .replacingOccurrences(of: "\0", with: " ") ?? ""
        }

        /// The part of a token that no clock is in.
        private static func firstToken(of bank: SandboxServer) async throws -> String {
            var request = URLRequest(url: try #require(URL(string: bank.url + "/auth")))
            request.httpMethod = "POST"
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.setValue(bank.environment["CONOMY_API_KEY"], forHTTPHeaderField: "x-api-key")
            let body: JSON = [
                "clientId": .string(bank.environment["CONOMY_CLIENT_ID"] ?? ""),
                "clientSecret": .string(bank.environment["CONOMY_CLIENT_SECRET"] ?? ""),
            ]
            request.httpBody = Data(body.text().utf8)
            let (data, _) = try await URLSession.shared.data(for: request)
            let token = try #require(try JSON(parsing: data)["accessToken"]?.string, "\(String(decoding: data, as: UTF8.self))")
            return try #require(token.split(separator: ".").last.map(String.init))
        }
    }
}
