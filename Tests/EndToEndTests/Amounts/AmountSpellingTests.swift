import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// R15 and R16: what leaves is what was written, or nothing does.
@Suite("Every spelling of an amount", .serialized)
struct AmountSpellingTests {
    static let spellings = AmountSpelling.all

    /// A bank with one settled payment of a million for each spelling, in its currency.
    static func world() -> String {
        let accounts: [JSON] = ["ARS", "CLP"].map { code in
            [
                "id": .string(id(code == "ARS" ? 1 : 2)), "identityId": .string(id(0)), "type": "CHECKING",
                "custody": "BANK_ACCOUNT", "currency": .string(code), "name": .string("Main \(code)"),
                "accountNumber": .string("main-\(code)"), "accountHolder": "Tienda", "status": "ACTIVE",
                "balance": "900000000", "availableFunds": "900000000",
            ]
        }
        let payments: [JSON] = spellings.enumerated().map { number, spelling in
            [
                "id": .string(id(100 + number)), "identityId": .string(id(0)),
                "accountNumber": .string("main-\(spelling.currency)"), "type": "TOPUP_ACCOUNT", "status": "SETTLED",
                "purchaseAmount": "1000000", "purchaseCurrency": .string(spelling.currency), "totalAmount": "1000000",
                "currency": .string(spelling.currency),
                "createdAt": "2026-10-01T00:00:00Z", "updatedAt": "2026-10-01T00:00:00Z",
            ]
        }
        let world: JSON = [
            "clock": "2026-11-15T09:00:00Z",
            "identities": [
                [
                    "id": .string(id(0)), "type": "ORGANIZATION", "name": "Tienda", "email": "a@tienda.example",
                    "phone": "+56911112222", "documentType": "RUT", "documentNumber": "76543210-1", "country": "CHL",
                    "status": "ACTIVE",
                ]
            ],
            "accounts": .array(accounts), "payments": .array(payments),
        ]
        return world.text()
    }

    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "a", count: 24 - digits.count) + digits
    }

    /// What the bank was asked to change, by payment.
    func refunds(_ server: SandboxServer) async throws -> [String: String] {
        var found: [String: String] = [:]
        for refund in try server.run(["api", "call", "refunds.list", "limit=200"]).json()["results"]?.array ?? [] {
            found[refund["paymentId"]?.string ?? refund["parentPaymentId"]?.string ?? ""] = refund["totalAmount"]?.string
        }
        return found
    }

    /// What the bank was asked to change, in order, and how it answered.
    func writes(_ server: SandboxServer) async throws -> [String] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: server.url + "/_sim/calls?limit=1000")))
        let calls = try #require(JSON(parsing: data)["calls"]?.array)
        return calls.filter { $0["method"] != "GET" && $0["target"]?.string?.hasSuffix("/auth") != true }.map {
            "\($0["target"]?.string ?? "") \($0["status"]?.text() ?? "")"
        }
    }

    @Test("the table has more than sixty of them, each once")
    func table() {
        #expect(AmountSpellingTests.spellings.count >= 60)
        #expect(Set(AmountSpellingTests.spellings.map { $0.currency + $0.text }).count == AmountSpellingTests.spellings.count)
    }

    @Test("in a file is exact, or refused with line, column and value; only the exact ones leave")
    func inFile() async throws {
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(world: try folder.write("world.json", AmountSpellingTests.world()))
        var lines = ["payment_id,amount,currency,reason"]
        var lineOf: [Int] = []
        var line = 2
        for (number, spelling) in AmountSpellingTests.spellings.enumerated() {
            lineOf.append(line)
            let quoted = "\"" + spelling.text.replacing("\"", with: "\"\"") + "\""
            lines.append("\(AmountSpellingTests.id(100 + number)),\(quoted),\(spelling.currency),as agreed")
            line += 1 + spelling.text.count { $0 == "\n" }
        }
        let file = try folder.write("refunds.csv", lines.joined(separator: "\n") + "\n")
        let run = ["run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(file)", "--json", "--quiet"]
        let refused = try server.run(run)
        #expect(refused.exitCode == 3)
        let problems = try refused.json()["invalid_input"]?["problems"]?.array ?? []
        #expect(try await writes(server) == [])
        let report = try server.run(run + ["--on-invalid-row", "skip"]).json()
        let exact = AmountSpellingTests.spellings.count { $0.exact != nil }
        #expect(report["rows"]?["succeeded"] == .integer(exact))
        let made = try await refunds(server)
        for (number, spelling) in AmountSpellingTests.spellings.enumerated() {
            let told = problems.filter { $0["line"]?.integer == lineOf[number] }
            #expect(made[AmountSpellingTests.id(100 + number)] == spelling.exact, "\"\(spelling.text)\"")
            guard spelling.exact == nil else {
                #expect(told.isEmpty, "\"\(spelling.text)\"")
                continue
            }
            #expect(told.count == 1 && told.first?["column"] == "amount", "\"\(spelling.text)\" in line \(lineOf[number])")
            let sentence = told.first?["problem"]?.string ?? ""
            #expect(sentence.contains(spelling.problem), "\"\(spelling.text)\": \(sentence)")
        }
        #expect(try await writes(server).count == exact)
    }

    @Test("in a script is exact, or refused with field and value; only the exact ones leave")
    func inScript() async throws {
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(world: try folder.write("world.json", AmountSpellingTests.world()))
        var script = "local function try(id, amount)\n  local ok, e = pcall(conomy.payments.refund, id, { amount = amount })\n"
        script += "  emit { id = id, ok = ok, message = not ok and e.message or nil, kind = not ok and e.kind or nil }\nend\n"
        // "all" is said in words, and means it.
        let spellings = AmountSpellingTests.spellings.enumerated().filter { $0.element.text != "all" }
        for (number, spelling) in spellings {
            let bytes = spelling.text.utf8.map { "\\\($0 < 100 ? $0 < 10 ? "00" : "0" : "")\($0)" }.joined()
            script += "try(\"\(AmountSpellingTests.id(100 + number))\", \"\(bytes)\")\n"
        }
        let report = try server.run(["run", try folder.write("amounts.lua", script), "--json", "--quiet"]).json()
        let emitted = report["emitted"]?.array ?? []
        #expect(emitted.count == spellings.count)
        let made = try await refunds(server)
        for ((number, spelling), said) in zip(spellings, emitted) {
            let id = AmountSpellingTests.id(100 + number)
            #expect(made[id] == spelling.exact, "\"\(spelling.text)\"")
            #expect(said["ok"] == .bool(spelling.exact != nil), "\"\(spelling.text)\"")
            guard spelling.exact == nil else { continue }
            #expect(said["message"]?.string?.contains("amount") == true, "\"\(spelling.text)\": \(said.text())")
        }
        let left = try await writes(server)
        #expect(left.count == spellings.count { $0.element.exact != nil }, "\(left)")
    }

    @Test(
        "that is missing, misspelt, nil, a number with a fraction or no amount at all refunds nothing",
        arguments: [
            "{}", "{ amount = nil }", "{ amuont = '5' }", "{ amount = 5.5 }", "{ amount = 0/0 }", "{ amount = 1/0 }",
            "{ amount = true }", "{ amount = {} }", "{ amount = null }", "{ amount = 'ALL' }", "{ amount = 'everything' }",
            "{ amount = '' }", "{ amount = function() end }", "{ amount = money('5', 'CLP') }", "nil", "'5'",
        ])
    func nothing(arguments: String) async throws {
        let folder = try TemporaryFolder()
        let server = try await SandboxServer(world: try folder.write("world.json", AmountSpellingTests.world()))
        let script = try folder.write("s.lua", "conomy.payments.refund('\(AmountSpellingTests.id(100))', \(arguments))\n")
        let result = try server.run(["run", script, "--json", "--quiet"])
        #expect(result.exitCode != 0)
        #expect(try await writes(server) == [])
    }
}
