import ConomyAPI
import ConomyClient
import ExactJSON
import Foundation
import Testing

@testable import BursarEngine

@Suite("A plan's file")
struct PlanFileTests {
    /// A plan with one effect of each kind.
    static func plan(amount: String = "10.00", maker: String = "maja@till-3", makerKey: String? = nil) throws -> Plan {
        let refund = try #require(Catalogue.conomy["payments.refund"])
        let amounts = ["amount": try Money(amount, Currency("ARS"))]
        func call(_ payment: String) -> Call {
            var call = Call(
                refund, pathParameters: ["id": payment], body: ["amount": .string(amount), "reason": "\u{E9}\n"], money: amounts)
            call.key = "r/\(payment)/payments.refund#1"
            call.row = "r/\(payment)"
            call.location = "s.lua:7"
            return call
        }
        var finding = Findings.Finding()
        finding.facts = [
            Findings.Fact(
                operation: "payments.get", pathParameters: ["id": "p1"], values: ["status": "\"SETTLED\""], isAbsence: false),
            Findings.Fact(operation: "payments.get", pathParameters: ["id": "p9"], values: [:], isAbsence: true),
        ]
        finding.assumptions = ["the provider may review it"]
        func planned(_ payment: String, _ answer: Answer?, _ failure: CallFailure?, _ finding: Findings.Finding) -> PlannedEffect
        {
            let call = call(payment)
            let effect = answer.map { Effect(call: call, answer: $0) } ?? failure.map { Effect(call: call, failure: $0) }
            return PlannedEffect(
                effect ?? Effect(call: call, answer: Answer(status: 200, body: nil)), call, request: call.record, answer: answer,
                failure: failure, finding: finding)
        }
        let effects = [
            planned(
                "p1", Answer(status: 200, body: ["refundId": "refund-0001", "status": "RECEIVED"], isAssumed: true), nil, finding),
            planned("p2", Answer(status: 422, body: ["code": "21", "detail": "no"], isAssumed: true), nil, .init()),
            planned("p3", nil, CallFailure(.refused, code: "most_per_effect", "too much", hint: "less"), .init()),
        ]
        return Plan(
            maker: maker, makerKey: makerKey, madeAt: Timestamp(millisecondsSince1970: 1_795_000_000_123), version: "0.1.0",
            script: Plan.Script(name: "s.lua", path: "/srv/s.lua", job: "refunds"),
            sources: ["script s.lua": "aa", "input /srv/in.csv": "bb"], arguments: ["input=in.csv", "note=a=b"], folder: "/srv",
            environment: Plan.Environment(name: "bank", target: "http://127.0.0.1 as 1234", contract: Catalogue.version),
            seed: .max, start: Timestamp(millisecondsSince1970: 1_795_000_000_123), skipsInvalidRows: true,
            allowRead: ["/data"], worldPath: "/srv/world.json", faultsPath: nil,
            rows: Plan.Rows(succeeded: 1, failed: 2, invalid: 0), reads: 4, effects: effects)
    }

    private func read(_ text: String) throws(RunFailure) -> PlanFile { try PlanFile(bytes: Array(text.utf8), path: "p.plan") }

    @Test("is read as it was written, approvals included")
    func roundTrip() throws {
        var file = PlanFile(try PlanFileTests.plan(makerKey: SigningKey(name: "maja").publicKey.text))
        try file.approve(with: SigningKey(name: "ana"), by: "ana@till-1", at: Timestamp(millisecondsSince1970: 1_795_000_001_000))
        let again = try read(file.text)
        #expect(again == file)
        #expect(again.plan.effects.map(\.state) == [.assumed, .declined, .refused])
        #expect(again.plan.totals.amounts.map(\.description) == ["10.00 ARS"])
        #expect(again.plan.effects[0].mints == ["refundId": "refund-0001"])
        #expect(again.plan.effects[0].facts.count == 2)
    }

    @Test("is refused when any of its bytes is another")
    func everyByte() throws {
        var file = PlanFile(try PlanFileTests.plan())
        try file.approve(with: SigningKey(name: "ana"), by: "ana@till-1", at: Timestamp(millisecondsSince1970: 1_795_000_001_000))
        let bytes = Array(file.text.utf8)
        var accepted: [Int] = []
        for index in bytes.indices {
            for other in [bytes[index] ^ 1, bytes[index] ^ 0x20, UInt8(ascii: "0")] where other != bytes[index] {
                var changed = bytes
                changed[index] = other
                if (try? PlanFile(bytes: changed, path: "p.plan")) != nil { accepted.append(index) }
            }
            var shorter = bytes
            shorter.remove(at: index)
            if (try? PlanFile(bytes: shorter, path: "p.plan")) != nil { accepted.append(index) }
        }
        #expect(accepted == [])
        #expect((try? PlanFile(bytes: bytes, path: "p.plan")) != nil)
    }

    @Test("is refused with totals that are not those of its effects, though its seal is right for them")
    func wrongTotals() throws {
        let file = PlanFile(try PlanFileTests.plan())
        let text = file.text.replacingOccurrences(of: "\"ARS\": \"10.00\"", with: "\"ARS\": \"1.00\"")
        var document = try #require(try JSON(parsing: text).object)
        document["seal"] = nil
        document["approvals"] = nil
        let seal = "sha256:" + JobKeeper.digest(JSON.object(document).bytes(.canonical))
        #expect(text != file.text)
        #expect((try? read(text.replacingOccurrences(of: file.seal, with: seal))) == nil)
    }

    @Test("takes no other file's place")
    func create() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/p.plan"
        let file = PlanFile(try PlanFileTests.plan())
        try file.create(path)
        let failure = #expect(throws: RunFailure.self) { try file.create(path) }
        #expect(failure?.message.contains("is there already") == true)
        #expect(try PlanFile(path: path) == file)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["p.plan"])
    }

    @Test("is the same plan however its rows ended")
    func order() throws {
        let refund = try #require(Catalogue.conomy["payments.refund"])
        func effects(_ order: [Int]) -> [String] {
            let book = PlanBook(findings: Findings(), redaction: .init())
            for index in order {
                var call = Call(refund, pathParameters: ["id": "p\(index)"], body: ["amount": "1.00"])
                call.key = "k\(index)"
                call.course = [2, index, 1]
                let answer = Answer(status: 200, body: nil)
                book.note(call, Effect(call: call, answer: answer), answer: answer, failure: nil)
            }
            return book.effects.map(\.key)
        }
        #expect(effects([0, 1, 2, 10, 11]) == effects([11, 2, 10, 1, 0]))
        #expect(effects([10, 2]) == ["k2", "k10"])
    }
}
