public import ExactJSON

/// A rehearsal over millions of payments keeps only those at hand that it is busy with.
extension Simulator {
    /// The payment that an id belongs to: the one it is a refund of, or itself; nil where there is none.
    public func family(of id: String) -> String? { withBank { $0.family(of: id) } }

    /// Takes payments that have ended out of the bank, each with its refunds. Until they are taken back, only calls about others are
    /// answered as before: no lists, and nothing that looks at all payments of an account or of a customer.
    /// - Returns: what `takeBack` takes, for each payment: empty where it is not here, and nil where it stays, because something is still
    ///   to come of it, or for its many refunds.
    public func setAside(families: [String]) -> [[JSONObject]?] {
        withBank { bank in
            bank.look()
            return families.map { bank.setAside(family: $0) }
        }
    }

    /// Takes back a payment and its refunds.
    /// - Throws: `WorldError` for what `setAside` did not give.
    public func takeBack(_ entries: [JSONObject]) throws(WorldError) {
        try result { bank throws(WorldError) in try bank.takeBack(entries) }
    }
}
