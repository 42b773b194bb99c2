import ConomyAPI
import ExactJSON

/// Notices an amount that is meant in another currency than the object it is for.
///
/// The API's refund takes a bare number: `100.50` of a payment in pesos is 100 pesos, whatever the file said. A money value
/// knows its currency, so where the request cannot say it, the object is read first and compared. An object's currency never
/// changes, so what the run has seen of it is remembered.
struct CurrencyCheck: Performer {
    let next: any Performer
    let catalogue: Catalogue
    /// True for an effect that is settled already: there is nothing left to check, and nothing is read for it.
    let isSettled: @Sendable (Call) -> Bool
    private let memory = RecentMemory<String>(most: 4096)

    init(next: any Performer, catalogue: Catalogue, isSettled: @escaping @Sendable (Call) -> Bool = { _ in false }) {
        self.next = next
        self.isSettled = isSettled
        self.catalogue = catalogue
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        if let (id, amount, field) = bareAmount(of: call), !isSettled(call), let currency = try await currency(of: id, for: call),
            currency != amount.currency.code
        {
            throw CallFailure(
                .refused, code: "wrong_currency",
                "\(field) is \(amount), and \(call.operation.resource.dropLast()) \(id) is in \(currency)",
                hint: "correct the currency or the amount; nothing was sent", path: field)
        }
        let answer = try await next.perform(call)
        remember(call, answer)
        return answer
    }

    /// A money value in a request that has no field for its currency.
    private func bareAmount(of call: Call) -> (id: String, amount: Money, field: String)? {
        guard call.operation.effect > .read, let id = call.objectID, let schema = call.operation.body?.schema.resolved else {
            return nil
        }
        for field in call.operation.amountFields {
            if let amount = call.money[field], schema.property(currencyField(of: field)) == nil { return (id, amount, field) }
        }
        return nil
    }

    private func currency(of id: String, for call: Call) async throws(CallFailure) -> String? {
        if let known = memory[id] { return known }
        guard let get = catalogue[call.operation.resource + ".get"], let parameter = get.pathParameters.first else { return nil }
        var read = Call(get, pathParameters: [parameter.name: id])
        read.location = call.location
        let answer = try await next.perform(read)
        remember(read, answer)
        // An object that cannot be read is for the API to speak about: the call itself will say so.
        return memory[id]
    }

    private func remember(_ call: Call, _ answer: Answer) {
        guard answer.isSuccess, let id = answer.body?["id"]?.string, let currency = answer.body?["currency"]?.string else {
            return
        }
        memory[id] = currency
    }
}
