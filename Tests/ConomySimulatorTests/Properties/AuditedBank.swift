import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing

/// A bank whose every step is looked at by an auditor.
///
/// After each step it reads the new entries of the ledger, all accounts, and the payments that the step, its answer and those
/// entries name; whether a refusal changed anything is seen from those each time, and from whole snapshots before and after when
/// `compares` says so. A whole snapshot is read anew after moves of the clock, after batches, and every `fullEvery` steps.
struct AuditedBank {
    let simulator: Simulator
    private let opening: World
    private(set) var auditor: Auditor
    private let fullEvery: Int
    private var steps = 0
    private var log: [(Step, Outcome)] = []
    /// The state, while nothing has changed since it was read.
    private var picture: JSON?

    init(_ simulator: Simulator, fullEvery: Int = 40) {
        self.simulator = simulator
        self.fullEvery = fullEvery
        opening = simulator.snapshot()
        auditor = Auditor(opening: opening)
    }

    /// - Parameter compares: read the whole state before the step, and compare where the step may not change it.
    mutating func apply(_ step: Step, compares: Bool) throws -> Outcome {
        if compares, picture == nil { picture = state }
        LastWords.step("step \(steps + 1): \(step)")
        let outcome = step.happen(to: simulator)
        steps += 1
        log.append((step, outcome))
        if log.count > 25 { log.removeFirst(5) }
        let ledger = simulator.ledger.dropFirst(auditor.entries).map { Movement($0) }
        var isFull = steps.isMultiple(of: fullEvery)
        var mayChange = true
        if case .call(let call) = step {
            guard let answer = outcome.answer else { return outcome }
            if answer.status >= 500 { auditor.note("\(call.operation.name) answered \(answer.status)") }
            mayChange = answer.isSuccess && call.operation.effect != .read
            isFull = isFull || (mayChange && call.operation.name == "settlement.reconcile")
        } else if case .advance = step {
            isFull = true
        }
        if !mayChange, !ledger.isEmpty { auditor.note("a call that changes nothing moved \(ledger)") }
        auditor.book(ledger)
        if isFull {
            picture = nil
            auditor.audit(simulator.snapshot(), opening: opening)
        } else {
            try lookAtPayments(named(step, outcome).union(ledger.map(\.payment)))
            auditor.see(accounts: try list("accounts.list", ["limit": "500"])["pagination"]?["results"]?.array ?? [])
            let count = try list("payments.list", ["limit": "0"])["pagination"]?["total"]?.integer
            if count != auditor.paymentCount {
                auditor.note("the bank lists \(count ?? 0) payments, and \(auditor.paymentCount) were seen")
            }
        }
        if mayChange {
            picture = nil
        } else if let before = picture {
            let after = state
            if let place = difference(before, after) { auditor.note("a call that changes nothing changed \(place)") }
            picture = after
        }
        return outcome
    }

    /// The last look.
    mutating func close() {
        auditor.audit(simulator.snapshot(), opening: opening)
    }

    /// What is wrong and what led to it; nil when nothing is.
    var complaint: String? {
        guard !auditor.findings.isEmpty else { return nil }
        let last = log.suffix(15).map { "  \($0.0)\n    -> \($0.1)" }.joined(separator: "\n")
        return "step \(steps): \(auditor.findings.prefix(5).joined(separator: "\n"))\nthe last steps were\n\(last)"
    }

    /// Everything but how far the seed was used up.
    private var state: JSON {
        let members = simulator.snapshot().json.object?.members ?? []
        return .object(JSONObject(unchecked: members.filter { $0.key != "identifiers" }))
    }

    private func list(_ name: String, _ query: [String: String] = [:], _ path: [String] = []) throws -> JSON {
        guard let operation = Catalogue.conomy[name] else { return .null }
        let parameters = Dictionary(zip(operation.pathParameters.map(\.name), path), uniquingKeysWith: { first, _ in first })
        return simulator.answer(Call(operation, pathParameters: parameters, query: query.map { ($0.key, $0.value) })).body
            ?? .null
    }

    /// Payments first, then what their refunds add up to.
    private mutating func lookAtPayments(_ ids: Set<String>) throws {
        var parents: Set<String> = []
        // A parent is known before its refunds are judged.
        for id in ids.sorted() {
            let payment = try list("payments.get", [:], [id])
            guard payment["status"]?.string != nil else { continue }
            auditor.see(payment: payment)
            if let parent = payment["parentPaymentId"]?.string, payment["type"] == "REFUND" { parents.insert(parent) }
            parents.insert(id)
        }
        for id in parents.sorted() {
            auditor.check(refundsOf: id, summary: try list("payments.refund_summary", [:], [id])["summary"])
        }
    }

    /// Every id that may be a payment's.
    private func named(_ step: Step, _ outcome: Outcome) -> Set<String> {
        var ids: Set<String> = []
        let members = ["id", "transactionId", "parentPaymentId", "paymentId", "refundId", "relatedPaymentId"]
        func take(_ json: JSON?) { for member in members { if let id = json?[member]?.string, !id.isEmpty { ids.insert(id) } } }
        if case .call(let call) = step {
            // Lists and reads of other things name no payments that they changed.
            guard call.operation.effect != .read || call.operation.resource == "payments" else { return [] }
            for id in call.pathParameters.values { ids.insert(id) }
            take(call.body)
        }
        take(outcome.answer?.body)
        if let id = outcome.payment { ids.insert(id) }
        return ids
    }
}

/// The first place at which two documents differ, members in order; nil when they do not.
func difference(_ a: JSON, _ b: JSON, at place: String = "") -> String? {
    switch (a, b) {
    case (.object(let a), .object(let b)) where a.count == b.count:
        for (first, second) in zip(a.members, b.members) {
            guard first.key == second.key else { return "\(place): \(first.key) -> \(second.key)" }
            if let found = difference(first.value, second.value, at: "\(place).\(first.key)") { return found }
        }
        return nil
    case (.array(let a), .array(let b)) where a.count == b.count:
        for (index, pair) in zip(a, b).enumerated() {
            if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
        }
        return nil
    default: return a == b ? nil : "\(place): \(a.text().prefix(300)) -> \(b.text().prefix(300))"
    }
}
