public import ConomyAPI
public import ExactJSON

/// One effect as a rehearsal found it.
public struct PlannedEffect: Sendable, Equatable {
    /// What is going to become of it.
    public enum State: String, Sendable, CaseIterable {
        /// It is to be done.
        case assumed
        /// The API would say no.
        case declined
        /// Bursar says no.
        case refused
    }

    /// `refunds/p1/payments.refund#1`, unique within the plan.
    public let key: String
    /// The row of a loop it belongs to; nil outside of rows.
    public let row: String?
    public let operation: String
    public let state: State
    public let object: String?
    public let amount: Money?
    /// Why it is not to be done.
    public let reason: String?
    /// The script's line, `refunds.lua:12`.
    public let location: String?
    /// All that decides what travels.
    public let request: JSON
    /// The answer of a decline: it is given again when the plan is applied.
    let decline: Decline?
    /// How Bursar refuses it.
    let refusal: Refusal?
    /// Strings that the answer of a rehearsal made up and that may come back in later requests, by their path in the answer.
    let mints: [String: String]
    let facts: [Findings.Fact]
    /// What only the provider or a person decides, a sentence each.
    public let assumptions: [String]

    struct Decline: Sendable, Equatable {
        let status: Int
        let body: JSON?
    }

    struct Refusal: Sendable, Equatable {
        let kind: CallFailure.Kind
        let code: String
        let message: String
        let hint: String?
    }

    /// SHA-256 of the request's canonical text.
    public var digest: String { JobKeeper.digest(request.bytes(.canonical)) }

    init(_ effect: Effect, _ call: Call, request: JSON, answer: Answer?, failure: CallFailure?, finding: Findings.Finding) {
        key = effect.key
        row = call.row
        operation = effect.operation
        state = failure != nil ? .refused : answer?.isSuccess == true ? .assumed : .declined
        object = effect.object
        amount = effect.amount
        reason = effect.reason
        location = effect.location
        self.request = request
        decline = answer.flatMap { $0.isSuccess ? nil : Decline(status: $0.status, body: $0.body) }
        refusal = failure.map { Refusal(kind: $0.kind, code: $0.code, message: $0.message, hint: $0.hint) }
        mints = answer.map { $0.isSuccess ? Identifiers.made(in: $0.body, notIn: request) : [:] } ?? [:]
        facts = finding.facts
        assumptions = finding.assumptions
    }
}

extension PlannedEffect {
    var json: JSON {
        var object: JSONObject = ["key": .string(key)]
        object["row"] = row.map(JSON.string)
        object["operation"] = .string(operation)
        object["state"] = .string(state.rawValue)
        object["object"] = self.object.map(JSON.string)
        object["amount"] = amount.map { .string($0.text) }
        object["currency"] = amount.map { .string($0.currency.code) }
        object["reason"] = reason.map(JSON.string)
        object["location"] = location.map(JSON.string)
        object["request"] = request
        object["sha256"] = .string(digest)
        if let decline {
            var answer: JSONObject = ["status": .integer(decline.status)]
            answer["body"] = decline.body
            object["answer"] = .object(answer)
        }
        if let refusal {
            var failure: JSONObject = [
                "kind": .string(refusal.kind.rawValue), "code": .string(refusal.code), "message": .string(refusal.message),
            ]
            failure["hint"] = refusal.hint.map(JSON.string)
            object["refusal"] = .object(failure)
        }
        if !mints.isEmpty { object["makes"] = PlannedEffect.json(mints) }
        if !facts.isEmpty { object["facts"] = .array(facts.map(PlannedEffect.json)) }
        if !assumptions.isEmpty { object["assumptions"] = .array(assumptions.map(JSON.string)) }
        return .object(object)
    }

    /// Nil when a member is missing or is of the wrong kind.
    init?(_ json: JSON) {
        guard let key = json["key"]?.string, let operation = json["operation"]?.string,
            let state = json["state"]?.string.flatMap(State.init), let request = json["request"]
        else { return nil }
        self.key = key
        self.operation = operation
        self.state = state
        self.request = request
        row = json["row"]?.string
        object = json["object"]?.string
        reason = json["reason"]?.string
        location = json["location"]?.string
        if let text = json["amount"]?.string, let code = json["currency"]?.string {
            amount = try? Money(text, Currency(code))
        } else {
            amount = nil
        }
        decline = json["answer"].flatMap { answer in
            answer["status"]?.integer.map { Decline(status: $0, body: answer["body"]) }
        }
        refusal = json["refusal"].flatMap { refusal in
            guard let kind = refusal["kind"]?.string.flatMap(CallFailure.Kind.init), let code = refusal["code"]?.string,
                let message = refusal["message"]?.string
            else { return nil }
            return Refusal(kind: kind, code: code, message: message, hint: refusal["hint"]?.string)
        }
        guard (state == .declined) == (decline != nil), (state == .refused) == (refusal != nil) else { return nil }
        mints = PlannedEffect.texts(json["makes"])
        facts = (json["facts"]?.array ?? []).compactMap(PlannedEffect.fact)
        assumptions = (json["assumptions"]?.array ?? []).compactMap(\.string)
    }

    private static func json(_ fact: Findings.Fact) -> JSON {
        var object: JSONObject = ["operation": .string(fact.operation), "path": json(fact.pathParameters)]
        if fact.isAbsence { object["absent"] = true } else { object["values"] = json(fact.values) }
        return .object(object)
    }

    private static func fact(_ json: JSON) -> Findings.Fact? {
        guard let operation = json["operation"]?.string else { return nil }
        return Findings.Fact(
            operation: operation, pathParameters: texts(json["path"]), values: texts(json["values"]),
            isAbsence: json["absent"]?.bool ?? false)
    }

    private static func json(_ texts: [String: String]) -> JSON {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    private static func texts(_ json: JSON?) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in json?.object?.members ?? [] { texts[name] = value.string }
        return texts
    }
}
