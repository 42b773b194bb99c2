import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A bank that puts credentials into its errors, in every spelling, and the folder of somebody who runs scripts against it.
struct EchoingBank {
    let desk: KeptRunTests.Desk
    /// What programs are given that take credentials from their environment.
    let environment: [String: String]

    static let passphrase = "marked-passphrase-7d20"
    static let webhookSecret = "marked-webhook-51c9"

    /// The rows are refunded one after the other, and what the bank says goes wherever a script can put it.
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

    /// - Parameters:
    ///   - declined: which refunds are declined with an echo, as faults count them.
    ///   - slow: which take a second, so that the processes can be looked at meanwhile.
    init(declining declined: String, slow: String) async throws {
        desk = try await KeptRunTests.Desk(payments: 3)
        environment = desk.server.environment.merging(["CONOMY_WEBHOOK_SECRET": EchoingBank.webhookSecret]) { $1 }
        let said = environment.values.sorted().flatMap(SecretSpellings.all).joined(separator: " ")
        let body = JSON.object([
            "status": 422, "code": "21", "type": "failedPrecondition", "detail": .string("not for \(said)"), "traceId": "t",
        ]).text()
        for (operation, calls) in [("customers.list", "1-"), ("payments.refund", declined)] {
            try await desk.server.control(
                "/_sim/faults",
                [
                    "operation": .string(operation), "fault": "status", "status": 422, "calls": .string(calls),
                    "body": .string(body), "contentType": "application/json",
                ])
        }
        try await desk.order(#"{"operation": "payments.refund", "fault": "delay", "seconds": 1, "calls": "\#(slow)"}"#)
        try write("s.lua", EchoingBank.script)
        try write("phrase", EchoingBank.passphrase + "\n")
    }

    /// What must not be found, by its name. The access tokens are the first two that such a bank gives out when it declines one call in
    /// between.
    func secrets() async throws -> [(name: String, text: String)] {
        let tokens = try await EchoingBank.tokens(2)
        return environment.sorted { $0.key < $1.key }.map { (name: $0.key, text: $0.value) }
            + tokens.map { ("access token", $0) } + [("passphrase", EchoingBank.passphrase)]
    }

    var path: String { desk.server.folder.path }

    func write(_ name: String, _ text: String) throws { _ = try desk.server.folder.write(name, text) }

    func file(_ name: String) -> String { desk.server.folder.text(name) }

    /// Every byte of every file beneath a folder.
    func folder(_ name: String) throws -> String {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path + "/" + name)
        return names.compactMap { FileManager.default.contents(atPath: path + "/" + name + "/" + $0) }
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    /// Runs `bursar` beside the test, by somebody who has keys.
    /// - Parameter isGiven: whether it has the credentials in its environment.
    func start(_ arguments: [String], isGiven: Bool = true) throws -> BursarProgram.Running {
        let own = ["XDG_CONFIG_HOME": path + "/config", "USER": "ana"]
        return try BursarProgram.Running(arguments, environment: isGiven ? environment.merging(own) { $1 } : own, in: path)
    }

    /// All that a command prints.
    func says(_ arguments: String..., isGiven: Bool = true) throws -> String {
        try start(arguments, isGiven: isGiven).wait().said
    }

    func report(_ form: String, _ name: String) throws -> String {
        let said = try says("report", "last", form, name)
        return file(name) + said
    }

    /// The parts that no clock is in of the first tokens of a bank with the seed that all of them have here.
    private static func tokens(_ count: Int) async throws -> [String] {
        let bank = try await SandboxServer()
        var request = URLRequest(url: try #require(URL(string: bank.url + "/auth")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(bank.environment["CONOMY_API_KEY"], forHTTPHeaderField: "x-api-key")
        let body: JSON = [
            "clientId": .string(bank.environment["CONOMY_CLIENT_ID"] ?? ""),
            "clientSecret": .string(bank.environment["CONOMY_CLIENT_SECRET"] ?? ""),
        ]
        request.httpBody = Data(body.text().utf8)
        var tokens: [String] = []
        for _ in 0..<count {
            let (data, _) = try await URLSession.shared.data(for: request)
            let token = try #require(try JSON(parsing: data)["accessToken"]?.string, "\(String(decoding: data, as: UTF8.self))")
            tokens.append(try #require(token.split(separator: ".").last.map(String.init)))
            // What it says no to has a number, which is drawn as tokens are.
            _ = try await URLSession.shared.data(from: try #require(request.url))
        }
        return tokens
    }
}

extension BursarProgram.Result {
    /// Both streams.
    var said: String { output + errors }
}
