import ExactJSON
import Foundation
import Testing

/// R7: what four programs with 64 rows in flight each may do together is not passed by the smallest unit. The bank's ledger is the
/// witness.
@Suite("A limit that many share")
struct SharedLimitTests {
    private static let payments = 300

    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "b", count: 24 - digits.count) + digits
    }

    /// Settled payments of a thousand pesos, and an account that gives them back.
    private static func world() -> String {
        let payments: [JSON] = (0..<payments).map { number in
            [
                "id": .string(id(100 + number)), "identityId": .string(id(0)), "accountNumber": "main", "type": "TOPUP_ACCOUNT",
                "status": "SETTLED", "purchaseAmount": "1000.00", "purchaseCurrency": "ARS", "totalAmount": "1000.00",
                "currency": "ARS", "createdAt": "2026-10-01T00:00:00Z", "updatedAt": "2026-10-01T00:00:00Z",
            ]
        }
        let world: JSON = [
            "identities": [
                [
                    "id": .string(id(0)), "type": "ORGANIZATION", "name": "Tienda", "email": "a@tienda.example",
                    "phone": "+56911112222", "documentType": "RUT", "documentNumber": "76543210-1", "country": "CHL",
                    "status": "ACTIVE",
                ]
            ],
            "accounts": [
                [
                    "id": .string(id(1)), "identityId": .string(id(0)), "type": "CHECKING", "custody": "BANK_ACCOUNT",
                    "currency": "ARS", "name": "Main", "accountNumber": "main", "accountHolder": "Tienda", "status": "ACTIVE",
                    "balance": "900000000.00", "availableFunds": "900000000.00",
                ]
            ],
            "payments": .array(payments),
        ]
        return world.text()
    }

    /// Cents of all refunds that the bank knows.
    private func refunded(_ server: SandboxServer) throws -> (cents: Int, count: Int) {
        var (cents, count, offset) = (0, 0, 0)
        while true {
            let page = try server.run(["api", "call", "refunds.list", "limit=200", "offset=\(offset)"]).json()
            let refunds = try #require(page["results"]?.array)
            for refund in refunds {
                let parts = try #require(refund["totalAmount"]?.string).split(separator: ".")
                cents += try #require(Int(parts.joined()))
            }
            count += refunds.count
            offset += refunds.count
            guard refunds.count == 200 else { return (cents, count) }
        }
    }

    @Test("of money or effects a day is never passed, and what was declined makes room again", arguments: ["money", "effects"])
    func shared(kind: String) async throws {
        let (most, mostEffects) = (500_003, 111)
        let policy = kind == "money" ? "most_per_day: {ARS: \"5000.03\"}" : "most_effects_per_day: \(mostEffects)"
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(
            world: try folder.write("world.json", SharedLimitTests.world()), settings: "    policy: {\(policy)}\n")
        // Each row asks for another amount; every seventh for more than the payment has: the bank declines it.
        for job in 0..<4 {
            let rows = (0..<SharedLimitTests.payments).map { number in
                let cents = number % 7 == 0 ? 200_000 : 1_000 + (number * 37 + job * 101) % 4_999
                return "\(SharedLimitTests.id(100 + number)),\(cents / 100).\(String(cents % 100 + 100).dropFirst()),ARS"
            }
            _ = try server.folder.write("\(job).csv", "payment_id,amount,currency\n" + rows.joined(separator: "\n") + "\n")
            _ = try server.folder.write(
                "\(job).lua",
                """
                job { name = "job-\(job)", args = { input = { "file", help = "CSV" } }, effects = { "payments.refund" } }
                local rows = csv(args.input, { key = "payment_id", amount = "money(currency)" })
                for_each(rows, { name = "refunds", parallel = 64 }, function(row)
                  conomy.payments.refund(row.payment_id, { amount = row.amount })
                end)
                """)
        }
        let programs = try (0..<4).map { job in
            try BursarProgram.Running(
                ["run", "\(job).lua", "input=\(job).csv", "--json", "--quiet", "--parallel", "64"],
                environment: server.environment, in: server.folder.path)
        }
        var said = 0
        for program in programs {
            let result = program.wait()
            #expect(result.exitCode == 6, "\(result.errors)")
            said += try #require(try result.json()["rows"]?["succeeded"]?.integer)
        }
        let (cents, count) = try refunded(server)
        #expect(count == said)
        if kind == "money" {
            // Not passed by a cent, and used up to what the smallest row needs.
            #expect(cents <= most && cents > most - 1_000, "\(cents) of \(most)")
        } else {
            #expect(count == mostEffects)
        }
        #expect(try server.run(["journal", "verify"]).exitCode == 0)
    }
}
