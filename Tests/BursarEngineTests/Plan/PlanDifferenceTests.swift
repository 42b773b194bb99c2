import ExactJSON
import Testing

@testable import BursarEngine

@Suite("Two plans")
struct PlanDifferenceTests {
    @Test("of the same work are the same, whoever made them")
    func same() throws {
        #expect(PlanDifference(try PlanFileTests.plan(), try PlanFileTests.plan(maker: "eva@till-9")).isEmpty)
    }

    @Test("differ by what is asked for, with before and after")
    func changed() throws {
        let difference = PlanDifference(try PlanFileTests.plan(), try PlanFileTests.plan(amount: "12.00"))
        #expect(difference.changed.count == 3 && difference.added.isEmpty && difference.removed.isEmpty)
        let first = try #require(difference.changed.first)
        #expect(first.before?["amount"] == "10.00 ARS" && first.after?["amount"] == "12.00 ARS")
    }
}
