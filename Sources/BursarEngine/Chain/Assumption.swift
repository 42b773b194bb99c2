import ConomyAPI
import ExactJSON
import Synchronization

/// Rehearses against a target that must not be written to: reads pass, writes are answered from what is known.
///
/// The chain behind `reads` is a `ReadOnly` one, so there is no way from here to a write. What a write would answer is made from the request,
/// the object it acts on, and the contract, and is marked as assumed; later reads of an assumed object are answered from that copy.
final class Assumption: Performer {
    let reads: ReadOnly
    /// What this rehearsal made, by id.
    private let known = RecentMemory<JSONObject>(most: 10_000)
    /// What is left to refund of a payment, after the refunds of this rehearsal.
    private let left = RecentMemory<Money>(most: 100_000)
    private let clock: @Sendable () -> Timestamp
    private let counter = Mutex(0)

    init(reads: ReadOnly, clock: @escaping @Sendable () -> Timestamp) {
        self.reads = reads
        self.clock = clock
    }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        if call.operation.effect == .read {
            if call.operation.method == .get, let id = call.objectID, call.operation.pathParameters.count == 1,
                call.operation.path.hasSuffix("}"),
                let object = known[id]
            {
                return Answer(status: 200, body: .object(object), isAssumed: true)
            }
            return try await reads.perform(call)
        }
        let status = call.operation.successStatuses.first ?? 200
        guard let schema = call.operation.answers[status] ?? nil else {
            return Answer(status: status, body: nil, isAssumed: true)
        }
        let object = try await self.object(of: call)
        if let object, !object.isSuccess { return object }
        if let parent = object?.body, let refusal = try await refusal(ofRefund: call, parent) { return refusal }
        return Answer(status: status, body: assume(call, schema.resolved, object?.body?.object), isAssumed: true)
    }

    /// The object the call acts on, as it is now: what the API would look at first. A missing one is the API's own answer.
    private func object(of call: Call) async throws(CallFailure) -> Answer? {
        guard let id = call.objectID ?? call.body?["parentPaymentId"]?.string ?? call.body?["id"]?.string else { return nil }
        if let object = known[id] { return Answer(status: 200, body: .object(object)) }
        let resource = call.objectID == nil ? "payments" : call.operation.resource
        guard let get = Catalogue.conomy[resource + ".get"], let parameter = get.pathParameters.first,
            call.objectID == nil || call.operation.pathParameters[0].name == parameter.name
        else { return nil }
        return try await reads.perform(Call(get, pathParameters: [parameter.name: id]))
    }

    /// What the API would say against a refund: the rules for refunds are documented, and all they need can be read.
    private func refusal(ofRefund call: Call, _ parent: JSON) async throws(CallFailure) -> Answer? {
        guard Assumption.isRefund(call), let id = parent["id"]?.string, let code = parent["currency"]?.string else { return nil }
        let status = parent["status"]?.string ?? ""
        guard status == "SETTLED" else { return declined("payment \(id) is \(status); only a SETTLED payment can be refunded") }
        let currency = Currency(code)
        if left[id] == nil, let summary = Catalogue.conomy["payments.refund_summary"],
            let parameter = summary.pathParameters.first
        {
            let answer = try await reads.perform(Call(summary, pathParameters: [parameter.name: id]))
            left[id] = answer.body?["summary"]?["maxRefundable"]?.string.flatMap { try? Money($0, currency) }
        }
        guard let rest = left[id] else { return nil }
        let wanted = ["amount", "totalAmount", "purchaseAmount"].lazy.compactMap { call.body?[$0]?.string }.first
        let amount = wanted.flatMap { try? Money($0, currency) } ?? rest
        guard let remaining = rest - amount, amount.minorUnits > 0 else {
            return declined("payment \(id) has \(rest) left to refund, and \(amount) was asked for")
        }
        left[id] = remaining
        return nil
    }

    private static func isRefund(_ call: Call) -> Bool {
        call.operation.name == "payments.refund" || call.body?["type"] == "REFUND"
    }

    private func declined(_ detail: String) -> Answer {
        let code = APIErrorCode.failedPrecondition
        return Answer(
            status: code.status,
            body: [
                "status": .integer(code.status), "code": .string(code.rawValue), "type": .string(code.type),
                "detail": .string(detail),
            ],
            isAssumed: true)
    }

    /// What is known under each name of the answer's schema: the request first, then the object.
    private func assume(_ call: Call, _ schema: Schema, _ object: JSONObject?) -> JSON {
        var result = JSONObject()
        let now = clock().description
        let id = "assumed-\(counter.withLock { $0 += 1; return $0 })"
        let isChild = call.operation.name == "payments.refund" || call.body?["parentPaymentId"] != nil
        let isNew = call.objectID == nil && call.body?["id"] == nil && call.body?["transactionId"] == nil
        for property in schema.properties {
            let name = property.name
            let value: JSON? =
                switch name {
                case "id" where isNew, "refundId": .string(id)
                case "paymentId": call.objectID.map(JSON.string)
                case "parentPaymentId" where isChild: call.objectID.map(JSON.string) ?? call.body?["parentPaymentId"]
                case "createdAt" where isNew || isChild, "updatedAt", "settledAt": .string(now)
                case "totalAmount" where isChild:
                    call.body?["amount"] ?? call.body?["totalAmount"] ?? call.body?["purchaseAmount"] ?? object?["totalAmount"]
                case "totalAmount": call.body?[name] ?? call.body?["purchaseAmount"] ?? object?[name]
                case "currency": call.body?[name] ?? object?[name] ?? call.body?["purchaseCurrency"]
                case "status": .string(status(after: call, object))
                default: call.body?[name] ?? (isChild ? nil : object?[name])
                }
            if let value { result[name] = value }
        }
        if let id = result["id"]?.string { known[id] = result }
        return .object(result)
    }

    /// The state the contract's documents name for what was done.
    private func status(after call: Call, _ object: JSONObject?) -> String {
        switch call.operation.name {
        case "payments.create": call.body?["type"] == "REFUND" ? "RECEIVED" : "CREATED"
        case "payments.refund": "RECEIVED"
        case "payments.authorize": "AUTHORIZED"
        case "payments.capture": "CAPTURED"
        case "payments.simulate_received": "RECEIVED"
        case "payments.assign": "SETTLED"
        case "payments.request_review": "REQUIRES_REVIEW"
        case "payments.mark_unsettled": "UNSETTLED"
        case "payment_attempts.create": "ATTEMPT"
        case "checkout_sessions.pay": "CREATED"
        default: call.body?["status"]?.string ?? object?["status"]?.string ?? "ACTIVE"
        }
    }
}

/// A performer that can only read: the door to a target that a rehearsal is given.
struct ReadOnly: Performer {
    private let target: any Performer

    init(_ target: any Performer) { self.target = target }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect == .read else {
            throw CallFailure(
                .refused, code: "rehearsal_reads_only", "\(call.operation.name) was about to leave a rehearsal",
                hint: "this is a defect of Bursar; nothing was sent")
        }
        return try await target.perform(call)
    }
}
