import Foundation
import Testing

/// A bank that echoes credentials in its errors, scripts that pass on what they are told, and everything they leave behind.
@Suite("Secrets stay in")
struct SecretsStayInTests {
    /// A place to which something is written. A further one is a line in `sinks`.
    struct Sink: Sendable {
        let name: String
        /// Whether what the bank echoed comes here: then it must be seen to have been taken out.
        let isToldEcho: Bool
        let mayBeEmpty: Bool
        let text: @Sendable (Night) throws -> String

        init(
            _ name: String, isToldEcho: Bool = false, mayBeEmpty: Bool = false,
            _ text: @escaping @Sendable (Night) throws -> String
        ) {
            self.name = name
            self.isToldEcho = isToldEcho
            self.mayBeEmpty = mayBeEmpty
            self.text = text
        }
    }

    static let sinks =
        run + plan + listening("listen") { $0.listened } + kept + listening("listen with a file") { $0.kept.listened }

    static let run = [
        Sink("standard output of run", isToldEcho: true) { $0.ran.result.output },
        Sink("standard error of run", isToldEcho: true) { $0.ran.result.errors },
        Sink("log file", isToldEcho: true) { $0.ran.bank.file("log.txt") },
        Sink("result file", isToldEcho: true) { $0.ran.bank.file("out.csv") },
        Sink("the run's own report in HTML", isToldEcho: true) { $0.ran.bank.file("own.html") },
        Sink("the run's own report in JUnit's XML", isToldEcho: true) { $0.ran.bank.file("own.xml") },
        Sink("the run's own report in JSON", isToldEcho: true) { $0.ran.bank.file("own.json") },
        Sink("the run's own report in CSV", isToldEcho: true) { $0.ran.bank.file("own.csv") },
        Sink("metrics") { $0.ran.bank.file("own.prom") },
        Sink("what the failure's command reads", isToldEcho: true) { $0.ran.bank.file("failed.txt") },
        Sink("environment of the failure's command") { $0.ran.bank.file("failed.env") },
        Sink("journal and run logs", isToldEcho: true) { try $0.ran.bank.folder(".bursar") },
        Sink("command lines while it ran") { $0.ran.processes.commandLines.joined(separator: "\n") },
        Sink("environment of the script's process", mayBeEmpty: true) { $0.ran.processes.workerEnvironments.joined() },
        Sink("report in HTML", isToldEcho: true) { try $0.ran.bank.report("--html", "r.html") },
        Sink("report in JUnit's XML", isToldEcho: true) { try $0.ran.bank.report("--junit", "r.xml") },
        Sink("what show says of the run", isToldEcho: true) { try $0.ran.bank.says("show", "last") },
        Sink("what show says of the run, as JSON", isToldEcho: true) { try $0.ran.bank.says("show", "last", "--json") },
        Sink("what logs says", isToldEcho: true) { try $0.ran.bank.says("logs", "last") },
        Sink("what runs says") { try $0.ran.bank.says("runs", "--json") },
        Sink("what doubts says", mayBeEmpty: true) { try $0.ran.bank.says("doubts") },
        Sink("what why says", isToldEcho: true) { try $0.ran.bank.says("why", $0.ran.payment, "--json") },
        Sink("what config says") { try $0.ran.bank.says("config", "--explain") },
        Sink("what api call says", isToldEcho: true) { try $0.ran.bank.says("api", "call", "customers.list", "--trace-http") },
    ]

    static let plan = [
        Sink("plan file") { $0.planned.bank.file("p.plan") },
        Sink("what plan said", isToldEcho: true) { $0.planned.plan.said },
        Sink("key files") { try $0.planned.bank.folder("config") },
        Sink("what keys said") { $0.planned.keys.said },
        Sink("what approve said") { $0.planned.approve.said },
        Sink("what apply said", isToldEcho: true) { $0.planned.apply.said },
        Sink("log file of apply", isToldEcho: true) { $0.planned.bank.file("log.txt") },
        Sink("result file of apply", isToldEcho: true) { $0.planned.bank.file("out.csv") },
        Sink("report of apply", isToldEcho: true) { $0.planned.bank.file("own.json") },
        Sink("journal and logs of apply", isToldEcho: true) { try $0.planned.bank.folder(".bursar") },
        Sink("what show says of the plan") { try $0.planned.bank.says("show", "p.plan") },
        Sink("what show says of the plan, as JSON") { try $0.planned.bank.says("show", "p.plan", "--json") },
        Sink("what policy check says of the plan") { try $0.planned.bank.says("policy", "check", "p.plan") },
        Sink("what apply says of the plan that is spent") { try $0.planned.bank.says("apply", "p.plan") },
    ]

    static let kept = [
        Sink("what a call says whose credentials a command prints", isToldEcho: true) { $0.kept.command },
        Sink("what is said of credentials that cannot be used") { $0.kept.refused },
        Sink("what config says of where credentials are") {
            try $0.kept.bank.says("config", "--env", "told", "--explain", isGiven: false)
        },
        Sink("what doctor says") { try $0.kept.bank.says("doctor", "--env", "kept", isGiven: false) },
        Sink("environments of a listener and its runs, whose credentials are in a file") {
            $0.kept.listened.processes.environments.joined(separator: "\n")
        },
    ]

    /// Everything of a listener.
    static func listening(_ who: String, _ part: @escaping @Sendable (Night) -> Night.Listened) -> [Sink] {
        [
            Sink("standard output of \(who)", isToldEcho: true) { part($0).result.output },
            Sink("standard error of \(who)", isToldEcho: true) { part($0).result.errors },
            Sink("log file of \(who)") { part($0).bank.file("listen.txt") },
            Sink("log file of the handlers of \(who)", isToldEcho: true) { part($0).bank.file("handlers.txt") },
            Sink("journal of \(who)", isToldEcho: true) { try part($0).bank.folder(".bursar") },
            Sink("command lines of \(who) and its runs") { part($0).processes.commandLines.joined(separator: "\n") },
            Sink("environment of the handlers of \(who)", mayBeEmpty: true) { part($0).processes.workerEnvironments.joined() },
            Sink("what \(who) answers to what is not signed") { part($0).answers },
            Sink("what trigger says for \(who)") { part($0).trigger },
            Sink("what trigger prints") { try part($0).bank.says("trigger", "payment.settled", "--print") },
            Sink("what events list says after \(who)") { try part($0).bank.says("events", "list", "--json") },
            Sink("what events show says after \(who)") { try part($0).bank.says("events", "show", part($0).event) },
            Sink("what events show says after \(who), as JSON") {
                try part($0).bank.says("events", "show", part($0).event, "--json")
            },
        ]
    }

    @Test("in no output, log, journal, report, plan, error or process list, plain, in base64 or as URLs have it")
    func everySink() async throws {
        let night = try await Night()
        #expect(night.exits == [6, 0, 0, 0, 6, 0, 0], "parts of the night were not what they are to be")
        for (name, secret) in night.secrets { #expect(secret.utf8.count >= 9, "\(name) is too short to be looked for") }
        let spellings = night.secrets.map { (name: $0.name, texts: SecretSpellings.all($0.text)) }
        for sink in SecretsStayInTests.sinks {
            let text = try sink.text(night)
            #expect(sink.mayBeEmpty || !text.isEmpty, "\(sink.name) is empty")
            if sink.isToldEcho {
                // As text and as markup.
                let isTakenOut = text.contains("<secret>") || text.contains("&lt;secret&gt;")
                #expect(isTakenOut, "\(sink.name) did not get what the bank echoed")
            }
            for (name, texts) in spellings {
                for spelling in texts { #expect(!text.contains(spelling), "\(sink.name) holds the \(name), as \(spelling)") }
            }
        }
    }
}
