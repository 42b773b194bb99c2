extension Simulator {
    /// Approves or rejects a document of a customer, which the vendor does and no operation of the contract. One approved document
    /// is enough for the customer to be documented.
    /// - Parameter number: counts from 1, in the order of the customer's `documents`.
    /// - Returns: false, and nothing is done, when there is no such document.
    @discardableResult
    public func resolveDocument(ofCustomer id: String, number: Int, approved: Bool, reason: String? = nil) -> Bool {
        resolveDocument(ofCustomer: id, number: number, approved: approved, reason: reason, tenant: 0)
    }

    func resolveDocument(ofCustomer id: String, number: Int, approved: Bool, reason: String?, tenant: Int) -> Bool {
        withBank(tenant) { $0.resolveDocument(id, number - 1, approved: approved, reason: reason) }
    }
}
