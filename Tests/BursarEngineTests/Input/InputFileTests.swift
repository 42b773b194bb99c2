import ExactJSON
import Foundation
import Testing

@testable import BursarEngine

@Suite("Input files are checked whole before the first row")
struct InputFileTests {
    let declaration: JSONObject = ["key": "id", "amount": "money(currency)", "count": "integer?"]

    func problems(_ text: String, _ declaration: JSONObject? = nil) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.write("in.csv", text)
        do {
            var file = try InputFile(path: path, format: .csv, declaration: declaration ?? self.declaration)
            return try file.check().problems.map { "\($0.line ?? 0) \($0.column ?? "-"): \($0.problem)" }
        } catch let error as InvalidInput {
            return error.problems.map { "file \($0.column ?? "-"): \($0.problem)" }
        }
    }

    @Test("every problem is listed with its line and column")
    func everyProblem() throws {
        let found = try problems(
            """
            id,amount,currency,count
            p1,10.00,ARS,1
            p2,"1,000.00",ARS,
            p3,10.5,CLP,x
            ,5,ARS,
            p4,5,ARS
            p1,7,ARS,2
            p5,,ARS,
            p6,1,PESO,
            """)
        #expect(
            found == [
                "3 amount: is \"1,000.00\", which has a separator (,)",
                "4 amount: is \"10.5\", which has decimals, and CLP has none",
                "4 count: is \"x\", which is not a whole number", "5 id: is empty, and it is the row's key",
                "6 -: has 3 fields, and the header has 4",
                "7 id: \"p1\" stands already in line 2: a key names one row", "8 amount: is empty, and an amount belongs there",
                "9 amount: cannot be read: currency is \"PESO\", which is not a currency of the API",
            ])
    }

    @Test("a column that is missing or a type that does not exist is the file's problem, with what was meant")
    func declarations() throws {
        #expect(try problems("id,amuont,currency\n").first?.contains("did you mean \"amuont\"?") == true)
        #expect(
            try problems("id,amount,currency\n", ["amount": "mony(currency)"]).first?.contains("did you mean \"money\"?") == true)
        #expect(
            try problems("id,amount,currency\n", ["amount": "money(curency)"]).first?.contains("did you mean \"currency\"?")
                == true)
    }

    @Test("rows come typed, an empty optional field is absent, and the line is the file's")
    func rows() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("in.csv", "id,amount,currency,count\np1,10.5,ARS,\np2,7,CLP,3\n")
        var file = try InputFile(path: path, format: .csv, declaration: declaration)
        #expect(try file.check().goodRows == 2)
        let first = try #require(try file.next())
        #expect(try first.value.get() == ["id": "p1", "amount": "10.50", "currency": "ARS"])
        let second = try #require(try file.next())
        #expect(try second.value.get()["count"] == 3)
        #expect(second.line == 3)
        #expect(try file.next() == nil)
        #expect(file.moneyColumns == ["amount": "currency"])
    }

    @Test("what happens to a file after its check does not reach the run")
    func changedFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("in.csv", "id,amount,currency,count\np1,10.5,ARS,\n")
        var file = try InputFile(path: path, format: .csv, declaration: declaration)
        _ = try file.check()
        _ = try folder.write("in.csv", "id,amount,currency,count\np1,99.5,ARS,\np1,1,ARS,\n")
        #expect(try file.next()?.value.get()["amount"] == "10.50")
        #expect(try file.next()?.key == nil)
    }

    @Test("a quote that is never closed is the whole file's problem, for nothing behind it can be read")
    func unclosedQuote() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("in.csv", "id,amount,currency,count\np1,10.5,ARS,\np2,\"1,ARS,\np3,1,ARS,\n")
        var file = try InputFile(path: path, format: .csv, declaration: declaration)
        let problem = #expect(throws: InputProblem.self) { try file.check() }
        #expect(problem?.line == 3)
    }

    @Test("JSON lines are typed like CSV, and an amount that is a number is refused")
    func jsonLines() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "in.jsonl",
            "{\"id\":\"p1\",\"amount\":\"5\",\"currency\":\"ARS\"}\n\n{\"id\":\"p2\",\"amount\":5.5,\"currency\":\"ARS\"}\n[1]\n")
        var file = try InputFile(path: path, format: .jsonl, declaration: ["key": "id", "amount": "money(currency)"])
        let check = try file.check()
        #expect(check.rows == 3)
        #expect(check.problems.map(\.line) == [3, 4])
        #expect(check.problems[0].problem.contains("write amounts as text"))
    }

    @Test("a named pipe is no input, and opening one does not wait for its writer")
    func namedPipe() throws {
        let folder = try TemporaryFolder()
        mkfifo(folder.path + "/pipe", 0o600)
        #expect(throws: InvalidInput.self) { try InputFile(path: folder.path + "/pipe", format: .csv, declaration: [:]) }
    }
}
