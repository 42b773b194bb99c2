import ExactJSON
import Foundation
import Testing

@Suite("Approvals of a plan", .serialized)
struct ApprovalTests {
    @Test("a plan waits for as many people as the environment says, and is applied once they have signed")
    func two() async throws {
        let desk = try await PlanDesk()
        try desk.needApprovals(of: ["ana", "ben", "eva"])
        let plan = try desk.plan()
        let none = try desk.apply()
        #expect(
            none.exitCode == 11 && none.errors.contains("0 of the 2") && none.errors.contains("ana, ben, eva"), "\(none.errors)")
        #expect(try desk.approve("ana").exitCode == 0)
        let one = try desk.apply()
        #expect(one.exitCode == 11 && one.errors.contains("one of ben, eva"), "\(one.errors)")
        #expect(try await desk.writes().isEmpty)
        #expect(try desk.approve("ana").exitCode == 3)
        #expect(try desk.approve("eva").exitCode == 0)
        #expect(try desk.bursar(["show", "p.plan"]).output.contains("by eva (eva@"))
        #expect(try desk.apply().exitCode == 0)
        #expect(try desk.refunds() == PlanDesk.refunds(plan))
    }

    struct Useless: Sendable, CustomTestStringConvertible {
        let name: String
        var exit: Int32 = 11
        let says: String
        var extra: [String: String] = [:]
        let change: @Sendable (PlanDesk) throws -> Void
        var testDescription: String { name }
    }

    static let idle: [Useless] = [
        Useless(name: "an expired key", says: "the key of ben expired", extra: ["ben": "expires: 2020-01-01"]) {
            try $0.approve("ben")
        },
        Useless(name: "the maker", says: "\(PlanDesk.maker) made the plan") { try $0.approve(PlanDesk.maker) },
        Useless(name: "somebody who is not asked", says: "not among those that may approve") { desk in
            #expect(try desk.bursar(["keys", "new", "zoe"]).exitCode == 0)
            try desk.approve("zoe")
        },
        Useless(name: "one person twice", says: "has approved it already") { desk in
            var document = try #require(try JSON(parsing: desk.text("p.plan")).object)
            document["approvals"] = .array((document["approvals"]?.array ?? []) + (document["approvals"]?.array ?? []))
            try desk.write("p.plan", JSON.object(document).text(.pretty) + "\n")
        },
        Useless(name: "an approval of another plan", exit: 13, says: "not what was signed") { desk in
            try desk.plan("q.plan")
            #expect(try desk.approve("ben", "q.plan").exitCode == 0)
            var document = try #require(try JSON(parsing: desk.text("p.plan")).object)
            let other = try JSON(parsing: desk.text("q.plan"))["approvals"]?.array ?? []
            document["approvals"] = .array((document["approvals"]?.array ?? []) + other)
            try desk.write("p.plan", JSON.object(document).text(.pretty) + "\n")
        },
        Useless(name: "an approval that was changed", exit: 13, says: "not what was signed") { desk in
            #expect(try desk.approve("ben").exitCode == 0)
            try desk.edit("p.plan", "\"by\": \"ben@", "\"by\": \"eva@")
        },
        Useless(name: "an approval under another's name", exit: 13, says: "not what was signed") { desk in
            #expect(try desk.approve("ben").exitCode == 0)
            try desk.edit("p.plan", "\"name\": \"ben\"", "\"name\": \"eva\"")
        },
    ]

    @Test("that do not count leave it waiting, and nothing is written", arguments: ApprovalTests.idle)
    func useless(_ way: Useless) async throws {
        let desk = try await PlanDesk()
        try desk.needApprovals(of: ["ana", "ben", "eva", PlanDesk.maker], extra: way.extra)
        try desk.plan()
        #expect(try desk.approve("ana").exitCode == 0)
        try way.change(desk)
        let result = try desk.apply()
        #expect(result.exitCode == way.exit, "\(result.output)\(result.errors)")
        #expect(result.errors.contains(way.says), "\(result.errors)")
        #expect(try await desk.writes().isEmpty)
    }

    @Test("small plans need none where the environment says what is small")
    func small() async throws {
        let desk = try await PlanDesk()
        try desk.needApprovals(of: ["ana"], rule: "above: { ARS: \"30.00\" }")
        try desk.plan()
        try desk.desk.write(rows: desk.desk.payments.map { "\($0),10.01,ARS" })
        try desk.plan("larger.plan")
        #expect(try desk.apply("larger.plan").exitCode == 11)
        try desk.desk.write(rows: desk.desk.payments.map { "\($0),10.00,ARS" })
        #expect(try desk.apply().exitCode == 0)
    }

    @Test("a key with a passphrase opens with it, and with no other; it is never an argument")
    func passphrase() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        try desk.write("secret", "correct horse\n")
        try desk.write("wrong", "battery staple\n")
        #expect(try desk.bursar(["keys", "new", "ana", "--passphrase-file", "secret"]).exitCode == 0)
        #expect(try desk.bursar(["keys", "list"]).output.contains("passphrase"))
        let approve = ["approve", "p.plan", "--key", "ana", "--yes"]
        #expect(try desk.bursar(approve + ["--passphrase-file", "wrong"]).exitCode == 7)
        #expect(try desk.bursar(approve + ["--passphrase-file", "secret"]).exitCode == 0)
        #expect(try desk.bursar(["keys", "new", "ana"]).exitCode == 3)
    }

    @Test("two plans are compared: what is added, removed and changed, with before and after")
    func compared() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        try desk.plan("again.plan", "--seed", "5")
        let payments = desk.desk.payments
        try desk.desk.write(rows: ["\(payments[0]),10.00,ARS", "\(payments[1]),12.00,ARS"])
        try desk.plan("b.plan")
        let result = try desk.bursar(["diff", "p.plan", "b.plan", "--json"])
        #expect(result.exitCode == 1, "\(result.errors)")
        let difference = try result.json()
        #expect(difference["removed"]?.array?.count == 1 && difference["added"]?.array?.isEmpty == true)
        let changed = try #require(difference["changed"]?.array?.first)
        #expect(changed["before"]?["amount"] == "10.00 ARS" && changed["after"]?["amount"] == "12.00 ARS")
        #expect(try desk.bursar(["diff", "p.plan", "again.plan"]).exitCode == 0)
        #expect(try desk.bursar(["diff", "p.plan", "b.plan"]).output.contains("1 removed, 1 changed"))
    }
}
