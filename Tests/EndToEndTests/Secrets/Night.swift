import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// All that is done with Bursar in a night, each part at an echoing bank of its own, and what it leaves behind.
struct Night {
    let ran: Ran
    let planned: Planned
    /// With credentials from the environment.
    let listened: Listened
    /// With credentials from a file.
    let kept: Kept
    let secrets: [(name: String, text: String)]

    init() async throws {
        ran = try await Ran()
        planned = try await Planned()
        listened = try await Listened(EchoingBank(declining: "2", slow: "1"))
        kept = try await Kept()
        secrets = try await ran.bank.secrets()
    }

    /// How the parts ended: of the run and the apply some rows failed.
    var exits: [Int32] {
        [ran.result, planned.plan, planned.keys, planned.approve, planned.apply, listened.result, kept.listened.result].map(
            \.exitCode)
    }

    /// A run with everything that it can write, and whose failure is told.
    struct Ran {
        let bank: EchoingBank
        let result: BursarProgram.Result
        let processes: ProcessTree

        /// The one whose refund was declined with an echo.
        var payment: String { bank.desk.payments[1] }

        init() async throws {
            let bank = try await EchoingBank(declining: "2", slow: "3")
            self.bank = bank
            let program = try bank.start([
                "run", "s.lua", "input=in.csv", "--trace-http", "--log-level", "trace", "--log-file", "log.txt",
                "--results", "out.csv", "--report-html", "own.html", "--report-junit", "own.xml", "--report-json", "own.json",
                "--report-csv", "own.csv", "--metrics-file", "own.prom", "--on-failure", "cat > failed.txt; env > failed.env",
            ])
            try await program.until { try await bank.desk.writes().count >= 2 }
            processes = try ProcessTree(of: program.processIdentifier)
            result = program.wait()
        }
    }

    /// A plan that is approved and applied.
    struct Planned {
        let bank: EchoingBank
        let plan: BursarProgram.Result
        let keys: BursarProgram.Result
        let approve: BursarProgram.Result
        let apply: BursarProgram.Result

        init() async throws {
            bank = try await EchoingBank(declining: "2", slow: "100")
            plan = try bank.start(["plan", "s.lua", "input=in.csv", "-o", "p.plan", "--trace-http"]).wait()
            keys = try bank.start(["keys", "new", "ana", "--passphrase-file", "phrase"]).wait()
            approve = try bank.start(["approve", "p.plan", "--key", "ana", "--yes", "--passphrase-file", "phrase"]).wait()
            apply = try bank.start([
                "apply", "p.plan", "--trace-http", "--log-level", "trace", "--log-file", "log.txt", "--results", "out.csv",
                "--report-json", "own.json",
            ]).wait()
        }
    }

    /// A listener whose handler fails with an echo, and senders who are not right.
    struct Listened {
        let bank: EchoingBank
        let result: BursarProgram.Result
        let processes: ProcessTree
        let trigger: String
        /// What somebody hears who sends the secret itself.
        let answers: String
        let event: String

        static let script = """
            on("payment.settled", function(event)
              local ok, why = pcall(conomy.customers.list)
              emit(why)
              log.info("heard " .. tostring(why.detail))
              conomy.payments.refund(event.transaction.id, { amount = "10.00" })
              conomy.payments.refund(event.transaction.id, { amount = "20.00" })
            end)
            """

        init(_ bank: EchoingBank, environment: String = "bank", isGiven: Bool = true) async throws {
            self.bank = bank
            try bank.write("h.lua", Listened.script)
            let program = try bank.start(
                [
                    "listen", "h.lua", "--env", environment, "--port", "0", "--log-level", "trace", "--log-file", "listen.txt",
                    "--",
                    "--trace-http", "--log-level", "trace", "--log-file", "handlers.txt",
                ], isGiven: isGiven)
            try await program.until { program.output.contains("listening on ") }
            let address = String(try #require(program.output.split(separator: " ").first { $0.hasPrefix("http://") }))
            answers = try await Listened.send(to: address)
            trigger = try bank.says("trigger", "payment.settled", "id=\(bank.desk.payments[0])", "--to", address)
            var processes = try ProcessTree(of: program.processIdentifier)
            try await program.until {
                guard processes.workerEnvironments.isEmpty else { return true }
                processes = try ProcessTree(of: program.processIdentifier)
                return false
            }
            self.processes = processes
            try await program.until { program.errors.contains("a handler failed and is tried again") }
            program.signal(SIGTERM)
            result = program.wait()
            event = String(try bank.says("events", "list").prefix { $0 != " " })
        }

        /// Messages that have the secret where a signature belongs, and in their address and body.
        private static func send(to address: String) async throws -> String {
            var request = URLRequest(url: try #require(URL(string: address + "?secret=" + EchoingBank.webhookSecret)))
            request.httpMethod = "POST"
            request.setValue(EchoingBank.webhookSecret, forHTTPHeaderField: "X-Webhook-Signature")
            var answers = ""
            for body in ["{\"eventType\": \"\(EchoingBank.webhookSecret)\"}", "secret=\(EchoingBank.webhookSecret)"] {
                request.httpBody = Data(body.utf8)
                let (data, _) = try await URLSession.shared.data(for: request)
                answers += String(decoding: data, as: UTF8.self)
            }
            return answers
        }
    }

    /// Programs that have no credentials in their environment, and take them from where `bursar.yaml` says.
    struct Kept {
        let bank: EchoingBank
        let command: String
        let refused: String
        let listened: Listened

        init() async throws {
            let bank = try await EchoingBank(declining: "2", slow: "1")
            self.bank = bank
            let texts = bank.environment.map { "\($0)=\($1)\n" }.joined()
            try bank.write("credentials", texts)
            try bank.write("open", texts)
            try bank.write("broken", texts.replacingOccurrences(of: "=", with: ": "))
            for (name, mode) in [("credentials", 0o600), ("open", 0o644), ("broken", 0o600)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: bank.path + "/" + name)
            }
            var settings = bank.file("bursar.yaml")
            for (name, source) in [
                ("kept", "file: credentials"), ("told", "command: [cat, credentials]"), ("open", "file: open"),
                ("broken", "file: broken"), ("garbled", "command: [cat, broken]"),
                ("failing", "command: [sh, -c, 'cat credentials; exit 3']"),
            ] {
                settings += "  \(name):\n    base_url: \(bank.desk.server.url)\n    credentials: { \(source) }\n"
            }
            try bank.write("bursar.yaml", settings)
            // First, so that its token is one of those that are known.
            command = try bank.says("api", "call", "customers.list", "--env", "told", "--trace-http", isGiven: false)
            listened = try await Listened(bank, environment: "kept", isGiven: false)
            refused = try ["open", "broken", "garbled", "failing"].map {
                try bank.says("api", "call", "customers.list", "--env", $0, isGiven: false)
            }.joined()
        }
    }
}
