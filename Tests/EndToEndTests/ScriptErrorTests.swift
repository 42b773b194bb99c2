import ExactJSON
import Foundation
import Testing

@Suite("A script's mistakes")
struct ScriptErrorTests {
    /// Runs a script and returns what went wrong, and whether any request left.
    func failure(_ script: String, _ arguments: [String] = []) throws -> (exitCode: Int32, failure: JSON, requests: Int) {
        let folder = try TemporaryFolder()
        let path = try folder.write("s.lua", script)
        let result = try BursarProgram.run(["run", path, "--json", "--trace-http"] + arguments)
        return (result.exitCode, try result.json()["failure"] ?? nil, result.errors.components(separatedBy: "request=").count - 1)
    }

    @Test(
        "are found before anything is sent, with line, path and hint",
        arguments: [
            ("conomy.payments.refund('p1', { amuont = '1', amount = '1' })", "amuont", "did you mean \"amount\"?"),
            ("conomy.payments.refund('p1', { amount = 1.5 })", "amount is the number 1.5", "money("),
            ("conomy.payments.refund('p1')", "amount is missing", "\"all\""),
            ("conomy.payments.list({ type = 'TOPUP' })", "type is the text \"TOPUP\"", "TOPUP_ACCOUNT"),
            (
                "conomy.accounts.create({ identityId = 'i', type = 'CHECKING', custody = 'BANK_ACCOUNT', name = 'n' })",
                "currency is missing", ""
            ),
            ("conomy.payments.refnd('p1', { amount = '1' })", "refnd", "refund"),
            ("money('1,000.00', 'ARS')", "1,000.00", ""),
            ("local x = paymnts", "paymnts", ""),
        ])
    func mistakes(line: String, says: String, hints: String) throws {
        let (exitCode, failure, requests) = try failure("local a = 1\n\(line)\n")
        #expect(exitCode == 1)
        #expect(requests == 0)
        #expect(failure["location"] == "s.lua:2")
        let text = (failure["message"]?.string ?? "") + " " + (failure["hint"]?.string ?? "")
        #expect(text.contains(says), "\(text)")
        #expect(hints.isEmpty || text.contains(hints), "\(text)")
    }

    @Test("a script that is not Lua is invalid")
    func syntax() throws {
        let (exitCode, failure, _) = try failure("local = 1\n")
        #expect(exitCode == 3)
        #expect(failure["message"]?.string?.contains("s.lua:1") == true || failure["location"] == "s.lua:1")
    }

    @Test("an argument the job does not declare is a matter of usage")
    func usage() throws {
        let (exitCode, failure, _) = try failure(
            "job { name = 'x', args = { input = { 'file', help = 'a file' } } }", ["inptu=x"])
        #expect(exitCode == 2)
        #expect(failure["hint"]?.string?.contains("did you mean \"input\"?") == true)
    }

    @Test("what the job does not declare is refused")
    func undeclaredEffect() throws {
        let (exitCode, failure, requests) = try failure(
            "job { name = 'x', effects = { 'payments.refund' } }\nconomy.payments.capture('p1')")
        #expect(exitCode == 8)
        #expect(requests == 0)
        #expect(failure["message"]?.string?.contains("payments.capture") == true)
    }

    @Test("a script without end is stopped at the limit, and nothing can catch that")
    func timeLimit() throws {
        let (exitCode, failure, _) = try failure(
            "while true do pcall(function() while true do end end) end", ["--time-limit", "300ms"])
        #expect(exitCode == 10)
        #expect(failure["hint"]?.string?.contains("--time-limit") == true)
    }

    @Test("a script that wants all memory is stopped at the limit")
    func memoryLimit() throws {
        let (exitCode, _, _) = try failure(
            "local t = {} while true do t[#t + 1] = string.rep('x', 1000000) .. #t end", ["--memory-limit", "64M"])
        #expect(exitCode == 10)
    }
}
