import ConomyAPI
import ConomyClient
import ConomySimulator
import ExactJSON

/// Takes objects of the target into the rehearsal's bank, each once, whoever needs it at the same time.
final class Intakes: Sendable {
    let reads: TargetReads
    let rehearsal: Rehearsal
    private let once = Once<Taken>()

    init(reads: TargetReads, rehearsal: Rehearsal) {
        self.reads = reads
        self.rehearsal = rehearsal
    }

    func take(
        once key: String, _ body: @escaping @Sendable () async throws(CallFailure) -> Taken
    ) async throws(CallFailure) -> Taken {
        try await once.value(
            key, known: { [memory = rehearsal.memory] in memory[taken: $0] },
            keep: { [memory = rehearsal.memory] in memory[taken: $0] = $1 }, body)
    }

    /// The operation that reads an object of a part.
    static func read(_ part: AdoptedPart, _ id: String) -> Call? {
        let name =
            switch part {
            case .identities: "identities.get"
            case .accounts: "accounts.get"
            case .customers: "customers.get"
            case .payments: "payments.get"
            case .paymentAttempts: "payment_attempts.get"
            case .paymentLinks: "payment_links.get"
            case .checkoutSessions: "checkout_sessions.get"
            case .rules: "rules.get"
            }
        return Call.get(name, id)
    }

    /// Takes in an object and what it cannot be without.
    func take(_ part: AdoptedPart, _ id: String) async throws(CallFailure) -> Taken {
        // It may be set aside now; and what is taken in here stays until the call has ended.
        if part == .payments { try rehearsal.aside.need(id) }
        if rehearsal.hasMade(part, id) { return Taken(place: .here) }
        let taken = try await take(once: "\(part.rawValue)/\(id)") { [self] () async throws(CallFailure) -> Taken in
            guard let read = Intakes.read(part, id) else { return Taken(place: .here) }
            let answer = try await reads.answer(read)
            guard answer.isSuccess, let object = answer.body?.object else {
                let isAbsent = APIError(status: answer.status, body: answer.body).family == .notFound
                return Taken(place: isAbsent ? .absent(answer) : .unreadable(answer))
            }
            return try await adopt(part, object)
        }
        if part == .payments { try rehearsal.aside.need(id) }
        return taken
    }

    /// Takes in an object that was read, after what it names.
    /// - Parameter family: for an account, also those above and beneath it, whose sums it is part of.
    func adopt(_ part: AdoptedPart, _ object: JSONObject, family: Bool = true) async throws(CallFailure) -> Taken {
        var assumptions: [String] = []
        var object = object
        switch part {
        case .payments, .paymentAttempts:
            if object["type"] == "REFUND", let parent = object["parentPaymentId"]?.string {
                assumptions += try await take(.payments, parent).assumptions
            }
            assumptions += try await takeAccounts(of: object, standIns: true)
            if let customer = object["customerId"]?.string {
                // A customer that is gone, or not shown, speaks no word in it.
                assumptions += try await take(.customers, customer).assumptions
            }
            if object["fees"]?.array?.isEmpty == false { _ = try await takeCollecting() }
            // It follows its payment.
            if let session = object["checkoutSessionId"]?.string {
                assumptions += try await take(.checkoutSessions, session).assumptions
            }
        case .paymentLinks:
            assumptions += try await takeAccounts(of: object, standIns: true)
            object["expiresAt"] = lifeOnwards(link: object)
        case .checkoutSessions:
            assumptions += try await takeAccounts(of: object, standIns: true)
            if let link = object["paymentLinkId"]?.string { assumptions += try await take(.paymentLinks, link).assumptions }
        case .accounts:
            let (readable, assumption) = Intakes.readable(account: object)
            object = readable
            if let assumption { assumptions.append(assumption) }
            guard family else { break }
            if let parent = object["parentId"]?.string, !parent.isEmpty {
                assumptions += try await take(.accounts, parent).assumptions
            }
            if object["subAccounts"] != nil, let id = object["id"]?.string {
                let (rows, _) = try await rows("accounts.list", [("parentId", id)])
                for row in rows ?? [] { if let row = row.object { _ = try await adopt(.accounts, row, family: false) } }
            }
        case .identities, .customers, .rules: break
        }
        do throws(WorldError) { try rehearsal.adopt(part, object) } catch {
            let member = error.path.split(separator: ".", maxSplits: 1).last ?? ""
            throw CallFailure(
                .refused, code: "not_rehearsed",
                "\(part.rawValue) \(object["id"]?.string ?? "") cannot be rehearsed: its \(member) \(error.problem)",
                hint: "it is in a form that the contract does not have; nothing was sent")
        }
        return Taken(place: .here, assumptions: assumptions)
    }

    /// Answers do not show when a link ends: its duration after its creation, or after it was activated again. One that should have
    /// ended and is ACTIVE was activated again, nobody knows when.
    private func lifeOnwards(link: JSONObject) -> JSON? {
        let duration = Int64(clamping: link["duration"]?.integer ?? 0) &* 1000
        guard let created = link["createdAt"]?.string.flatMap({ Timestamp($0) }), link["status"] == "ACTIVE" else { return nil }
        let start = rehearsal.original.now
        let end = created.adding(milliseconds: duration)
        return .string((end > start ? end : start.adding(milliseconds: duration)).description)
    }

    // Accounts

    /// The accounts that nodes name, each with its node's currency.
    static func accounts(of object: JSONObject) -> [(number: String, currency: String)] {
        var result: [(String, String)] = []
        let fallback = object["currency"]?.string ?? object["purchaseCurrency"]?.string ?? ""
        for node in (object["origins"]?.array ?? []) + (object["destinations"]?.array ?? []) where node["type"] == "ACCOUNT" {
            guard let number = node["account"]?["accountNumber"]?.string ?? node["accountNumber"]?.string else { continue }
            result.append((number, node["currency"]?.string ?? fallback))
        }
        if let number = object["accountNumber"]?.string, !result.contains(where: { $0.0 == number }) {
            result.append((number, fallback))
        }
        return result
    }

    /// - Parameter standIns: accounts that are not shown are taken to be there.
    /// - Returns: what was assumed.
    func takeAccounts(of object: JSONObject, standIns: Bool) async throws(CallFailure) -> [String] {
        var assumptions: [String] = []
        for (number, currency) in Intakes.accounts(of: object) {
            assumptions += try await take(account: number, currency, standIn: standIns).assumptions
        }
        return assumptions
    }

    /// Takes in an account by its number, which only the list tells.
    func take(account number: String, _ currency: String, standIn: Bool) async throws(CallFailure) -> Taken {
        if rehearsal.own.hasAccount(number: number), !rehearsal.original.hasAccount(number: number) { return Taken(place: .here) }
        let taken = try await take(once: "account number \(number)") { [self] () async throws(CallFailure) -> Taken in
            let (rows, answer) = try await rows("accounts.list", [("accountNumber", number)])
            if let account = rows?.first(where: { $0["accountNumber"]?.string == number })?.object {
                return try await adopt(.accounts, account)
            }
            return Taken(place: rows == nil ? .unreadable(answer) : .absent(answer))
        }
        // An account that may not be seen is no account that is not there; one that a script names has to be.
        let isAssumed = if case .unreadable = taken.place { true } else { standIn && !taken.isHere }
        guard isAssumed else { return taken }
        return try await take(once: "account stand-in \(number)") { [self] () async throws(CallFailure) -> Taken in
            let account: JSONObject = [
                "id": .string("account-\(number)"), "accountNumber": .string(number), "currency": .string(currency),
                "identityId": "unread",
            ]
            let standIn = try await adopt(.accounts, account)
            // A script that names it is told that there is none.
            if case .absent = taken.place { rehearsal.hide(account: number) }
            return standIn
        }
    }

    /// The accounts that collect fees.
    func takeCollecting() async throws(CallFailure) -> Taken {
        try await take(once: "accounts that collect fees") { [self] () async throws(CallFailure) -> Taken in
            let (rows, _) = try await rows("accounts.list", [("type", "FEE")])
            for row in rows ?? [] { if let account = row.object { _ = try await adopt(.accounts, account) } }
            return Taken(place: .here)
        }
    }

    /// An account whose balance is not shown is taken to have enough.
    private static func readable(account object: JSONObject) -> (JSONObject, assumption: String?) {
        var object = object
        let currency = Currency(object["currency"]?.string ?? "")
        func amount(_ member: String) -> Money? {
            let text = object[member]?.string ?? ""
            return text.hasPrefix("-") ? .zero(currency) : try? Money(text, currency)
        }
        let balance = amount("balance")
        // A thousand million million: far more than any effect moves, and far from the end of the numbers.
        let enough = (try? Money("1000000000000000", currency)) ?? .zero(currency)
        let whole = balance ?? enough
        let available = balance == nil ? enough : min(amount("availableFunds") ?? whole, whole)
        object["balance"] = .string(whole.text)
        object["availableFunds"] = .string(available.text)
        guard balance == nil else { return (object, nil) }
        return (
            object, "the balance of account \(object["accountNumber"]?.string ?? "") could not be read; it is taken to be enough"
        )
    }

    // Lists

    /// All rows of a list, up to ten pages; nil where it cannot be read, with the answer that says so.
    func rows(_ name: String, _ query: [(name: String, value: String)]) async throws(CallFailure) -> (
        rows: [JSON]?, answer: Answer
    ) {
        guard let operation = Catalogue.conomy[name] else { return (nil, Answer(status: 501, body: nil)) }
        let most = operation.queryParameters.first { $0.name == "limit" }?.schema.resolved.maximum ?? 100
        let byOffset = operation.queryParameters.contains { $0.name == "offset" }
        var rows: [JSON] = []
        var place: String?
        for _ in 0..<10 {
            var query = query + [("limit", String(min(most, 100)))]
            if let place { query.append((byOffset ? "offset" : "next", place)) }
            let answer = try await reads.answer(Call(operation, query: query))
            guard answer.isSuccess, let page = answer.body.flatMap(Page.init) else { return (nil, answer) }
            rows += page.rows
            guard !page.rows.isEmpty, let total = page.total, rows.count < total else { return (rows, answer) }
            place = byOffset ? String(rows.count) : page.next
            if place == nil { return (rows, answer) }
        }
        return (rows, Answer(status: 200, body: nil))
    }
}
