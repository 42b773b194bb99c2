import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A served bank with payments of 100.00 ARS, a script in two files that refunds those of a file, and people with keys of their own.
struct PlanDesk {
    let desk: KeptRunTests.Desk
    /// Where keys lie.
    private let home: TemporaryFolder

    static let maker = "maja"

    /// What comes back in each row; `words.lua` lies beside it.
    static func script(
        _ row: String = "conomy.payments.refund(row.id, { amount = row.amount, reason = words.reason(args.note) })"
    )
        -> String
    {
        """
        job {
          name = "refunds", args = { input = "file", note = { "text", default = "returned" } },
          effects = { "payments.refund", "payments.create", "payments.capture", "payments.simulate_received" },
        }
        local words = require "words"
        for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { name = "r", parallel = 4 }, function(row)
          \(row)
        end)
        """
    }

    static let topup = """
        conomy.payments.create {
          type = "TOPUP_ACCOUNT", product = "ARS:ARS", purchaseAmount = row.amount, externalId = row.id .. "-" .. uuid(),
          description = "at " .. now(),
          origins = { { type = "CVU", currency = "ARS", cvu = {} } },
          destinations = { { type = "ACCOUNT", currency = "ARS", account = { accountNumber = "200000000001" } } },
        }
        """

    init(_ script: String = PlanDesk.script()) async throws {
        desk = try await KeptRunTests.Desk(payments: 3)
        home = try TemporaryFolder()
        try write("s.lua", script)
        try write("words.lua", "return { reason = function(note) return 'it was ' .. note end }\n")
    }

    var folder: String { desk.server.folder.path }

    func write(_ name: String, _ text: String) throws { _ = try desk.server.folder.write(name, text) }

    func text(_ name: String) -> String { desk.server.folder.text(name) }

    /// Replaces a text that must be there.
    func edit(_ name: String, _ old: String, _ new: String) throws {
        let text = text(name)
        try #require(text.contains(old), "\(name) has no \(old)")
        try write(name, text.replacingOccurrences(of: old, with: new))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder + "/" + name) }

    func bursar(_ arguments: [String], as user: String = PlanDesk.maker, _ extra: [String: String] = [:]) throws
        -> BursarProgram.Result
    {
        try start(arguments, as: user, extra).wait()
    }

    /// Runs `bursar` beside the test.
    func start(_ arguments: [String], as user: String = PlanDesk.maker, _ extra: [String: String] = [:]) throws
        -> BursarProgram.Running
    {
        let environment = desk.server.environment.merging(["USER": user, "XDG_CONFIG_HOME": home.path]) { $1 }
        return try BursarProgram.Running(arguments, environment: environment.merging(extra) { $1 }, in: folder)
    }

    @discardableResult
    func plan(_ file: String = "p.plan", _ flags: String...) throws -> JSON {
        let result = try bursar(["plan", "s.lua", "input=in.csv", "-o", file] + flags)
        try #require(result.exitCode == 0, "\(result.output)\(result.errors)")
        return try JSON(parsing: text(file))
    }

    func apply(_ arguments: String...) throws -> BursarProgram.Result {
        try bursar(["apply"] + (arguments.isEmpty ? ["p.plan"] : arguments))
    }

    /// Makes keys, and a rule that counts them: two are needed.
    func needApprovals(of people: [String], extra: [String: String] = [:], rule: String = "required: 2") throws {
        var keys: [String] = []
        for person in people {
            let made = try bursar(["keys", "new", person])
            try #require(made.exitCode == 0, "\(made.errors)")
            let line = try bursar(["keys", "export", person]).output.trimmingCharacters(in: .whitespacesAndNewlines)
            keys.append("        - " + line.replacingOccurrences(of: " }", with: (extra[person].map { ", \($0)" } ?? "") + " }"))
        }
        try write(
            "bursar.yaml",
            text("bursar.yaml") + "    approvals:\n      \(rule)\n      keys:\n\(keys.joined(separator: "\n"))\n")
    }

    @discardableResult
    func approve(_ person: String, _ file: String = "p.plan") throws -> BursarProgram.Result {
        try bursar(["approve", file, "--key", person, "--yes"], as: person)
    }

    /// Seals a plan anew, as somebody could who changes it and knows how.
    func reseal(_ file: String = "p.plan", _ change: (inout JSONObject) throws -> Void) throws {
        var document = try #require(try JSON(parsing: text(file)).object)
        try change(&document)
        var sealed = document
        sealed["seal"] = nil
        sealed["approvals"] = nil
        try write("sealed", JSON.object(sealed).text(.canonical))
        document["seal"] = .string("sha256:\(try PlanDesk.sha256(folder + "/sealed"))")
        try write(file, JSON.object(document).text(.pretty) + "\n")
    }

    static func sha256(_ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let line = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return String(line.prefix(64))
    }

    /// Every call other than reads and the token's that reached the bank.
    func writes() async throws -> [String] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: desk.server.url + "/_sim/calls")))
        return (try JSON(parsing: data)["calls"]?.array ?? []).compactMap { call in
            let method = call["method"]?.string ?? ""
            return method == "GET" || call["operation"] == "auth" ? nil : "\(method) \(call["target"]?.string ?? "")"
        }
    }

    /// What the bank says of its refunds: the payment, the amount, the reason; sorted.
    func refunds() throws -> [String] {
        let list = try bursar(["api", "call", "refunds.list", "limit=100"]).json()
        return (list["results"]?.array ?? []).map { refund in
            ["parentPaymentId", "totalAmount", "description"].map { refund[$0]?.string ?? "" }.joined(separator: " ")
        }.sorted()
    }

    /// The same, as a plan has it.
    static func refunds(_ plan: JSON) -> [String] {
        (plan["effects"]?.array ?? []).filter { $0["operation"] == "payments.refund" && $0["state"] == "assumed" }.map { effect in
            let (path, body) = (effect["request"]?["path"], effect["request"]?["body"])
            return [path?["id"]?.string ?? "", body?["amount"]?.string ?? "", body?["reason"]?.string ?? ""]
                .joined(separator: " ")
        }.sorted()
    }
}
