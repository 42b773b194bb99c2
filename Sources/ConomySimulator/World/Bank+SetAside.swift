import ConomyAPI
import ExactJSON

/// Payments that have ended can be taken out of the bank together with their refunds, and taken back later as if they had been there all
/// the time. While they are out, only calls that are about others are answered as before: not lists, and not what looks at all payments
/// of an account or of a customer.
extension Bank {
    /// The payment that an id belongs to: the one it is a refund of, or itself; nil where it is not here.
    func family(of id: String) -> String? {
        guard let payment = payments[id] else { return nil }
        guard let parent = payment.parentID, payments.position(parent) != nil else { return id }
        return parent
    }

    /// A payment with more refunds than that stays: to take it out and back each time one more comes would cost more than it saves.
    private static let mostSetAside = 16

    /// Takes a payment and its refunds out.
    /// - Returns: what `takeBack` takes; empty where there is no such payment, and nil where something is still to come of it or there is
    ///   too much of it.
    mutating func setAside(family id: String) -> [JSONObject]? {
        guard let root = payments.position(id) else { return [] }
        let children = payments.children(of: root)
        let isOver = ([root] + children).allSatisfy { payments[$0].state.isTerminal && payments[$0].settlesAt == nil }
        let isFlat = children.allSatisfy { payments[$0].kind == .refund && payments.children(of: $0).isEmpty }
        guard isOver, isFlat, children.count <= Bank.mostSetAside, family(of: id) == id else { return nil }
        let entries = ([root] + children).map { position -> JSONObject in
            let more = payments[position].more.fields
            var object = Bank.entry(payments[position]).object ?? [:]
            object["arrived"] = .bool(more.hasArrived)
            if more.refundableDifference != 0 { object["refundableDifference"] = .string(String(more.refundableDifference)) }
            return object
        }
        payments.remove([root] + children)
        return entries
    }

    /// Takes back what was set aside, the payment before its refunds.
    mutating func takeBack(_ entries: [JSONObject]) throws(WorldError) {
        for (index, object) in entries.enumerated() {
            let entry = Entry(part: "payments", index: index, object: object)
            var reader = PaymentReader(accounts: accounts)
            var payment = try reader.payment(entry, isAdopted: true)
            if let text = try entry.text("refundableDifference"), let difference = Int128(text) {
                payment.more.fields.refundableDifference = difference
            }
            payments.add(payment)
        }
    }
}
