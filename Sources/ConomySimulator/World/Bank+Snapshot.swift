import ConomyAPI
import ExactJSON

extension Bank {
    /// The whole state as a world. Tokens are not part of it: they are asked for again.
    var world: World {
        var parts = JSONObject()
        if case .manual(let instant) = clock { parts["clock"] = .string(instant.description) }
        parts["settings"] = .object(options.settings)
        parts["identifiers"] = .string(identifiers.drawn)
        parts["identities"] = .array(
            identities.all.map { identity in
                var object: JSONObject = ["id": .string(identity.id)]
                for (key, value) in identity.fields.members { object[key] = value }
                if !identity.children.isEmpty { object["children"] = .array(identity.children.map(JSON.string)) }
                if !identity.permissions.isEmpty { object["permissions"] = .array(identity.permissions) }
                if !identity.feeRules.isEmpty { object["feeRules"] = .array(identity.feeRules.map { .object($0) }) }
                object["brand"] = brands[identity.id].map { .object($0) }
                object["createdAt"] = .string(identity.createdAt.description)
                object["updatedAt"] = .string(identity.updatedAt.description)
                return .object(object)
            })
        let deleted = accounts.deleted.map { account -> JSON in
            var object = json(account).object ?? [:]
            object["deleted"] = true
            return .object(object)
        }
        parts["accounts"] = .array(accounts.all.map(json) + deleted)
        parts["customers"] = .array(
            customers.all.map { customer in
                var object = json(customer).object ?? [:]
                object["limits"] = nil
                return .object(object)
            })
        parts["payments"] = .array(payments.all.map(Bank.entry))
        parts["paymentAttempts"] = .array(attempts.all.map(Bank.entry))
        parts["paymentLinks"] = .array(
            links.all.map { link in
                var object = link.json.object ?? [:]
                object["expiresAt"] = .string(link.expiresAt.description)
                return .object(object)
            })
        parts["checkoutSessions"] = .array(
            sessions.all.map { session in
                var object = json(session).object ?? [:]
                for (key, value) in session.fields.members { object[key] = value }
                return .object(object)
            })
        parts["rules"] = .array(rules.all.map { .object($0.fields) })
        parts["ledger"] = .array(ledger.map(\.json))
        parts["webhook"] = webhooks.endpoint?.json
        if !webhooks.deliveries.isEmpty { parts["deliveries"] = .array(webhooks.deliveries.map(\.json)) }
        return World(parts: parts)
    }

    /// A payment as `PaymentReader` reads it.
    static func entry(_ payment: Payment) -> JSON {
        var object = payment.json.object ?? [:]
        if payment.more.fields.fees.isEmpty { object["fees"] = nil }
        object["settlesAt"] = payment.settlesAt.map { .string($0.description) }
        if !payment.holds.isEmpty {
            object["holds"] = .array(
                payment.holds.map { ["accountNumber": .string($0.party), "amount": .string($0.amount.text)] })
        }
        object["committed"] = .bool(payment.isCommitted)
        let more = payment.more.fields
        if !more.documents.isEmpty { object["documents"] = .array(more.documents) }
        object["providerReference"] = more.providerReference.map(JSON.string)
        object["originante"] = more.originator
        if more.hasArrived { object["arrived"] = true }
        return .object(object)
    }
}
