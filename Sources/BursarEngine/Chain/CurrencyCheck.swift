import ConomyAPI
import ExactJSON

/// Notices an amount that is meant in another currency than the object it is for, or has decimals that the object's currency has not.
///
/// The API's refund takes a bare number: `100.50` of a payment in pesos is 100 pesos, whatever the file said. Where the request cannot
/// say its currency, the object is read first and compared: with the currency of a money value, and with the decimals of a text. An
/// object's currency never changes, so what the run has seen of it is remembered.
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
        if let (id, amount, field) = bareAmount(of: call), !isSettled(call), let currency = try await currency(of: id, for: call)
        {
            if let failure = amount.failure(in: Currency(currency), "\(call.operation.resource.dropLast()) \(id)", field) {
                throw failure
            }
        }
        let answer = try await next.perform(call)
        remember(call, answer)
        return answer
    }

    /// An amount in a request that has no field for its currency.
    private enum BareAmount {
        /// So many digits are an amount in whichever currency.
        static let alwaysFits = 15

        case money(Money)
        /// Text with decimals, or a long one: any other fits every currency.
        case text(String)

        func failure(in currency: Currency, _ object: String, _ field: String) -> CallFailure? {
            switch self {
            case .money(let amount):
                guard amount.currency != currency else { return nil }
                return CallFailure(
                    .refused, code: "wrong_currency", "\(field) is \(amount), and \(object) is in \(currency.code)",
                    hint: "correct the currency or the amount; nothing was sent", path: field)
            case .text(let text):
                do throws(MoneyError) { _ = try Money(text, currency) } catch {
                    return CallFailure(
                        .refused, code: "bad_amount",
                        "\(field) is \"\(error.text.prefix(64))\", which \(error.problem), the currency of \(object)",
                        hint: "write the amount with the decimals of its currency; nothing was sent", path: field)
                }
                return nil
            }
        }
    }

    private func bareAmount(of call: Call) -> (id: String, amount: BareAmount, field: String)? {
        guard call.operation.effect > .read, let id = call.objectID, let schema = call.operation.body?.schema.resolved else {
            return nil
        }
        for field in call.operation.amountFields where schema.property(currencyField(of: field)) == nil {
            if let amount = call.money[field] { return (id, .money(amount), field) }
            if let text = call.body?[field]?.string, text.contains(".") || text.utf8.count > BareAmount.alwaysFits {
                return (id, .text(text), field)
            }
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
