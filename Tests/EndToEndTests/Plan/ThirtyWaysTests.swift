import ExactJSON
import Foundation
import Testing

/// Ways to make what is applied differ from what was planned. Each is refused before anything is written, or comes to the same. The bank
/// is the witness.
@Suite("Ways to make plan and apply differ", .serialized)
struct ThirtyWaysTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        var exit: Int32 = 13
        /// What the error says of it.
        let says: String
        var script = PlanDesk.script()
        /// Done between plan and apply.
        let change: @Sendable (PlanDesk) async throws -> Void
        var arguments = ["p.plan"]
        var environment: [String: String] = [:]
        var testDescription: String { name }
    }

    static let refusals: [Refused] = [
        Refused(name: "an edited script", says: "script s.lua has changed") {
            try $0.edit("s.lua", "parallel = 4", "parallel = 5")
        },
        Refused(name: "an edited module", says: "module words.lua has changed") { try $0.edit("words.lua", "it was", "it is") },
        Refused(name: "a module that is gone", says: "is not there any more") { try $0.remove("words.lua") },
        Refused(name: "another amount in the input", says: "in.csv has changed") { desk in
            try desk.edit("in.csv", "\(desk.desk.payments[1]),10.00", "\(desk.desk.payments[1]),10.01")
        },
        Refused(name: "reordered rows", says: "in.csv has changed") { desk in
            try desk.desk.write(rows: desk.desk.payments.reversed().map { "\($0),10.00,ARS" })
        },
        Refused(name: "a row more", says: "in.csv has changed") { desk in
            try desk.desk.write(rows: (desk.desk.payments + ["65c000000000000000000999"]).map { "\($0),10.00,ARS" })
        },
        Refused(name: "a row less", says: "in.csv has changed") { desk in
            try desk.desk.write(rows: desk.desk.payments.dropLast().map { "\($0),10.00,ARS" })
        },
        Refused(name: "an input that is gone", says: "is not there any more") { try $0.remove("in.csv") },
        Refused(
            name: "another script", says: "is called other.lua", change: { try $0.write("other.lua", PlanDesk.script()) },
            arguments: ["p.plan", "--script", "other.lua"]),
        Refused(
            name: "another script of the same name", says: "script s.lua has changed",
            change: { desk in
                try FileManager.default.createDirectory(atPath: desk.folder + "/away", withIntermediateDirectories: true)
                try desk.write("away/s.lua", PlanDesk.script("conomy.payments.refund(row.id, { amount = \"99.00\" })"))
                try desk.write("away/words.lua", desk.text("words.lua"))
            }, arguments: ["p.plan", "--script", "away/s.lua"]),
        Refused(
            name: "other arguments", exit: 2, says: "note=damaged", change: { _ in }, arguments: ["p.plan", "note=damaged"]),
        Refused(name: "another seed", exit: 2, says: "--seed", change: { _ in }, arguments: ["p.plan", "--seed", "5"]),
        Refused(
            name: "another environment of the same bank", says: "the plan is for bank, and this is other",
            change: { desk in
                try desk.write("bursar.yaml", desk.text("bursar.yaml") + "  other:\n    base_url: \(desk.desk.server.url)\n")
            }, arguments: ["p.plan", "--env", "other"]),
        Refused(name: "another address under the same name", says: "the plan is for http://127.0.0.1") {
            try $0.edit("bursar.yaml", "http://127.0.0.1", "http://localhost")
        },
        Refused(
            name: "other credentials", says: " as ", change: { _ in },
            environment: ["CONOMY_CLIENT_ID": "somebody-else"]),
        Refused(name: "an amount in the plan's file", says: "changed after it was sealed") {
            try $0.edit("p.plan", "\"amount\": \"10.00\"", "\"amount\": \"90.00\"")
        },
        Refused(name: "the maker's name in the plan's file", says: "changed after it was sealed") {
            try $0.edit("p.plan", PlanDesk.maker, "mara")
        },
        Refused(name: "a blank in the plan's file", says: "changed after it was sealed") {
            try $0.edit("p.plan", "\"seed\": ", "\"seed\":  ")
        },
        Refused(name: "a member added to the plan's file", says: "changed after it was sealed") {
            try $0.edit("p.plan", "  \"reads\":", "  \"note\": \"\",\n  \"reads\":")
        },
        Refused(name: "a plan cut short", exit: 3, says: "is no plan") {
            try $0.write("p.plan", String($0.text("p.plan").dropLast(9)))
        },
        Refused(name: "amounts in the plan's file, and the seal made anew", says: "differs from the plan") { desk in
            // All of them, so that no row is as planned.
            try desk.edit("p.plan", "10.00", "11.00")
            try desk.edit("p.plan", "\"ARS\": \"30.00\"", "\"ARS\": \"33.00\"")
            try desk.resealEffects()
        },
        Refused(name: "effects taken out of the plan's file, and the seal made anew", says: "is not in the plan") { desk in
            try desk.reseal { document in
                document["effects"] = []
                document["operations"] = []
                document["totals"] = [:]
            }
        },
        Refused(
            name: "one effect more, because the bank has one payment more", says: "is not in the plan",
            script: """
                job { name = "refunds", args = { input = "file", note = { "text", default = "" } }, effects = { "payments.refund" } }
                for payment in conomy.payments.each { status = "CREATED" } do
                  conomy.payments.refund(payment.id, { amount = "10.00" })
                end
                """
        ) { desk in
            let made = try desk.bursar([
                "api", "call", "payments.create", "type=TOPUP_ACCOUNT", "product=ARS:ARS", "purchaseAmount=5.00",
                "origins[1].type=CVU",
                "origins[1].currency=ARS", "origins[1].cvu={}", "destinations[1].type=ACCOUNT", "destinations[1].currency=ARS",
                "destinations[1].account.accountNumber=200000000001",
            ])
            try #require(made.exitCode == 0, "\(made.errors)")
        },
        Refused(
            name: "another amount, because it depends on what the bank says", says: "differs from the plan",
            script: PlanDesk.script(
                """
                local left = conomy.payments.refund_summary(row.id).summary.maxRefundable
                conomy.payments.refund(row.id, { amount = left })
                """)
        ) { desk in
            for payment in desk.desk.payments {
                let done = try desk.bursar(["api", "call", "payments.refund", "id=\(payment)", "amount=1.00"])
                try #require(done.exitCode == 0, "\(done.errors)")
            }
        },
    ]

    @Test("are refused, and nothing is written", arguments: ThirtyWaysTests.refusals)
    func refused(_ way: Refused) async throws {
        let desk = try await PlanDesk(way.script)
        try desk.plan()
        try await way.change(desk)
        let before = try await desk.writes()
        let result = try desk.bursar(["apply"] + way.arguments, as: PlanDesk.maker, way.environment)
        #expect(result.exitCode == way.exit, "\(result.output)\(result.errors)")
        #expect(result.errors.contains(way.says), "\(result.errors)")
        #expect(try await desk.writes() == before)
    }

    struct Same: Sendable, CustomTestStringConvertible {
        let name: String
        let row: String
        var change: @Sendable (PlanDesk) async throws -> Void = { _ in }
        var arguments = ["p.plan"]
        var testDescription: String { name }
    }

    static let equals: [Same] = [
        Same(
            name: "random numbers",
            row: "conomy.payments.refund(row.id, { amount = row.amount, reason = tostring(random(1, 1000000000)) })"),
        Same(name: "ids", row: "conomy.payments.refund(row.id, { amount = row.amount, reason = uuid() })"),
        Same(name: "the time", row: "conomy.payments.refund(row.id, { amount = row.amount, reason = now() })"),
        Same(
            name: "the time after a sleep",
            row: "sleep(\"20ms\"); conomy.payments.refund(row.id, { amount = row.amount, reason = now() })"),
        Same(
            name: "the order of a table",
            row: """
                local names = {}
                for name in pairs { b = 1, a = 2, [3] = 4, [{}] = 5, z = 6, ["2"] = 7 } do names[#names + 1] = type(name) .. #tostring(name) end
                conomy.payments.refund(row.id, { amount = row.amount, reason = table.concat(names, " ") })
                """),
        Same(
            name: "how many rows run beside each other",
            row: "conomy.payments.refund(row.id, { amount = row.amount, reason = uuid() })",
            arguments: ["p.plan", "--parallel", "1"]),
        Same(
            name: "another place of the plan's file",
            row: "conomy.payments.refund(row.id, { amount = row.amount, reason = uuid() })",
            change: { desk in try desk.write("moved.plan", desk.text("p.plan")) }, arguments: ["moved.plan"]),
        Same(
            name: "another place of the script",
            row: "conomy.payments.refund(row.id, { amount = row.amount, reason = words.reason(args.note) })",
            change: { desk in
                try FileManager.default.createDirectory(atPath: desk.folder + "/away", withIntermediateDirectories: true)
                for name in ["s.lua", "words.lua"] { try desk.write("away/\(name)", desk.text(name)) }
            }, arguments: ["p.plan", "--script", "away/s.lua"]),
        Same(
            name: "what became of an effect that the plan has declined",
            row: """
                local ok = pcall(conomy.payments.refund, row.id, { amount = "100.01", reason = "too much" })
                conomy.payments.refund(row.id, { amount = row.amount, reason = tostring(ok) })
                """),
    ]

    @Test("come to the same: the bank has what the plan has", arguments: ThirtyWaysTests.equals)
    func same(_ way: Same) async throws {
        let desk = try await PlanDesk(PlanDesk.script(way.row))
        let plan = try desk.plan()
        #expect(PlanDesk.refunds(plan).count == 3)
        try await way.change(desk)
        let result = try desk.bursar(["apply"] + way.arguments)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try desk.refunds() == PlanDesk.refunds(plan))
        #expect(try await desk.writes().count == 3)
    }

    @Test("come to the same where ids that the bank gives run through later calls")
    func identifiers() async throws {
        let desk = try await PlanDesk(
            PlanDesk.script(
                """
                local payment = \(PlanDesk.topup)
                conomy.payments.capture(payment.id)
                conomy.payments.simulate_received { id = payment.id }
                payment = await(payment, "SETTLED")
                local refund = conomy.payments.refund(payment.id, { amount = "4.00", reason = "of " .. payment.id .. ", for " .. row.id })
                conomy.payments.refund(row.id, { amount = "1.00", reason = "after " .. refund.refundId })
                """))
        let plan = try desk.plan()
        let result = try desk.apply()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(plan["effects"]?.array?.count == 15)
        #expect(try await desk.writes().count == 15)
        #expect(try desk.refunds().count == 6)
        #expect(try desk.apply().exitCode == 13)
    }

    @Test("a plan is applied once, whatever its file is called")
    func spent() async throws {
        let desk = try await PlanDesk()
        let plan = try desk.plan()
        try desk.write("copy.plan", desk.text("p.plan"))
        #expect(try desk.apply().exitCode == 0)
        for file in ["p.plan", "copy.plan"] {
            let again = try desk.apply(file)
            #expect(again.exitCode == 13 && again.errors.contains("a plan is applied once"), "\(again.output)\(again.errors)")
        }
        #expect(try desk.refunds() == PlanDesk.refunds(plan))
        #expect(try await desk.writes().count == 3)
    }

    @Test("an apply that was cut off is finished by the next one, and each effect is done once")
    func resumed() async throws {
        let desk = try await PlanDesk()
        let plan = try desk.plan()
        try await desk.desk.order(#"{"operation": "payments.refund", "fault": "stall", "when": "after", "calls": "2"}"#)
        let first = try desk.start(["apply", "p.plan"])
        try await first.until { try await desk.writes().count == 3 }
        first.signal(SIGKILL)
        _ = first.wait()
        let second = try desk.apply("p.plan", "--json")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        #expect(try second.json()["plan"]?["settled"] == 3)
        #expect(try await desk.writes().count == 3)
        #expect(try desk.refunds() == PlanDesk.refunds(plan))
        #expect(try desk.apply().exitCode == 13)
    }

    @Test("a payment that somebody refunded in between is set aside, shown with before and after, and the others are done")
    func drifted() async throws {
        let desk = try await PlanDesk()
        let plan = try desk.plan()
        let other = desk.desk.payments[1]
        #expect(try desk.bursar(["api", "call", "payments.refund", "id=\(other)", "amount=95.00"]).exitCode == 0)
        let result = try desk.apply("p.plan", "--json")
        #expect(result.exitCode == 6, "\(result.output)\(result.errors)")
        let report = try result.json()
        #expect(report["plan"]?["drifted"] == 1 && report["plan"]?["settled"] == 2, "\(result.output)")
        #expect(result.output.contains("100.00") && result.output.contains("5.00"))
        let expected = PlanDesk.refunds(plan).filter { !$0.hasPrefix(other) } + ["\(other) 95.00 "]
        #expect(try desk.refunds() == expected.sorted())
        #expect(try desk.apply().exitCode == 13)
    }

    @Test("a plain run of the same job and an apply of its plan are two jobs, and the second does not repeat the first")
    func besideAPlainRun() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        #expect(try desk.bursar(["run", "s.lua", "input=in.csv"]).exitCode == 0)
        let result = try desk.apply()
        #expect(result.exitCode == 6, "\(result.output)\(result.errors)")
        #expect(try await desk.writes().count == 3)
    }

    @Test("no plan takes another file's place, and a rehearsal that fails makes none")
    func noPlan() async throws {
        let desk = try await PlanDesk()
        try desk.plan()
        #expect(try desk.bursar(["plan", "s.lua", "input=in.csv", "-o", "p.plan"]).exitCode == 3)
        try desk.edit("s.lua", "local words", "fail('no')\nlocal words")
        #expect(try desk.bursar(["plan", "s.lua", "input=in.csv", "-o", "q.plan"]).exitCode == 1)
        #expect(!FileManager.default.fileExists(atPath: desk.folder + "/q.plan"))
        #expect(try await desk.writes().isEmpty)
    }
}

extension PlanDesk {
    /// Seals a plan anew after its effects' requests were changed.
    fileprivate func resealEffects() throws {
        try reseal { document in
            document["effects"] = .array(
                try (document["effects"]?.array ?? []).map { effect in
                    var effect = try #require(effect.object)
                    try write("request", (effect["request"] ?? .null).text(.canonical))
                    effect["sha256"] = .string(try PlanDesk.sha256(folder + "/request"))
                    return .object(effect)
                })
        }
    }
}
