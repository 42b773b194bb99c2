import Testing

@testable import BursarJournal

@Suite("Texts that are on disk for a while")
struct SpillStoreTests {
    @Test("are found by each of their names, once")
    func taken() throws {
        let store = try SpillStore()
        try store.put([.init(names: ["a", "b"], text: "first"), .init(names: ["c"], text: "second")])
        #expect(try store.take("b") == "first")
        #expect(try store.take("a") == nil)
        #expect(try store.take("c") == "second")
        #expect(try store.take("d") == nil)
        try store.put([.init(names: ["a"], text: "third")])
        #expect(try store.take("a") == "third")
    }

    @Test("are all there in their order, also when there are many more than memory is kept for")
    func all() throws {
        let store = try SpillStore()
        let long = String(repeating: "x", count: 2000)
        for batch in 0..<20 {
            try store.put((0..<1000).map { .init(names: ["\(batch) \($0)"], text: "\(batch) \($0) \(long)") })
        }
        #expect(try store.take("7 7")?.hasPrefix("7 7 x") == true)
        var count = 0
        try store.each { _ in count += 1 }
        #expect(count == 19_999)
    }

    @Test("a name is of one text only: the second is not taken for the first")
    func twice() throws {
        let store = try SpillStore()
        try store.put([.init(names: ["a"], text: "first")])
        #expect(throws: JournalError.self) { try store.put([.init(names: ["a"], text: "second")]) }
    }
}
