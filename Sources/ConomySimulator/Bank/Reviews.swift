import ConomyAPI
import ExactJSON

extension Bank {
    /// Flags a payment for review. A documented customer passes by unless `force` is given.
    mutating func requestPaymentReview(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let payment = payments[position]
        let reason = call.body?["reason"]?.string
        func result(_ status: Int, flagged: Bool, bypassed: Bool) -> Answer {
            var object: JSONObject = ["paymentId": .string(payment.id), "status": .string(payments[position].state.rawValue)]
            object["documentationStatus"] = payments[position].more.fields.documentationStatus.map(JSON.string)
            object["reason"] = reason.map(JSON.string)
            object["alreadyFlagged"] = .bool(flagged)
            object["bypassed"] = .bool(bypassed)
            return Answer(status: status, body: .object(object))
        }
        if payment.state == .requiresReview { return result(200, flagged: true, bypassed: false) }
        let isOpen = payment.state.isCreated || payment.state == .authorized || payment.state == .captured
        guard isOpen, !(payment.state == .captured && payment.kind.isInternal) else {
            throw .state("payment \(payment.id) is \(payment.state.rawValue) and cannot be reviewed")
        }
        let customer = payment.more.fields.customerID.flatMap { customers[$0] }
        if customer?.isDocumented == true, call.body?["force"]?.bool != true {
            return result(202, flagged: false, bypassed: true)
        }
        change(position) {
            $0.state = .requiresReview
            $0.more.fields.documentationStatus = "PENDING_UPLOAD"
        }
        return result(202, flagged: false, bypassed: false)
    }

    /// Approved: the payment is CAPTURED, with all that a capture does. Rejected: FAILED, and what it held is free.
    mutating func resolvePaymentReview(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let payment = payments[position]
        guard payment.state == .requiresReview else {
            throw .state("payment \(payment.id) is \(payment.state.rawValue), not REQUIRES_REVIEW")
        }
        let decision = call.body?["decision"]?.string ?? ""
        let approved = decision == "APPROVED"
        if approved, payment.isUnclaimed {
            // It resumes where it stood: waiting for an account, with all its time.
            let expiry = now.adding(milliseconds: options.unassignedLife.milliseconds)
            change(position) {
                $0.state = .created
                $0.more.fields.expiresAt = expiry
            }
            planExpiry(position, at: expiry)
        } else if approved {
            try commit(position)
            capture(position)
            if payment.more.fields.hasArrived { receive(position) }
        } else {
            end(position, .failed)
            if payment.more.fields.hasArrived { sendBack(position) }
        }
        payments.change(position) { payment in
            payment.more.fields.documentationStatus = approved ? "APPROVED" : "REJECTED"
            payment.more.fields.documents = payment.more.fields.documents.map { document in
                guard var object = document.object else { return document }
                object["status"] = approved ? "APPROVED" : "REJECTED"
                if !approved { object["rejectionReason"] = call.body?["rejectionReason"] }
                return .object(object)
            }
        }
        if approved, let customer = payment.more.fields.customerID {
            // What was approved for a payment documents whoever made it.
            let documents = payments[position].more.fields.documents
            changeCustomer(customer) { $0.documents += documents }
        }
        tell(approved ? "payment.reviewApproved" : "payment.reviewRejected", payments[position])
        tell("payment.reviewResolved", payments[position])
        return Answer(
            status: 200,
            body: [
                "paymentId": .string(payment.id), "status": .string(payments[position].state.rawValue),
                "documentationStatus": .string(approved ? "APPROVED" : "REJECTED"), "reviewDecision": .string(decision),
                "reviewedAt": .string(now.description),
            ])
    }

    mutating func attachPaymentDocument(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        try refuseDocuments(position)
        let document = document(call.body ?? [:])
        change(position) {
            $0.more.fields.documents.append(document)
            // A further document without an address does not take back what was uploaded.
            if $0.more.fields.documentationStatus != "UPLOADED" {
                $0.more.fields.documentationStatus = document["status"]?.string
            }
        }
        return Answer(
            status: 201,
            body: [
                "paymentId": .string(payments[position].id), "status": .string(payments[position].state.rawValue),
                "documentationStatus": .string(payments[position].more.fields.documentationStatus ?? "UPLOADED"),
                "document": document,
            ])
    }

    mutating func presignPaymentDocument(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        try refuseDocuments(position)
        let key = "payments/\(payments[position].id)/\(identifiers.uuid())"
        let expiry = now.adding(milliseconds: 15 * 60_000)
        return Answer(
            status: 200,
            body: [
                "url": "https://uploads.conomyhq.example/",
                "fields": [
                    "key": .string(key), "Content-Type": call.body?["contentType"] ?? "",
                    "policy": .string(identifiers.token(48)),
                ],
                "canonicalUrl": .string("https://uploads.conomyhq.example/\(key)"), "expiresAt": .string(expiry.description),
            ])
    }

    private func refuseDocuments(_ position: Int) throws(Refusal) {
        let payment = payments[position]
        guard !payment.state.isTerminal else {
            throw .state("payment \(payment.id) is \(payment.state.rawValue) and takes no documents")
        }
    }

    /// A payment that was received and cannot be reconciled. What it took out of accounts comes back.
    mutating func markPaymentUnsettled(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let payment = payments[position]
        let reason = call.body?["reason"]?.string
        let wasFlagged = payment.state == .unsettled
        var reversed = false
        if !wasFlagged {
            guard payment.state == .received else {
                throw .state("payment \(payment.id) is \(payment.state.rawValue), not RECEIVED")
            }
            reversed = !payment.holds.isEmpty || payment.isCommitted
            end(position, .unsettled)
            payments.change(position) { $0.more.fields.unsettledReason = reason }
        }
        let fields = payments[position].more.fields
        return Answer(
            status: 202,
            body: [
                "paymentId": .string(payment.id), "status": "UNSETTLED",
                "unsettledAt": .string((fields.unsettledAt ?? now).description),
                "unsettledReason": .string(fields.unsettledReason ?? ""), "reversedEscrowBalance": .bool(reversed),
                "alreadyFlagged": .bool(wasFlagged),
            ])
    }
}
