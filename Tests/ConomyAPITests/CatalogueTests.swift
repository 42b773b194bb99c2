import ConomyAPI
import Testing

@Suite("The catalogue holds the whole contract")
struct CatalogueTests {
    @Test("there are 70 operations, each with a name of its own")
    func count() {
        let names = Catalogue.conomy.operations.map(\.name)
        #expect(names.count == 70)
        #expect(Set(names).count == 70)
    }

    @Test("every schema of the contract can be read, and every reference leads somewhere")
    func schemas() {
        var visited: Set<String> = []
        func visit(_ schema: Schema) {
            let schema = schema.resolved
            if let name = schema.name { guard visited.insert(name).inserted else { return } }
            for property in schema.properties { visit(property.schema) }
            schema.items.map(visit)
            schema.alternatives.forEach(visit)
            for name in schema.mapping.values { #expect(Schema.named(name) != nil) }
        }
        for operation in Catalogue.conomy.operations + [Catalogue.conomy.authenticate] {
            operation.body.map { visit($0.schema) }
            operation.queryParameters.forEach { visit($0.schema) }
            operation.answers.values.forEach { $0.map(visit) }
        }
        #expect(visited.count > 120)
    }

    @Test("a misspelt operation is recognised")
    func suggestion() {
        #expect(Catalogue.conomy.suggestion(for: "payments.refnd") == "payments.refund")
        #expect(Catalogue.conomy.suggestion(for: "weather.today") == nil)
    }

    @Test("what moves money says where the amount stands")
    func amounts() {
        #expect(Catalogue.conomy["payments.refund"]?.amountFields == ["amount"])
        #expect(Catalogue.conomy["payments.create"]?.amountFields == ["purchaseAmount", "totalAmount"])
        #expect(Catalogue.conomy["payments.refund"]?.effect == .destructive)
    }
}
