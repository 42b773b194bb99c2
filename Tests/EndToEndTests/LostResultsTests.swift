import ExactJSON
import Foundation
import Testing

@Suite("A result file that cannot be written")
struct LostResultsTests {
    private static let script = """
        local account = conomy.accounts.each({ currency = "CLP" })()
        local rows = {}
        for i = 1, 300 do rows[i] = { id = "r" .. i } end
        for_each(rows, { key = "id", parallel = 4 }, function(row)
          conomy.payments.create { type = "TOPUP_ACCOUNT", product = "CLP:CLP", purchaseAmount = money("1000", "CLP"),
            origins = { { type = "FINTOC", currency = "CLP" } },
            destinations = { { type = "ACCOUNT", currency = "CLP", account = { accountNumber = account.accountNumber } } } }
          return { note = string.rep("x", 300) }
        end)
        """

    @Test("stops the run, and the report still counts each row as what it did")
    func full() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t.lua", LostResultsTests.script)
        let bursar = BursarProgram.folder.appendingPathComponent("bursar").path
        // No file may become longer than this: the end of a disk, for files alone.
        let command = "trap '' XFSZ; ulimit -f 32; exec '\(bursar)' run '\(path)' --results '\(folder.path)/r.csv' --json"
        let result = try BursarProgram.run(["-c", command], program: URL(fileURLWithPath: "/bin/bash"))
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("r.csv.partial cannot be written: File too large"), "\(result.errors)")
        #expect(result.errors.contains("--results FILE"), "\(result.errors)")
        let report = try result.json()
        let settled = try #require(report["effects"]?["count"]?.integer)
        #expect(settled > 4 && settled < 300)
        #expect(report["rows"]?["succeeded"]?.integer == settled)
        #expect(report["rows"]?["not_run"]?.integer == 300 - settled)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/r.csv.partial"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/r.csv"))
    }
}
