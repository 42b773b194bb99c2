import ExactJSON
import Foundation
import Testing

@testable import BursarEngine

@Suite("The result file")
struct ResultFileTests {
    @Test("is the input with what became of each row, in the input's order")
    func order() throws {
        let folder = try TemporaryFolder()
        let file = try ResultFile(path: folder.path + "/out.csv", format: .csv, header: ["id", "note"])
        try file.add(index: 2, raw: .fields(["p3", "x"]), outcome: RowOutcome(.succeeded, result: ["refund_id": "r3", "n": 1]))
        try file.add(index: 0, raw: .fields(["p1", "a,b"]), outcome: RowOutcome(.failed, reason: "declined"))
        try file.add(index: 1, raw: .fields(["p2", ""]), outcome: RowOutcome(.succeeded, result: ["refund_id": "r2"]))
        try file.finish()
        #expect(
            try folder.read("out.csv") == """
                id,note,bursar_status,bursar_reason,refund_id,n\r
                p1,"a,b",failed,declined,,\r
                p2,,succeeded,,r2,\r
                p3,x,succeeded,,r3,1\r

                """)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/out.csv.partial"))
    }

    @Test(
        "does not run formulas in a spreadsheet, and reads back as it was",
        arguments: ["=1+1", "+49", "-5", "@x", "'=x", "\tx", "＝1", "plain", "'plain"])
    func formulas(cell: String) {
        let written = CSVWriter.guarded(cell)
        #expect(!["=", "+", "-", "@", "\t", "＝"].contains(written.prefix(1)))
        #expect(CSVWriter.unguarded(written) == cell)
    }

    @Test("can be fed back: its own columns are made anew")
    func fedBack() throws {
        let folder = try TemporaryFolder()
        let file = try ResultFile(
            path: folder.path + "/out.csv", format: .csv, header: ["id", "bursar_status", "bursar_reason", "refund_id"])
        try file.add(
            index: 0, raw: .fields(["p1", "failed", "old", ""]), outcome: RowOutcome(.succeeded, result: ["refund_id": "r1"]))
        try file.finish()
        #expect(try folder.read("out.csv") == "id,bursar_status,bursar_reason,refund_id\r\np1,succeeded,,r1\r\n")
    }

    @Test("a returned value never takes the place of an input column")
    func clash() throws {
        let folder = try TemporaryFolder()
        let file = try ResultFile(path: folder.path + "/out.csv", format: .csv, header: ["id", "status"])
        try file.add(
            index: 0, raw: .fields(["p1", "mine"]), outcome: RowOutcome(.succeeded, result: ["id": "r1", "status": "RECEIVED"]))
        try file.add(index: 1, raw: .fields(["p2", "too"]), outcome: RowOutcome(.failed, reason: "no"))
        try file.finish()
        #expect(
            try folder.read("out.csv")
                == "id,status,bursar_status,bursar_reason,result_id,result_status\r\np1,mine,succeeded,,r1,RECEIVED\r\np2,too,failed,no,,\r\n"
        )
    }

    @Test("every row that ended is on disk at once, for a run that is cut off")
    func partial() throws {
        let folder = try TemporaryFolder()
        let file = try ResultFile(path: folder.path + "/out.csv", format: .csv, header: ["id"])
        try file.add(index: 3, raw: .fields(["p4"]), outcome: RowOutcome(.succeeded))
        #expect(try folder.read("out.csv.partial").contains("p4"))
        #expect(throws: ResultFileError.self) { try ResultFile(path: folder.path + "/out.csv", format: .csv, header: ["id"]) }
    }

    @Test("a file that appears during the run is not written over, and the partial one is kept")
    func appeared() throws {
        let folder = try TemporaryFolder()
        let file = try ResultFile(path: folder.path + "/out.csv", format: .csv, header: ["id"])
        try file.add(index: 0, raw: .fields(["p1"]), outcome: RowOutcome(.succeeded))
        _ = try folder.write("out.csv", "precious")
        #expect(throws: ResultFileError.self) { try file.finish() }
        #expect(try folder.read("out.csv") == "precious")
        #expect(try folder.read("out.csv.partial").contains("p1"))
    }

    @Test("never takes the place of a file that exists")
    func existing() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("out.csv", "precious")
        #expect(throws: ResultFileError.self) { try ResultFile(path: path, format: .csv, header: []) }
        #expect(try folder.read("out.csv") == "precious")
    }
}
