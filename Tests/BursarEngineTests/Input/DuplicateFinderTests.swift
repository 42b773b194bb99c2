import Testing

@testable import BursarEngine

@Suite("Duplicate keys")
struct DuplicateFinderTests {
    @Test("are found in memory and across batches on disk alike", arguments: [4, 100, 100_000])
    func found(batch: Int) throws {
        var finder = DuplicateFinder(batch: batch)
        for row in 0..<10_000 { try finder.add("key-\(row)", row: row) }
        for row in [17, 4096, 9999] { try finder.add("key-\(row)", row: 20_000 + row) }
        try finder.add("key-17", row: 50_000)
        let groups = try finder.candidates().sorted { $0[0] < $1[0] }
        #expect(groups == [[17, 20_017, 50_000], [4096, 24_096], [9999, 29_999]])
    }

    @Test("are none where there are none")
    func none() throws {
        var finder = DuplicateFinder(batch: 64)
        for row in 0..<1000 { try finder.add(String(row), row: row) }
        #expect(try finder.candidates().isEmpty)
    }
}
