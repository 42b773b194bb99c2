import ConomyAPI
import Foundation
import Testing

@testable import BursarEngine

@Suite("Whose word counts")
struct ApprovalRuleTests {
    private static let now = Timestamp(millisecondsSince1970: 1_795_000_002_000)
    private let ana = SigningKey(name: "ana")
    private let ben = SigningKey(name: "ben")
    private let eva = SigningKey(name: "eva")

    private func rule(
        _ keys: [SigningKey], required: Int = 2, above: [Currency: Money]? = nil, expires: [String: Timestamp] = [:],
        makerCounts: Bool = false
    ) -> ApprovalRule {
        ApprovalRule(
            approvers: keys.map { .init(name: $0.name, key: $0.publicKey, expires: expires[$0.name]) }, required: required,
            above: above, makerCounts: makerCounts)
    }

    private func file(_ keys: [SigningKey], maker: String, makerKey: SigningKey?) throws -> PlanFile {
        var file = PlanFile(try PlanFileTests.plan(maker: maker, makerKey: makerKey?.publicKey.text))
        for key in keys { try file.approve(with: key, by: "\(key.name)@till-1", at: ApprovalRuleTests.now) }
        return file
    }

    private func problem(
        _ rule: ApprovalRule, _ keys: [SigningKey], maker: String = "maja@till-3", makerKey: SigningKey? = nil
    ) throws -> RunFailure? {
        let file = try file(keys, maker: maker, makerKey: makerKey)
        do throws(RunFailure) {
            try rule.check(file, now: ApprovalRuleTests.now)
            return nil
        } catch { return error }
    }

    @Test("is that of enough different people who are asked")
    func enough() throws {
        let rule = rule([ana, ben, eva])
        #expect(try problem(rule, [ana, eva]) == nil)
        #expect(try problem(rule, [ana])?.kind == .approval)
        #expect(try problem(rule, [ana, ana])?.message.contains("approved it already") == true)
        #expect(try problem(rule, [ana, SigningKey(name: "ben")])?.message.contains("not among those") == true)
        #expect(try problem(rule, [])?.hint?.contains("2 of ana, ben, eva") == true)
    }

    @Test("ends with the key")
    func expired() throws {
        let after = Timestamp(millisecondsSince1970: ApprovalRuleTests.now.millisecondsSince1970 + 1)
        let ended = rule([ana, ben], expires: ["ben": ApprovalRuleTests.now])
        #expect(try problem(ended, [ana, ben])?.message.contains("expired") == true)
        #expect(try problem(rule([ana, ben], expires: ["ben": after]), [ana, ben]) == nil)
    }

    @Test("is not the maker's, by name or by key, unless the rule says so")
    func maker() throws {
        let (strict, lenient) = (rule([ana, ben]), rule([ana, ben], makerCounts: true))
        let byName = try problem(strict, [ana, ben], maker: "ben@till-3")
        #expect(byName?.message.contains("ben made the plan") == true)
        let byKey = try problem(strict, [ana, ben], makerKey: ben)
        #expect(byKey?.message.contains("ben made the plan") == true)
        #expect(try problem(lenient, [ana, ben], maker: "ben@till-3", makerKey: ben) == nil)
    }

    @Test("is not needed for small plans; what is not named, or not known, is not small")
    func above() throws {
        func bounded(_ text: String, _ code: String) throws -> ApprovalRule {
            rule([ana, ben], above: [Currency(code): try Money(text, Currency(code))])
        }
        #expect(try problem(bounded("10.00", "ARS"), []) == nil)
        #expect(try problem(bounded("9.99", "ARS"), []) != nil)
        #expect(try problem(bounded("99.00", "USD"), []) != nil)
    }

    @Test("is read from bursar.yaml, and mistakes are named with their line")
    func reading() throws {
        func configuration(_ approvals: String) throws(ConfigurationError) -> Configuration {
            try Configuration(
                text: "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n    approvals:\n" + approvals,
                path: "bursar.yaml")
        }
        let key = ana.publicKey.text
        let good = try configuration(
            "      required: 1\n      above: { ARS: \"5.00\" }\n      keys:\n        - { name: ana, key: \"\(key)\", expires: 2027-01-01 }\n"
        )
        let rule = try #require(try TargetEnvironment(named: "bank", in: good).approvals)
        #expect(rule.required == 1 && rule.approvers.map(\.name) == ["ana"])
        #expect(rule.approvers[0].expires == Timestamp("2027-01-01T00:00:00Z"))
        #expect(rule.above?.values.map(\.description) == ["5.00 ARS"])
        for (text, problem) in [
            ("      keys:\n        - { name: ana, key: \"ed25519:short\" }\n", "is no public key"),
            ("      required: 2\n      keys:\n        - { name: ana, key: \"\(key)\" }\n", "approvals needs 2, and keys names 1"),
            ("      keys:\n        - { name: ana, key: \"\(key)\" }\n        - { name: ben, key: \"\(key)\" }\n", "stands twice"),
            ("      keys:\n        - { name: ana, key: \"\(key)\", expires: soon }\n", "expires is a day"),
            ("      above: { ARS: 5.00 }\n      keys:\n        - { name: ana, key: \"\(key)\" }\n", "is a text"),
            ("      kyes: []\n", "did you mean keys"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try configuration(text) }
            #expect(
                error?.problem.contains(problem) == true && error?.place.hasPrefix("bursar.yaml:") == true,
                "\(String(describing: error))")
        }
    }
}
