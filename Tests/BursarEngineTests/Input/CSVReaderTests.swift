import Testing

@testable import BursarEngine

@Suite("CSV as people export it")
struct CSVReaderTests {
    /// All records, or the problem in place of a record.
    func records(_ bytes: [UInt8]) throws -> (header: [String], rows: [String]) {
        let folder = try TemporaryFolder()
        var reader = try CSVReader(path: folder.write("in.csv", bytes))
        var rows: [String] = []
        while true {
            do throws(InputProblem) {
                guard let record = try reader.next() else { return (reader.header, rows) }
                rows.append("\(record.line):" + record.fields.joined(separator: "|"))
            } catch {
                rows.append("\(error.line ?? 0)!\(error.problem)")
            }
        }
    }

    func records(_ text: String) throws -> (header: [String], rows: [String]) { try records(Array(text.utf8)) }

    @Test("a byte order mark, CRLF, blank lines and a missing last line end are nothing special")
    func commonShapes() throws {
        let (header, rows) = try records([0xEF, 0xBB, 0xBF] + Array("a,b\r\n\r\n1,2\r\n   \r\n3,4".utf8))
        #expect(header == ["a", "b"])
        #expect(rows == ["3:1|2", "5:3|4"])
    }

    @Test("quotes hold delimiters, quotes and line breaks, and lines are counted on")
    func quotes() throws {
        let (_, rows) = try records("a,b\n\"x, \"\"y\"\"\",\"one\r\ntwo\"\n3,4\n")
        #expect(rows == ["2:x, \"y\"|one\r\ntwo", "4:3|4"])
    }

    @Test("the header tells the delimiter", arguments: [",", ";", "\t"])
    func delimiters(delimiter: String) throws {
        let (header, rows) = try records("id\(delimiter)\"na;m,e\"\(delimiter)x\n1\(delimiter)2\(delimiter)\n")
        #expect(header.count == 3)
        #expect(rows == ["2:1|2|"])
    }

    @Test("what is wrong with one record is its own, and reading goes on")
    func brokenRecords() throws {
        let (_, rows) = try records(Array("a,b\n\"x\"y,2\n3,".utf8) + [0xFF] + Array("\n5,\0\n7,8\n".utf8))
        #expect(rows.map { $0.prefix(2) } == ["2!", "3!", "4!", "5:"])
        #expect(rows[0].contains("after a closing quote"))
        #expect(rows[1].contains("UTF-8"))
        #expect(rows[2].contains("NUL"))
    }

    @Test("a quote that is never closed says where it opened")
    func unclosed() throws {
        let (_, rows) = try records("a,b\n1,2\n3,\"four\n5,6\n")
        #expect(rows == ["2:1|2", "3!opens a quote that is never closed"])
    }

    @Test("a file without a header, or in UTF-16, or with a name twice, is refused as a whole")
    func refusedFiles() {
        #expect(throws: InputProblem.self) { try records("") }
        #expect(throws: InputProblem.self) { try records([0xFF, 0xFE, 0x61, 0x00]) }
        #expect(throws: InputProblem.self) { try records("a,b,a\n1,2,3\n") }
    }

    @Test("random bytes are read or refused, and reading ends", arguments: [1, 2, 3] as [UInt64])
    func rubbish(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for _ in 0..<300 {
            let bytes = (0..<200).map { _ in
                [UInt8](arrayLiteral: 0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xC3, 0xA9, 0x00, 0x20)[Int.random(in: 0..<9, using: &random)]
            }
            _ = try? records(bytes)
        }
    }

    @Test("what the writer writes, the reader reads", arguments: [4, 5] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let pieces = ["a", "\"", ",", "\r\n", "\n", " ", "é", "=", "'", ";", "退", "-"]
        let table = (0..<50).map { _ in
            (0..<4).map { _ in
                (0..<Int.random(in: 1...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            }
        }
        let bytes = CSVWriter.line(["a", "b", "c", "d"]) + table.flatMap(CSVWriter.line)
        let folder = try TemporaryFolder()
        var reader = try CSVReader(path: folder.write("in.csv", bytes))
        for row in table {
            // A record of one blank field is a blank line; four fields never are.
            #expect(try reader.next()?.fields.map(CSVWriter.unguarded) == row)
        }
        #expect(try reader.next()?.fields == nil)
    }
}
