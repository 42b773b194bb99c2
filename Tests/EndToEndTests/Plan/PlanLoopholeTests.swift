import ExactJSON
import Foundation
import Testing

/// Ways in which a plan could say one thing and do another, or do it twice.
@Suite("Around a plan", .serialized)
struct PlanLoopholeTests {
    @Test("an amount that is not the request's makes no plan, whatever its seal, and the right seal is not given away")
    func forged() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        try desk.reseal { document in
            let sum = document["totals"]
            document["totals"] = ["ARS": "0.03"]
            func forged(_ value: JSON?) -> JSON {
                var object = value?.object ?? [:]
                if object["totals"] == sum { object["totals"] = ["ARS": "0.03"] }
                if object["amount"] != nil { object["amount"] = "0.01" }
                return .object(object)
            }
            for list in ["operations", "effects"] { document[list] = .array((document[list]?.array ?? []).map(forged)) }
        }
        let result = try desk.bursar(["show", "p.plan"])
        #expect(result.exitCode == 13, "\(result.output)\(result.errors)")
        let seal = try #require(try JSON(parsing: desk.text("p.plan"))["seal"]?.string)
        let named = result.errors.components(separatedBy: "sha256:").dropFirst().map { $0.prefix(64) }
        #expect(named.allSatisfy { seal.hasSuffix($0) }, "\(result.errors)")
    }

    @Test("a journal that does not know whether the plan was applied does not apply it")
    func otherJournal() async throws {
        let desk = try await PlanDesk(PlanDesk.script(PlanDesk.topup))
        try desk.plan()
        #expect(try desk.apply().exitCode == 0)
        let writes = try await desk.writes().count
        let result = try desk.apply("p.plan", "--state", "elsewhere")
        #expect(result.exitCode == 13 && result.errors.contains("elsewhere"), "\(result.errors)")
        #expect(try await desk.writes().count == writes)
    }

    @Test("who asks for approvals asks for a plan")
    func runWithoutPlan() async throws {
        let desk = try await PlanDesk()
        try desk.needApprovals(of: ["ana", "ben"])
        let result = try desk.bursar(["run", "s.lua", "input=in.csv"])
        #expect(result.exitCode == 8, "\(result.output)\(result.errors)")
        #expect(try await desk.writes().isEmpty)
    }

    @Test("what could not be read is no plan")
    func unreadable() async throws {
        let desk = try await PlanDesk()
        _ = desk.desk.server.stop()
        let result = try desk.bursar(["plan", "s.lua", "input=in.csv", "-o", "p.plan"])
        #expect(result.exitCode == 5, "\(result.output)\(result.errors)")
        #expect(desk.text("p.plan").isEmpty)
    }

    @Test("of two people who approve at once, both have")
    func together() async throws {
        let desk = try await PlanDesk()
        try desk.needApprovals(of: ["ana", "ben"])
        try desk.plan()
        let both = try ["ana", "ben"].map { try desk.start(["approve", "p.plan", "--key", $0, "--yes"], as: $0) }
        for one in both { #expect(one.wait().exitCode == 0) }
        #expect(try desk.apply().exitCode == 0)
    }

    @Test("a refund of nothing stays here")
    func nothing() async throws {
        let desk = try await PlanDesk(PlanDesk.script("conomy.payments.refund(row.id, { amount = \"0.00\" })"))
        let result = try desk.bursar(["run", "s.lua", "input=in.csv"])
        #expect(result.exitCode == 6 && result.output.contains("a refund of nothing"), "\(result.output)")
        #expect(try await desk.writes().isEmpty)
    }

    @Test("what was not sent the first time is looked at again before it is sent the second time")
    func unsentThenChanged() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        #expect(try desk.bursar(["freeze", "--because", "wait"]).exitCode == 0)
        #expect(try desk.apply().exitCode == 8)
        #expect(try desk.bursar(["thaw"]).exitCode == 0)
        let id = try #require(desk.text("in.csv").split(separator: "\n").dropFirst().first?.split(separator: ",").first)
        let byHand = try desk.bursar(["api", "call", "payments.refund", "id=\(id)", "amount=100.00"])
        try #require(byHand.exitCode == 0, "\(byHand.errors)")
        let writes = try await desk.writes().count
        let again = try desk.apply()
        #expect(again.exitCode == 6 && again.output.contains("drifted"), "\(again.output)\(again.errors)")
        #expect(try await desk.writes().count == writes + 2)
    }

    @Test("a currency that the request does not name is compared with the payment's before anything is sent")
    func otherCurrency() async throws {
        let desk = try await PlanDesk(PlanDesk.script("conomy.payments.refund(row.id, { amount = row.amount.amount })"))
        try desk.plan()
        try desk.reseal { document in
            func forged(_ value: JSON) -> JSON {
                guard let text = try? JSON(parsing: value.text().replacing("\"currency\":\"ARS\"", with: "\"currency\":\"COP\""))
                else {
                    return value
                }
                return text
            }
            document["effects"] = .array((document["effects"]?.array ?? []).map(forged))
            for list in ["totals", "operations"] {
                document[list] = document[list].flatMap { try? JSON(parsing: $0.text().replacing("\"ARS\"", with: "\"COP\"")) }
            }
        }
        #expect(try desk.bursar(["show", "p.plan"]).output.contains("COP"))
        let result = try desk.apply()
        #expect(result.exitCode == 13 && result.errors.contains("and the plan shows"), "\(result.output)\(result.errors)")
        #expect(try await desk.writes().isEmpty)
    }
}
