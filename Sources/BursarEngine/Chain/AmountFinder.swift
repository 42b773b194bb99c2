import BursarGate
import ConomyAPI
import ExactJSON

/// Finds out how much money a call would move where its request does not say it, by reading the object it is for.
struct AmountFinder: Sendable {
    let catalogue: Catalogue

    /// - Parameter reads: answers reads.
    /// - Returns: nil when it cannot be known.
    func amounts(of call: Call, by reads: any Performer) async throws(CallFailure) -> [Money]? {
        if let stated = MoneyMoved.stated(by: call) { return stated }
        let parent = call.body?["parentPaymentId"]?.string
        guard let id = call.objectID ?? parent ?? call.body?["id"]?.string,
            let object = try await read(call.operation.resource + ".get", id, call, reads),
            let currency = object["currency"]?.string.map({ Currency($0) })
        else { return nil }
        if let stated = MoneyMoved.stated(by: call, bareAmountsIn: currency) { return stated }
        let isRefund = call.operation.name == "payments.refund" || parent != nil
        // A refund without an amount takes all that is left.
        let text =
            isRefund
            ? try await read("payments.refund_summary", id, call, reads)?["summary"]?["maxRefundable"]?.string
            : object["totalAmount"]?.string
        return text.flatMap { try? Money($0, currency) }.map { [$0] }
    }

    private func read(_ operation: String, _ id: String, _ call: Call, _ reads: any Performer) async throws(CallFailure) -> JSON?
    {
        guard let operation = catalogue[operation], let parameter = operation.pathParameters.first else { return nil }
        var read = Call(operation, pathParameters: [parameter.name: id])
        read.location = call.location
        let answer = try await reads.perform(read)
        return answer.isSuccess ? answer.body : nil
    }
}
