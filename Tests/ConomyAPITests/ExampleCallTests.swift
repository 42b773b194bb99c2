import ConomyAPI
import Testing

@Suite("Example calls")
struct ExampleCallTests {
    @Test("the example of every operation passes the contract's own checks", arguments: Catalogue.conomy.operations.map(\.name))
    func binds(name: String) throws {
        let operation = try #require(Catalogue.conomy[name])
        #expect(throws: Never.self) { try Call(binding: operation, ExampleCall.arguments(operation)) }
    }
}
