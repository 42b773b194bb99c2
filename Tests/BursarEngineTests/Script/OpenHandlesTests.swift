import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct OpenHandlesTests {
    @Test("what is closed makes room for others")
    func closing() throws {
        var handles = OpenHandles(most: 2)
        let first = try handles.open(inRow: nil, bytes: 10)
        let second = try handles.open(inRow: 7, bytes: 10)
        #expect(first != second)
        #expect(throws: ScriptError.self) { try handles.open(inRow: nil, bytes: 10) }
        handles.close(first)
        handles.close(first)
        _ = try handles.open(inRow: nil, bytes: 10)
        #expect(throws: ScriptError.self) { try handles.open(inRow: nil, bytes: 10) }
    }

    @Test("a row that ends closes what it left open, and nothing else")
    func rows() throws {
        var handles = OpenHandles(most: 4)
        _ = try handles.open(inRow: nil, bytes: 0)
        let left = [try handles.open(inRow: 3, bytes: 0), try handles.open(inRow: 3, bytes: 0)]
        let closed = try handles.open(inRow: 3, bytes: 0)
        handles.close(closed)
        #expect(handles.closeAll(ofRow: 3) == Set(left))
        #expect(handles.closeAll(ofRow: 3).isEmpty)
        for _ in 0..<3 { _ = try handles.open(inRow: 4, bytes: 0) }
        #expect(throws: ScriptError.self) { try handles.open(inRow: 4, bytes: 0) }
    }

    @Test("what they take in memory is bounded together")
    func memory() throws {
        var handles = OpenHandles(most: 1000)
        let first = try handles.open(inRow: nil, bytes: 200 << 20)
        let error = #expect(throws: ScriptError.self) { try handles.open(inRow: nil, bytes: 100 << 20) }
        #expect(error?.object["kind"] == "limit")
        #expect(
            error?.object["message"]?.string == "the files, lists and loops that the script has open need more than 256 MiB")
        handles.close(first)
        _ = try handles.open(inRow: nil, bytes: 100 << 20)
    }
}
