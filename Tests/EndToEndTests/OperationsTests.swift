import ConomyAPI
import ExactJSON
import Foundation
import Testing

@Suite("Every operation")
struct OperationsTests {
    @Test("there are 70, and `bursar api list` shows them")
    func list() throws {
        let result = try BursarProgram.run(["api", "list"])
        #expect(result.exitCode == 0)
        #expect(result.output.split(separator: "\n").count == 70)
        #expect(try BursarProgram.run(["api", "list", "--json"]).json().array?.count == 70)
    }

    @Test("can be called from Lua, and the bank answers it")
    func callable() throws {
        let calls = Catalogue.conomy.operations.map { operation in
            """
            do
              local ok, err = pcall(function() \(ExampleCall.lua(operation)) end)
              emit({ name = "\(operation.name)", ok = ok, kind = (not ok) and err.kind or null, status = (not ok) and err.status or null })
            end
            """
        }
        let folder = try TemporaryFolder()
        let result = try BursarProgram.run(["run", folder.write("all.lua", calls.joined(separator: "\n")), "--json", "--quiet"])
        #expect(result.exitCode == 0)
        let emitted = try #require(try result.json()["emitted"]?.array)
        #expect(emitted.count == 70)
        for answer in emitted {
            // Made-up ids are unknown to the bank: a documented refusal is an answer, anything else is not.
            let isAnswer =
                answer["ok"] == true
                || (answer["kind"] == "declined" && (answer["status"]?.integer).map { $0 < 500 || $0 == 501 } == true)
            #expect(isAnswer, "\(answer.text())")
        }
    }

    @Test("shows its fields, values and an example")
    func show() throws {
        let text = try BursarProgram.run(["api", "show", "payments.create"]).output
        #expect(text.contains("POST /payments"))
        #expect(text.contains("TOPUP_ACCOUNT"))
        #expect(text.contains("conomy.payments.create({"))
        let unknown = try BursarProgram.run(["api", "show", "payments.crate"])
        #expect(unknown.exitCode == 2)
        #expect(unknown.errors.contains("payments.create"))
    }

    @Test("can be called from the command line, fields inside reached by their path")
    func call() throws {
        let accounts = try BursarProgram.run(["api", "call", "accounts.list", "currency=CLP"]).json()
        let account = try #require(accounts["pagination"]?["results"]?.array?.first)
        let number = try #require(account["accountNumber"]?.string)
        let result = try BursarProgram.run([
            "api", "call", "payments.create", "type=TOPUP_ACCOUNT", "product=CLP:CLP", "purchaseAmount=1000",
            "purchaseCurrency=CLP", "currency=CLP",
            "identityId=\(account["identityId"]?.string ?? "")", "accountNumber=\(number)", "origins[1].type=FINTOC",
            "origins[1].currency=CLP",
            "destinations[1].type=ACCOUNT", "destinations[1].currency=CLP", "destinations[1].account.accountNumber=\(number)",
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try result.json()["status"] == "CREATED")
    }
}
