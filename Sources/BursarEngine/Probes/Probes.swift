import ConomyAPI

/// The probes by operation, and the operations that can have none. Every write of the contract is in one of the two.
enum Probes {
    static let all: [any Probe] = [
        IdentitiesCreateProbe(), IdentitiesUpdateProbe(), IdentitiesDeleteProbe(), IdentitiesAddChildrenProbe(),
        IdentitiesRemoveChildrenProbe(), IdentitiesAddPermissionsProbe(), IdentitiesRemovePermissionProbe(),
        IdentitiesAddFeeProbe(),
        IdentitiesRemoveFeeProbe(),
        OrganizationsUpdateBrandProbe(), OrganizationsDeleteBrandProbe(),
        AccountsCreateProbe(), AccountsUpdateProbe(), AccountsDeleteProbe(),
        CustomersCreateProbe(), CustomersUpdateProbe(), CustomersDeleteProbe(), CustomersAttachDocumentProbe(),
        RulesCreateProbe(), RulesDeleteProbe(),
        PaymentAttemptsCreateProbe(),
        PaymentsCreateProbe(), PaymentsAuthorizeProbe(), PaymentsCaptureProbe(), PaymentsSimulateReceivedProbe(),
        PaymentsRefundProbe(),
        PaymentsAssignProbe(), PaymentsRequestReviewProbe(), PaymentsResolveReviewProbe(), PaymentsMarkUnsettledProbe(),
        PaymentLinksCreateProbe(), PaymentLinksDeleteProbe(), PaymentLinksActivateProbe(), PaymentLinksOpenSessionProbe(),
        CheckoutSessionsCreateProbe(), CheckoutSessionsDeleteProbe(), CheckoutSessionsPayProbe(), CheckoutSessionsRefreshProbe(),
    ]

    /// Why no read can tell whether the operation was carried out, and what that means for whoever decides.
    static let impossible: [String: String] = [
        "payments.attach_document": """
        no read shows the documents of a payment: documentationStatus says only that there is one. Sent twice, it is listed twice, \
        and nothing else happens
        """,
        "payments.presign_document": """
        nothing is kept that a read could show. Sent twice, it gives a second address to upload to, and nothing else happens
        """,
        "settlement.reconcile": """
        no read shows which batches were compared. Payments that it may have turned FAILED can be read one by one; sent twice, it \
        compares the batch with what is CAPTURED by then
        """,
    ]

    private static let byOperation = Dictionary(all.map { ($0.operation, $0) }, uniquingKeysWith: { first, _ in first })

    /// Nil for an operation that no read can find again.
    static func probe(for operation: String) -> (any Probe)? { byOperation[operation] }
}
