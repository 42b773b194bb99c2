public import ConomyAPI
public import ExactJSON

/// A simulator as the rehearsal of another bank: it takes in what was read there, and answers as that bank would.
extension Simulator {
    /// Takes in an object as the contract's answer shows it; one that is here already stays as it is. The accounts that a payment, a
    /// link or a session names are taken in before it.
    /// - Throws: `WorldError`, which names what does not fit.
    public func adopt(_ part: AdoptedPart, _ object: JSONObject) throws(WorldError) {
        try result { bank throws(WorldError) in try bank.adopt(part, object) }
    }

    /// Takes in the refunds of a payment that was taken in before, from its refund summary.
    public func adopt(refundsOf id: String, _ summary: JSON) throws(WorldError) {
        try result { bank throws(WorldError) in try bank.adopt(refundsOf: id, summary) }
    }

    /// Takes in what an identity may do, where nothing of that is known yet.
    public func adopt(permissionsOf id: String, _ permissions: [JSON]) {
        withBank { $0.adopt(permissionsOf: id, permissions) }
    }

    /// Takes in how an organization's pages look, where nothing of that is known yet.
    public func adopt(brandOf id: String, _ brand: JSONObject) {
        withBank { if $0.brands[id] == nil { $0.brands[id] = brand } }
    }

    func result(_ body: (inout Bank) throws(WorldError) -> Void) throws(WorldError) {
        let failure = withBank { bank -> WorldError? in
            do throws(WorldError) { try body(&bank) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    public func has(_ part: AdoptedPart, _ id: String) -> Bool { withBank { $0.has(part, id) } }

    public func hasAccount(number: String) -> Bool { withBank { $0.accounts.everKnown(number: number) != nil } }

    /// Lets requests that name an account find none; payments that do go on.
    public func hide(account number: String) { withBank { _ = $0.hiddenAccounts.insert(number) } }

    /// The identity that an account belongs to.
    public func owner(ofAccount number: String) -> String? { withBank { $0.accounts[number: number]?.identityID } }

    /// The number of an account by its id, or by the number itself.
    public func accountNumber(_ id: String) -> String? {
        withBank { bank in (bank.accounts[id: id] ?? bank.accounts[number: id])?.number }
    }

    /// Answers a call; ids that it makes are drawn from a seed of its own, so that they do not depend on the calls before.
    public func answer(_ call: Call, seed: UInt64) -> Answer {
        withBank { bank in
            let identifiers = bank.identifiers
            bank.identifiers = Identifiers(seed: seed)
            defer { bank.identifiers = identifiers }
            return bank.perform(call)
        }
    }

    /// Lets payers and providers do what a payment waits for, until it has come to a status.
    /// - Returns: false where it cannot come there, or where only time is lacking.
    public func bring(payment id: String, to status: String) -> Bool {
        guard let state = PaymentState(rawValue: status) else { return false }
        return withBank { $0.bring(payment: id, to: state) }
    }

    /// What every account of the first tenant has. What is due has happened in it.
    public var balances: [AccountBalance] {
        withBank { bank in
            bank.look()
            return bank.balances
        }
    }
}
