import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at what an environment's policy permits.",
        discussion: """
            Examples:
              bursar policy check refunds.plan
            """, subcommands: [PolicyCheckCommand.self])
}

struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say of each rule what it makes of a plan.",
        discussion: """
            Examples:
              bursar policy check refunds.plan
              bursar policy check refunds.plan --env production --json

            Ends with 8 when a rule would refuse an effect of the plan, with 0 when none would. Sums are the plan's alone:
            what the day has had already counts when it is applied.
            """)

    @Argument(help: "The plan's file.", completion: Candidates.plans)
    var plan: String

    @Option(
        name: .customLong("env"), help: "Ask this environment's policy; else that of the plan's.",
        completion: Candidates.environments)
    var environment: String?

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    @Flag(help: "Print JSON.")
    var json = false

    private static let most = 5

    func run() throws {
        let check: PolicyCheck
        let target: TargetEnvironment
        do throws(RunFailure) {
            let file = try PlanFile(path: plan)
            do throws(ConfigurationError) {
                target = try TargetEnvironment(
                    named: environment ?? file.plan.environment.name, in: TargetOptions.configuration(configurationPath))
            } catch { throw RunFailure(.invalid, error.description) }
            let now = Timestamp.now
            check = PolicyCheck(of: file.plan, in: target, now: now)
        } catch { throw end(error) }
        Output.result(json ? document(check, target).text(.pretty) : text(check, target))
        if !check.isPermitted { throw ExitCode(BursarExit.refusedByPolicy.rawValue) }
    }

    private func text(_ check: PolicyCheck, _ target: TargetEnvironment) -> String {
        var lines = ["\(check.effects) effects, asked of the policy of \(target.name):"]
        for finding in check.findings {
            let verdict = finding.refused.isEmpty ? "permits" : "refuses \(finding.refused.count)"
            let sum = finding.comesTo.map { "; the plan comes to \($0)" } ?? ""
            lines.append("  \(verdict)  \(finding.name): \(finding.value)\(sum)")
            for (key, why) in finding.refused.prefix(PolicyCheckCommand.most) { lines.append("    \(key): \(why)") }
            let rest = finding.refused.count - PolicyCheckCommand.most
            if rest > 0 { lines.append("    and \(rest) more (--json lists all)") }
        }
        if check.findings.isEmpty { lines.append("  nothing is limited there") }
        return lines.joined(separator: "\n")
    }

    private func document(_ check: PolicyCheck, _ target: TargetEnvironment) -> JSON {
        [
            "environment": .string(target.name), "effects": .integer(check.effects), "permitted": .bool(check.isPermitted),
            "rules": .array(
                check.findings.map { finding in
                    var rule: JSONObject = ["name": .string(finding.name), "value": .string(finding.value)]
                    rule["comes_to"] = finding.comesTo.map(JSON.string)
                    rule["refused"] = .array(
                        finding.refused.map { ["key": .string($0.key), "why": .string($0.why)] })
                    return .object(rule)
                }),
        ]
    }
}
