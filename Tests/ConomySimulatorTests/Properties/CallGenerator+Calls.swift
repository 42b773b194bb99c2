import ConomyAPI
import ExactJSON
import Fuzzing

extension CallGenerator {
    /// A call of the operation that should succeed, as far as is known.
    mutating func call(_ operation: ConomyAPI.Operation) -> Call {
        let path = path(operation)
        let parameters = Dictionary(
            zip(operation.pathParameters.map(\.name), path), uniquingKeysWith: { first, _ in first })
        return Call(operation, pathParameters: parameters, query: query(operation), body: body(operation, path))
    }

    private mutating func path(_ operation: ConomyAPI.Operation) -> [String] {
        switch operation.name {
        case "payments.authorize": [payment("CREATED")]
        case "payments.capture": [payment("CREATED", "AUTHORIZED")]
        case "payments.refund":
            [payment(random.once(in: 2) ? "RECEIVED" : "SETTLED", kinds: CallGenerator.refundable)]
        case "payments.refund_summary", "payments.refunds": [payment("SETTLED")]
        case "payments.assign": [payment("CREATED", kinds: ["LOCAL_DEPOSIT"], waiting: true)]
        case "payments.request_review": [payment("CREATED", "AUTHORIZED", "CAPTURED")]
        case "payments.resolve_review", "payments.attach_document", "payments.presign_document": [payment("REQUIRES_REVIEW")]
        case "payments.mark_unsettled": [payment("RECEIVED")]
        case "payment_methods.banks": [one(of: ["CHL", "ARG", "BRA"])]
        case "payment_links.open_session", "checkout_sessions.refresh": [one(of: known.tokens, or: "nobody's")]
        case "identities.remove_permission":
            pair(one(of: known.permissions, or: (known.identities[0], "nobody")))
        case "identities.remove_fee": pair(one(of: known.feeRules, or: (known.identities[0], "nobody")))
        case "identities.delete": [one(of: known.identities.suffix(2))]
        case "identities.remove_children": [one(of: known.children, or: (known.identities[0], "nobody")).0]
        case "accounts.delete": [one(of: known.accounts.suffix(3)).id]
        default:
            switch operation.pathParameters.isEmpty ? "" : operation.resource {
            case "payments": [payment("CREATED", "SETTLED")]
            case "accounts": [random.once(in: 4) ? account().number : one(of: known.accounts.suffix(9)).id]
            case "identities": [one(of: known.identities)]
            case "organizations": [known.identities[0]]
            case "customers": [one(of: known.customers, or: "nobody")]
            case "rules": [one(of: known.rules, or: "nobody")]
            case "payment_links": [one(of: known.links.suffix(4), or: "nobody")]
            case "checkout_sessions": [one(of: known.sessions.suffix(4), or: "nobody")]
            case "payment_attempts": [one(of: known.attempts, or: "nobody")]
            default: operation.pathParameters.map(\.name)
            }
        }
    }

    static let refundable = [
        "TOPUP_ACCOUNT", "WITHDRAWAL_ACCOUNT", "PURCHASE", "REMITTANCE", "P2P", "COLLECT", "LOCAL_DEPOSIT",
    ]

    private func pair(_ names: (String, String)) -> [String] { [names.0, names.1] }

    private mutating func query(_ operation: ConomyAPI.Operation) -> [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        for parameter in operation.queryParameters where parameter.isRequired || random.once(in: 5) {
            let schema = parameter.schema.resolved
            let value =
                switch parameter.name {
                case "clientId": "local-client"
                case "limit", "count": "\(random.number(0...50))"
                case "offset": "\(random.number(0...9))"
                case "next": one(of: known.accounts).id
                case "accountNumber", "destination.accountNumber": account().number
                case "identityId", "owner.identityId": one(of: known.identities)
                case "parentPaymentId": payment("SETTLED", kinds: CallGenerator.refundable)
                case "status": one(of: ["SETTLED", "CREATED,CAPTURED", "ACTIVE"])
                case "sort": one(of: ["createdAt:asc", "createdAt:desc", "totalAmount:desc", "updatedAt:asc"])
                case "startDate", "endDate": one(of: ["01/06/2026", "02/06/2026", "31/12/2025"])
                case "dateFrom", "dateTo": one(of: ["2026-06-01T00:00:00Z", "2026-06-02T10:00:00Z"])
                case "currency", "currencies", "purchaseCurrency": one(of: ["EUR", "CLP", "USD"])
                case "amountMin", "amountMax": amount("ARS")
                case "checkoutSessionId": one(of: known.sessions, or: "nobody")
                default: schema.enumeration.isEmpty ? "Eva & Söhne + 1" : one(of: schema.enumeration).string ?? ""
                }
            query.append((parameter.name, value))
        }
        return query
    }

    private mutating func body(_ operation: ConomyAPI.Operation, _ path: [String]) -> JSON? {
        switch operation.name {
        case "payments.create": return payment()
        case "payment_attempts.create":
            let attempt = payment(kinds: ["TOPUP_ACCOUNT", "PURCHASE"]).object ?? [:]
            return .object(JSONObject(attempt.members.filter { $0.key != "expiresAt" }.map { ($0.key, $0.value) }))
        case "payments.refund":
            guard let amount = refundAmount(path[0]) else { return nil }
            return ["amount": .string(amount), "reason": "sent back"]
        case "payments.simulate_received": return ["id": .string(payment("CAPTURED"))]
        case "payments.assign": return assignment(path[0])
        case "payments.resolve_review":
            return random.once(in: 3) ? ["decision": "REJECTED", "rejectionReason": "no"] : ["decision": "APPROVED"]
        case "payments.request_review": return random.once(in: 2) ? nil : ["reason": "odd", "force": true]
        case "payments.mark_unsettled": return ["reason": "lost on its way"]
        case "payments.attach_document", "customers.attach_document":
            return random.once(in: 2) ? ["type": "kyc"] : ["type": "invoice", "url": "https://example.com/a"]
        case "payments.presign_document": return ["type": "contract", "contentType": "application/pdf"]
        case "checkout_sessions.pay": return random.once(in: 2) ? ["paymentMethod": "ETPAY"] : ["paymentMethod": "FINTOC"]
        case "payment_links.create": return offer()
        case "checkout_sessions.create":
            return random.once(in: 3) ? offer() : ["checkoutToken": .string(one(of: known.tokens, or: "nobody's"))]
        case "settlement.reconcile": return ["transactions": .array((0..<random.number(0...4)).map { _ in transaction() })]
        case "accounts.create":
            return [
                "identityId": .string(one(of: known.identities)), "type": "CHECKING", "custody": "BANK_ACCOUNT",
                "currency": .string(one(of: ["EUR", "ARS", "CLP"])), "name": .string("Purse \(serial())"),
            ]
        case "accounts.update": return random.once(in: 4) ? ["status": "BLOCKED"] : ["status": "ACTIVE", "name": "Ahorros ñ"]
        case "identities.create":
            return [
                "name": "Ana", "lastname": "Díaz", "email": "ana@example.com", "phone": "+5491155550000",
                "documentNumber": .string("3\(serial())"), "documentType": "DNI", "idv": "none", "country": "ARG",
            ]
        case "identities.update": return ["nickname": .string("ani \(serial())")]
        case "identities.add_children": return ["children": [.string(one(of: known.identities))]]
        case "identities.remove_children":
            return ["children": [.string(known.children.last { $0.0 == path[0] }?.1 ?? "nobody")]]
        case "identities.add_permissions":
            return [["resource": "IDENTITY", "reference": .string(known.identities[1]), "permissions": ["admin"]]]
        case "identities.add_fee": return ["type": "PERCENTAGE", "transactionType": "PURCHASE", "amount": "1.50"]
        case "customers.create": return ["firstName": "Eva", "documentNumber": .string("77\(serial())"), "country": "AR"]
        case "customers.update": return ["address": ["street": .string("Main \(serial())")], "operationLevel": "STANDARD"]
        case "rules.create":
            return [
                "type": "FEE", "identityId": .string(one(of: known.identities)), "overwrites": false,
                "feeRule": ["feeType": "PERCENTAGE", "value": "1.00"],
            ]
        case "organizations.update_brand": return ["displayName": "x"]
        default:
            guard let body = operation.body else { return nil }
            // Nothing is known of it here; the contract says what it takes.
            return body.isRequired ? ExampleCall.arguments(operation).last : random.once(in: 2) ? nil : [:]
        }
    }

    /// Nil takes all that is left.
    private mutating func refundAmount(_ id: String) -> String? {
        guard let parent = known.payments.last(where: { $0.id == id }), !parent.currency.isEmpty, !random.once(in: 5),
            let total = try? Money(parent.total, Currency(parent.currency))
        else { return nil }
        let part = random.one(of: [1, 2, 2, 3, 3, 3, 7])
        return text(Money(minorUnits: total.minorUnits / Int128(part) + (random.once(in: 6) ? 1 : 0), total.currency))
    }

    private mutating func assignment(_ id: String) -> JSON {
        let deposit = known.payments.last { $0.id == id }
        let currency = deposit?.currency ?? "ARS"
        var body: JSONObject = ["accountNumber": .string(account(currency).number)]
        switch random.number(1...3) {
        case 1: body["expectedAmount"] = .string(amount(currency))
        case 2: body["expectedAmount"] = (deposit?.total).map(JSON.string)
        default: break
        }
        return .object(body)
    }

    /// A provider's line about a payment, right or nearly.
    private mutating func transaction() -> JSON {
        let id = payment("CAPTURED")
        let payment = known.payments.last { $0.id == id }
        return [
            "id": .string(id), "externalId": .string(payment?.externalID ?? "x"),
            "totalAmount": .string(random.once(in: 5) ? "1.00" : payment?.total ?? "1.00"),
            "currency": .string(payment?.currency ?? "EUR"), "product": .string(payment?.product ?? "EUR:EUR"),
            "type": .string(payment?.kind ?? "PURCHASE"),
        ]
    }

    private mutating func offer() -> JSON {
        let before = random.number(100...4000)
        let tax = random.number(0...300)
        return [
            "checkoutToken": .string("shop/\(serial()) ñ"), "currency": "CLP",
            "duration": .integer(one(of: [30, 600, 86_400])), "paymentMethodsAllowed": ["ETPAY", "FINTOC"],
            "owner": ["identityId": .string(known.identities[0])],
            "customer": Desk.payer,
            "items": [
                [
                    "preTaxAmount": .string("\(before)"), "totalAmount": .string("\(before + tax)"), "description": "Shoes",
                    "tax": ["name": "IVA", "type": "FIXED", "value": .string("\(tax)"), "amount": .string("\(tax)")],
                ]
            ],
            "destinations": [Desk.accountNode("CLP", amount: "\(before + tax)", number: SmallBank.number(3))],
        ]
    }
}
