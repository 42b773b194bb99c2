import ConomyAPI
import ConomySimulator
import ExactJSON

/// What each effect needs.
extension Intakes {
    func intake(of call: Call) async throws(CallFailure) -> Intake {
        var intake = Intake(call)
        let body = call.body?.object ?? [:]
        let id = call.objectID ?? ""
        switch call.operation.name {
        case "payments.create":
            if body["type"] == "REFUND" {
                try await refund(body["parentPaymentId"]?.string ?? "", &intake)
            } else {
                try await payment(body, &intake)
            }
        case "payment_attempts.create": try await payment(body, &intake)
        case "payments.refund": try await refund(id, &intake)
        case "payments.simulate_received":
            try await object(.payments, body["transactionId"]?.string ?? body["id"]?.string ?? "", &intake)
        case "payments.assign":
            try await object(.payments, id, &intake)
            try await assigned(body, &intake)
        case "payments.authorize", "payments.capture", "payments.attach_document", "payments.presign_document",
            "payments.request_review", "payments.resolve_review", "payments.mark_unsettled":
            try await object(.payments, id, &intake)
            if rehearsal.hasOthers, call.operation.name == "payments.capture" {
                intake.assume(["the provider accepts the payment"])
            }
        case "settlement.reconcile": try await reconcile(body, &intake)
        case "accounts.create":
            try await needed(.identities, body["identityId"], &intake)
            try await needed(.accounts, body["parentId"], &intake)
        case "accounts.update": try await object(.accounts, id, &intake)
        case "accounts.delete":
            try await object(.accounts, id, &intake)
            try await emptied(account: id, &intake)
        case "identities.create":
            try await children(body, &intake)
            try await found(.identities, "identities.list", "documentNumber", body["documentNumber"], &intake)
        case "identities.update":
            try await object(.identities, id, &intake)
            try await descendants(of: [id])
            try await children(body, &intake)
            try await rules(&intake)
        case "identities.delete":
            try await object(.identities, id, &intake)
            try await found(.accounts, "accounts.list", "identityId", .string(id), &intake)
        case "identities.add_children", "identities.remove_children":
            try await object(.identities, id, &intake)
            // The answer shows them all.
            try await descendants(of: [id])
            try await children(body, &intake)
            try await rules(&intake)
        case "identities.add_permissions", "identities.remove_permission":
            try await object(.identities, id, &intake)
            try await permissions(id)
        case "identities.add_fee", "identities.remove_fee": try await object(.identities, id, &intake)
        case "organizations.update_brand", "organizations.delete_brand": try await brand(id, &intake)
        case "customers.create":
            try await found(.customers, "customers.list", "documentNumber", body["documentNumber"], &intake)
            if let id = body["id"]?.string, !id.isEmpty { try await needed(.customers, .string(id), &intake) }
        case "customers.update":
            try await object(.customers, id, &intake)
            try await found(.customers, "customers.list", "documentNumber", body["documentNumber"], &intake)
        case "customers.delete", "customers.attach_document": try await object(.customers, id, &intake)
        case "rules.create":
            try await needed(.identities, body["identityId"], &intake)
            if let owner = body["identityId"]?.string { try await descendants(of: [owner]) }
        case "rules.delete": try await object(.rules, id, &intake)
        case "payment_links.create":
            try await offer(body, &intake)
            try await token(.paymentLinks, "payment_links.list", body["checkoutToken"], &intake)
        case "payment_links.delete", "payment_links.activate": try await object(.paymentLinks, id, &intake)
        case "payment_links.open_session": try await token(.paymentLinks, "payment_links.list", .string(id), &intake)
        case "checkout_sessions.create":
            try await token(.paymentLinks, "payment_links.list", body["checkoutToken"], &intake)
            try await offer(body, &intake)
        case "checkout_sessions.refresh": try await token(.checkoutSessions, "checkout_sessions.list", .string(id), &intake)
        case "checkout_sessions.delete": try await object(.checkoutSessions, id, &intake)
        case "checkout_sessions.pay": try await paid(id, &intake)
        default:
            // An operation that is newer than the bank: what it does is for the target to know.
            intake.assume(["what \(call.operation.name) does cannot be rehearsed; it is taken to succeed"])
            intake.answer = Answer(
                status: call.operation.successStatuses.first ?? 200, body: call.body ?? [:], isAssumed: true)
        }
        tidyTenant(&intake)
        return intake
    }

    // The object that is acted on

    /// Where the target has none, its own answer is the effect's.
    func object(_ part: AdoptedPart, _ id: String, _ intake: inout Intake) async throws(CallFailure) {
        let taken = try await take(part, id)
        intake.assume(taken.assumptions)
        let read = Intakes.read(part, id)
        if let refusal = taken.refusal {
            if intake.answer == nil { intake.answer = refusal }
            guard case .absent = taken.place, let read else { return }
            intake.facts.append(
                Intake.Fact(
                    object: "\(part.rawValue)/\(id)",
                    fact: Findings.Fact(
                        operation: read.operation.name, pathParameters: read.pathParameters, values: [:], isAbsence: true)))
            return
        }
        intake.objects.append("\(part.rawValue)/\(id)")
        guard rehearsal.original.has(part, id), let read else { return }
        let members = part == .payments ? ["status", "currency", "totalAmount"] : ["status"]
        await note(read, members, of: "\(part.rawValue)/\(id)", &intake)
    }

    /// Notes what was read of the target as a fact.
    private func note(_ read: Call, _ members: [String], of object: String, _ intake: inout Intake) async {
        guard let body = reads.kept(read)?.body ?? rehearsal.original.answer(read).body else { return }
        var values: [String: String] = [:]
        for member in members {
            let value = member.split(separator: ".").reduce(body as JSON?) { $0?[String($1)] }
            values[member] = (value ?? JSON.null).text(.canonical)
        }
        intake.facts.append(
            Intake.Fact(
                object: object,
                fact: Findings.Fact(
                    operation: read.operation.name, pathParameters: read.pathParameters, values: values, isAbsence: false)))
    }

    /// An object that the body names; the bank says so where there is none.
    private func needed(_ part: AdoptedPart, _ id: JSON?, _ intake: inout Intake) async throws(CallFailure) {
        guard let id = id?.string, !id.isEmpty else { return }
        let taken = try await take(part, id)
        intake.assume(taken.assumptions)
        if case .unreadable = taken.place, part == .identities { try await standIn(identity: id, &intake) }
    }

    /// An identity that may not be seen is taken to be there.
    private func standIn(identity id: String, _ intake: inout Intake) async throws(CallFailure) {
        let taken = try await take(once: "identity stand-in \(id)") { [self] () async throws(CallFailure) -> Taken in
            var taken = try await adopt(.identities, ["id": .string(id), "name": ""])
            taken.assumptions.append("identity \(id) could not be read; it is taken to be there, without rules")
            return taken
        }
        intake.assume(taken.assumptions)
    }

    /// Objects that a filter finds.
    private func found(
        _ part: AdoptedPart, _ list: String, _ filter: String, _ value: JSON?, _ intake: inout Intake
    ) async throws(CallFailure) {
        guard let value = value?.string, !value.isEmpty else { return }
        let taken = try await take(once: "\(list) \(filter) \(value)") { [self] () async throws(CallFailure) -> Taken in
            let (rows, answer) = try await rows(list, [(filter, value)])
            guard let rows else {
                return Taken(
                    place: .unreadable(answer),
                    assumptions: ["\(list) could not be read; nothing in it is taken to be in the way"])
            }
            for row in rows { if let row = row.object { _ = try await adopt(part, row) } }
            return Taken(place: .here)
        }
        intake.assume(taken.assumptions)
    }

    // Payments

    /// A refund needs its parent, and what earlier refunds left of it.
    private func refund(_ id: String, _ intake: inout Intake) async throws(CallFailure) {
        try await object(.payments, id, &intake)
        guard intake.answer == nil, rehearsal.original.has(.payments, id), let read = Call.get("payments.get", id),
            // Before it is settled there are none, and nothing can be refunded there.
            let parent = rehearsal.original.answer(read).body, parent["status"] == "SETTLED"
        else { return }
        let taken = try await take(once: "refunds of \(id)") { [self] () async throws(CallFailure) -> Taken in
            for name in ["payments.refund_summary", "payments.refunds"] {
                guard let read = Call.get(name, id) else { continue }
                let answer = try await reads.answer(read)
                guard answer.isSuccess, let summary = answer.body, summary.object != nil else { continue }
                if Intakes.hasParts(parent) {
                    for refund in summary["refunds"]?.array ?? [] {
                        if let id = refund["id"]?.string { _ = try await take(.payments, id) }
                    }
                }
                do throws(WorldError) { try rehearsal.adopt(refundsOf: id, summary) } catch {
                    throw CallFailure(
                        .refused, code: "not_rehearsed",
                        "the refunds of payment \(id) cannot be rehearsed: \(error.path) \(error.problem)",
                        hint: "they are in a form that the contract does not have; nothing was sent")
                }
                return Taken(place: .here)
            }
            return Taken(
                place: .here, assumptions: ["earlier refunds of the payment could not be read; there are taken to be none"])
        }
        intake.assume(taken.assumptions)
        if let read = Call.get("payments.refund_summary", id), reads.kept(read)?.isSuccess == true {
            await note(read, ["summary.maxRefundable"], of: "payments/\(id)", &intake)
        }
    }

    /// Where a payment is across currencies, or of several nodes, what each refund took from where decides what is left where. The
    /// summary does not say.
    private static func hasParts(_ payment: JSON) -> Bool {
        payment["purchaseCurrency"] != payment["currency"]
            || ["origins", "destinations"].contains { payment[$0]?.array?.count ?? 0 > 1 }
    }

    private func payment(_ body: JSONObject, _ intake: inout Intake) async throws(CallFailure) {
        var body = body
        intake.assume(try await takeAccounts(of: body, standIns: false))
        try await needed(.identities, body["identityId"], &intake)
        for (number, _) in Intakes.accounts(of: body) {
            let owner = rehearsal.own.owner(ofAccount: number)
            if let owner, owner != "unread" { try await needed(.identities, .string(owner), &intake) }
        }
        try await rules(&intake)
        for payer in Intakes.payers(of: body) {
            for field in ["documentNumber", "email"] {
                try await found(.customers, "customers.list", field, payer[field], &intake)
            }
        }
        if let external = body["identityExternalId"], body["identityId"] == nil {
            // No read finds an identity by it.
            intake.restored.append(("identityExternalId", external))
            intake.assume([
                "the identity with externalId \(external.string ?? "") could not be looked up; it is taken to be there"
            ])
            body["identityExternalId"] = nil
        }
        if rehearsal.hasOthers {
            completeAmounts(&body, &intake)
            intake.assume(["the platform's limits, and whether it asks for a review, are not known before"])
        }
        intake.ask(with: body)
    }

    /// Across currencies the second amount follows from a rate that nobody can read. The bank is given some number, and the answer
    /// does not show it.
    private func completeAmounts(_ body: inout JSONObject, _ intake: inout Intake) {
        let pair = body["product"]?.string?.split(separator: ":").map(String.init) ?? []
        let from = body["purchaseCurrency"]?.string ?? pair.first ?? body["origins"]?.array?.first?["currency"]?.string
        let to = body["currency"]?.string ?? pair.last ?? body["destinations"]?.array?.first?["currency"]?.string ?? from
        guard let from, let to, from != to else { return }
        let (given, missing, currency) =
            body["purchaseAmount"] != nil ? ("purchaseAmount", "totalAmount", to) : ("totalAmount", "purchaseAmount", from)
        guard let text = body[given]?.string, body[missing] == nil else { return }
        let whole = text.split(separator: ".").first.map(String.init) ?? text
        let decimals = Currency(currency).exponent > 0 ? text : whole == "0" ? "1" : whole
        guard let amount = try? Money(decimals, Currency(currency)) else { return }
        body[missing] = .string(amount.text)
        intake.unknownMembers.append(missing)
        intake.assume(["the exchange rate of \(from):\(to) could not be read; \(missing) is not known"])
    }

    /// The persons that nodes speak of.
    private static func payers(of body: JSONObject) -> [JSON] {
        ((body["origins"]?.array ?? []) + (body["destinations"]?.array ?? [])).flatMap { node -> [JSON] in
            (node.object?.members ?? []).compactMap { $0.key == "customer" ? $0.value : $0.value["customer"] }
        }
    }

    /// All rules, once, with the identities they hold for, and the accounts that collect fees.
    private func rules(_ intake: inout Intake) async throws(CallFailure) {
        let taken = try await take(once: "rules") { [self] () async throws(CallFailure) -> Taken in
            let (rows, answer) = try await rows("rules.list", [])
            guard let rows else {
                return Taken(
                    place: .unreadable(answer), assumptions: ["fees and rules could not be read; there are taken to be none"])
            }
            for row in rows { if let rule = row.object { _ = try await adopt(.rules, rule) } }
            try await descendants(of: rows.compactMap { $0["identityId"]?.string })
            _ = try await takeCollecting()
            return Taken(place: .here)
        }
        intake.assume(taken.assumptions)
    }

    /// Rules hold for all identities beneath theirs, however deep.
    private func descendants(of identities: [String]) async throws(CallFailure) {
        var seen: Set<String> = []
        var level = identities
        while !level.isEmpty {
            var next: [String] = []
            for id in level where seen.insert(id).inserted {
                guard try await take(.identities, id).isHere, let read = Call.get("identities.get", id) else { continue }
                let children = (reads.kept(read) ?? rehearsal.own.answer(read)).body?["children"]?.array ?? []
                next += children.compactMap { $0.string ?? $0["id"]?.string }
            }
            level = next
        }
    }

    private func assigned(_ body: JSONObject, _ intake: inout Intake) async throws(CallFailure) {
        if let number = body["accountNumber"]?.string {
            intake.assume(try await take(account: number, "", standIn: false).assumptions)
        } else {
            try await needed(.accounts, body["accountId"], &intake)
        }
    }

    private func reconcile(_ body: JSONObject, _ intake: inout Intake) async throws(CallFailure) {
        for transaction in body["transactions"]?.array ?? [] { try await needed(.payments, transaction["id"], &intake) }
        try await found(.payments, "payments.list", "status", "CAPTURED", &intake)
        if rehearsal.hasOthers {
            intake.assume(["whether the platform lets payments fail that the batch lacks is not known before"])
        }
    }

    // Accounts and identities

    /// An account that is deleted has nothing beneath it and nothing on its way.
    private func emptied(account id: String, _ intake: inout Intake) async throws(CallFailure) {
        guard intake.answer == nil else { return }
        try await found(.accounts, "accounts.list", "parentId", .string(id), &intake)
        guard let number = rehearsal.own.accountNumber(id) else { return }
        for status in ["ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED"] {
            let taken = try await take(once: "open payments \(status) of \(number)") {
                [self] () async throws(CallFailure) -> Taken in
                let (rows, answer) = try await rows("payments.list", [("accountNumber", number), ("status", status)])
                guard let rows else {
                    return Taken(
                        place: .unreadable(answer),
                        assumptions: ["the account's payments could not be read; none is taken to be on its way"])
                }
                for row in rows { if let row = row.object { _ = try await adopt(.payments, row) } }
                return Taken(place: .here)
            }
            intake.assume(taken.assumptions)
        }
    }

    private func children(_ body: JSONObject, _ intake: inout Intake) async throws(CallFailure) {
        for child in body["children"]?.array ?? [] {
            try await needed(.identities, child.string.map(JSON.string) ?? child["id"], &intake)
        }
    }

    private func permissions(_ id: String) async throws(CallFailure) {
        guard rehearsal.original.has(.identities, id), let read = Call.get("identities.permissions", id) else { return }
        _ = try await take(once: "permissions of \(id)") { [self] () async throws(CallFailure) -> Taken in
            let answer = try await reads.answer(read)
            rehearsal.adopt(permissionsOf: id, answer.isSuccess ? answer.body?.array ?? [] : [])
            return Taken(place: .here)
        }
    }

    /// A brand that cannot be read cannot be changed either.
    private func brand(_ id: String, _ intake: inout Intake) async throws(CallFailure) {
        try await object(.identities, id, &intake)
        guard intake.answer == nil, let read = Call.get("organizations.brand", id) else { return }
        let answer = try await reads.answer(read)
        guard answer.isSuccess else { return intake.answer = answer }
        if let brand = answer.body?["brand"]?.object { rehearsal.adopt(brandOf: id, brand) }
    }

    // Offers

    private func offer(_ body: JSONObject, _ intake: inout Intake) async throws(CallFailure) {
        intake.assume(try await takeAccounts(of: body, standIns: false))
        try await needed(.identities, body["owner"]?["identityId"], &intake)
    }

    /// What is known by its checkout token alone is looked for in its list.
    private func token(
        _ part: AdoptedPart, _ list: String, _ token: JSON?, _ intake: inout Intake
    ) async throws(CallFailure) {
        guard let token = token?.string, !token.isEmpty else { return }
        let taken = try await take(once: "\(list) token \(token)") { [self] () async throws(CallFailure) -> Taken in
            let (rows, answer) = try await rows(list, [])
            guard let rows else {
                return Taken(
                    place: .unreadable(answer),
                    assumptions: ["\(list) could not be read; checkoutToken \(token) is taken to be free"])
            }
            for row in rows where row["checkoutToken"]?.string == token {
                if let row = row.object { _ = try await adopt(part, row) }
            }
            return Taken(place: .here)
        }
        intake.assume(taken.assumptions)
    }

    private func paid(_ id: String, _ intake: inout Intake) async throws(CallFailure) {
        try await object(.checkoutSessions, id, &intake)
        guard intake.answer == nil, let read = Call.get("checkout_sessions.get", id),
            let session = rehearsal.own.answer(read).body?.object
        else { return }
        intake.assume(try await takeAccounts(of: session, standIns: true))
        try await needed(.identities, session["owner"]?["identityId"], &intake)
        try await rules(&intake)
        if rehearsal.hasOthers { intake.assume(["the payer's provider accepts the payment"]) }
    }

    /// Customers and waiting deposits belong to a client; the rehearsal's bank has one client only.
    private func tidyTenant(_ intake: inout Intake) {
        guard intake.call.query.contains(where: { $0.name == "clientId" }) else { return }
        var call = Call(
            intake.call.operation, pathParameters: intake.call.pathParameters,
            query: intake.call.query.filter { $0.name != "clientId" }, body: intake.call.body, money: intake.call.money)
        call.key = intake.call.key
        call.row = intake.call.row
        call.location = intake.call.location
        intake.call = call
    }
}
