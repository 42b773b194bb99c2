import ConomyAPI
import ExactJSON

extension Bank {
    func position(_ call: Call) throws(Refusal) -> Int { try position(payment: call.objectID ?? "") }

    func position(payment id: String) throws(Refusal) -> Int {
        guard let position = payments.position(id) else { throw .notFound("payment", id) }
        return position
    }

    func getPayment(_ call: Call) throws(Refusal) -> Answer { answer(try position(call)) }

    func answer(_ position: Int) -> Answer { Answer(status: 200, body: payments[position].json) }

    /// Changes a payment and stamps the change. Where its state is another one then, that is announced.
    mutating func change(_ position: Int, _ change: (inout Payment) -> Void) {
        let now = now
        let before = payments[position].state
        payments.change(position) {
            $0.updatedAt = now
            change(&$0)
        }
        if payments[position].state != before { announce(position) }
    }

    private func wrongState(_ position: Int, _ verb: String) -> Refusal {
        let payment = payments[position]
        return .state("payment \(payment.id) is \(payment.state.rawValue) and cannot be \(verb)")
    }

    mutating func authorizePayment(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        guard payments[position].state.isCreated, !payments[position].isUnassigned else {
            throw wrongState(position, "authorized")
        }
        try checkActive(payments[position].more.fields.customerID.flatMap { customers[$0] })
        let now = now
        change(position) {
            $0.state = .authorized
            $0.more.fields.authorizedAt = now
        }
        return answer(position)
    }

    /// Commits the payment. Money that leaves an account of the bank leaves it now.
    mutating func capturePayment(_ call: Call) throws(Refusal) -> Answer {
        let position = try position(call)
        let payment = payments[position]
        guard payment.state.isCreated || payment.state == .authorized, !payment.isUnassigned else {
            throw wrongState(position, "captured")
        }
        try checkActive(payment.more.fields.customerID.flatMap { customers[$0] })
        try checkActive(payment.originLegs)
        try commit(position)
        capture(position)
        return answer(position)
    }

    /// The step to CAPTURED, without money.
    mutating func capture(_ position: Int) {
        let now = now
        change(position) {
            $0.state = .captured
            $0.more.fields.capturedAt = now
        }
        if payments[position].kind.isInternal { planSettlement(position, after: .zero) }
    }

    /// Moves what the payment takes out of accounts. Nothing happens where the money comes from outside, or has moved already.
    mutating func commit(_ position: Int) throws(Refusal) {
        let payment = payments[position]
        let legs = payment.originLegs
        guard !payment.isCommitted, legs.contains(where: \.isAccount) else { return }
        // A payment that the world opened with has no hold of its own, so its money is asked for here.
        if payment.holds.isEmpty { try hold(legs) }
        let (net, fees) = payment.legsOut
        move(net, to: payment.destinationLegs, payment: payment.id, at: now)
        // The fees stay on hold until the payment settles.
        change(position) {
            $0.holds = fees.filter(\.isAccount)
            $0.isCommitted = true
        }
    }

    mutating func planSettlement(_ position: Int, after delay: Duration) {
        let time = now.adding(milliseconds: delay.milliseconds)
        payments.change(position) { $0.settlesAt = time }
        planSettling(position, at: time)
    }

    /// The provider says that the money has arrived; the platform settles it after the delay.
    mutating func simulatePaymentReceived(_ call: Call) throws(Refusal) -> Answer {
        let id = call.body?["transactionId"]?.string ?? call.body?["id"]?.string ?? ""
        let position = try position(payment: id)
        guard payments[position].state == .captured else { throw wrongState(position, "received: it must be CAPTURED") }
        receive(position)
        return answer(position)
    }

    mutating func receive(_ position: Int) {
        change(position) { $0.state = .received }
        planSettlement(position, after: options.settlementDelay)
    }

    /// Settlement that was planned: makes the funds available, unless the payment went another way meanwhile.
    mutating func settle(_ position: Int) {
        let payment = payments[position]
        let canSettle = payment.state == .received || (payment.state == .captured && payment.kind.isInternal)
        guard canSettle, payment.settlesAt == now else { return }
        payments.change(position) { $0.settlesAt = nil }
        if payment.kind == .refund {
            guard settleRefund(position) else { return end(position, .failed) }
        } else if !payment.isCommitted {
            let legs = payment.originLegs
            if legs.contains(where: \.isAccount) {
                // It was loaded as RECEIVED and never held anything here; without the money it fails.
                guard (try? commit(position)) != nil else { return end(position, .failed) }
            } else {
                move(payment.legsOut.net, to: payment.destinationLegs, payment: payment.id, at: now)
            }
        }
        if payment.kind != .refund { takeFees(position) }
        let now = now
        change(position) {
            $0.state = .settled
            $0.isCommitted = true
            $0.settledAt = now
        }
        sessionFollows(position)
    }

    mutating func expire(_ position: Int) {
        let payment = payments[position]
        // A deadline that was moved has an event of its own.
        guard payment.state.isCreated || payment.state == .authorized, payment.more.fields.expiresAt.map({ $0 <= now }) ?? true
        else {
            return
        }
        let wasUnassigned = payment.isUnassigned
        end(position, .expired)
        if wasUnassigned { sendBack(position) }
    }

    /// Ends a payment without success: what was held is free again, and what was taken from accounts comes back.
    mutating func end(_ position: Int, _ state: PaymentState) {
        let payment = payments[position]
        release(payment.holds)
        // What another account of the bank received stays there; such payments are settled at once and do not come here.
        let takenBack =
            payment.isCommitted && payment.originLegs.contains(where: \.isAccount)
            && !payment.destinationLegs.contains(where: \.isAccount)
        if takenBack { move(payment.destinationLegs, to: payment.legsOut.net, payment: payment.id, at: now) }
        let now = now
        change(position) {
            $0.state = state
            $0.holds = []
            $0.settlesAt = nil
            if takenBack { $0.isCommitted = false }
            if state == .expired { $0.more.fields.expiredAt = now }
            if state == .unsettled { $0.more.fields.unsettledAt = now }
        }
        sessionFollows(position)
    }
}
