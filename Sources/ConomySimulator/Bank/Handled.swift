import ConomyAPI

/// The operations of the contract that the bank performs, by their `operationId`. Any other one answers 501.
enum Handled: String, CaseIterable {
    case authenticate
    case createIdentity, listIdentities, getIdentity, updateIdentity, deleteIdentity, addIdentityChildren, removeIdentityChildren
    case addIdentityPermissions, listIdentityPermissions, removeIdentityPermission, addIdentityFeeRule, removeIdentityFeeRule
    case getOrganizationBrand, updateOrganizationBrand, deleteOrganizationBrand
    case createAccount, listAccounts, getAccount, updateAccount, deleteAccount
    case getUnassignedBalance, listUnassignedPayments, assignPayment
    case createCustomer, listCustomers, getCustomer, updateCustomer, deleteCustomer, attachCustomerDocument
    case createRule, listRules, getRule, deleteRule
    case listPaymentOrigins, listPaymentDestinations, getAvailableProducts, listBanks
    case createPaymentAttempt, listPaymentAttempts, getPaymentAttempt
    case createPayment, listPayments, getPayment, authorizePayment, capturePayment, simulatePaymentReceived
    case refundPayment, getPaymentRefundSummary, getPaymentRefundSummaryPlural, listRefunds, listRefundsLegacy
    case attachPaymentDocument, presignPaymentDocument, getPaymentCustomer
    case requestPaymentReview, resolvePaymentReview, markPaymentUnsettled
    case createPaymentLink, listPaymentLinks, getPaymentLink, deletePaymentLink, activatePaymentLink
    case createCheckoutSessionFromLink, createCheckoutSession, listCheckoutSessions, getCheckoutSession, deleteCheckoutSession
    case payCheckoutSession, refreshCheckoutSession
    case reconcileTransactions

    var isAboutBrands: Bool {
        self == .getOrganizationBrand || self == .updateOrganizationBrand || self == .deleteOrganizationBrand
    }
}

extension Bank {
    mutating func perform(_ operation: Handled, _ call: Call) throws(Refusal) -> Answer {
        switch operation {
        case .authenticate: try authenticate(call)

        case .createIdentity: try createIdentity(call)
        case .listIdentities: try listIdentities(call)
        case .getIdentity: try getIdentity(call)
        case .updateIdentity: try updateIdentity(call)
        case .deleteIdentity: try deleteIdentity(call)
        case .addIdentityChildren: try addIdentityChildren(call)
        case .removeIdentityChildren: try removeIdentityChildren(call)
        case .addIdentityPermissions: try addIdentityPermissions(call)
        case .listIdentityPermissions: try listIdentityPermissions(call)
        case .removeIdentityPermission: try removeIdentityPermission(call)
        case .addIdentityFeeRule: try addIdentityFeeRule(call)
        case .removeIdentityFeeRule: try removeIdentityFeeRule(call)
        case .getOrganizationBrand: try getOrganizationBrand(call)
        case .updateOrganizationBrand: try updateOrganizationBrand(call)
        case .deleteOrganizationBrand: try deleteOrganizationBrand(call)

        case .createAccount: try createAccount(call)
        case .listAccounts: try listAccounts(call)
        case .getAccount: try getAccount(call)
        case .updateAccount: try updateAccount(call)
        case .deleteAccount: try deleteAccount(call)

        case .getUnassignedBalance: try getUnassignedBalance(call)
        case .listUnassignedPayments: try listUnassignedPayments(call)
        case .assignPayment: try assignPayment(call)

        case .createCustomer: try createCustomer(call)
        case .listCustomers: try listCustomers(call)
        case .getCustomer: try getCustomer(call)
        case .updateCustomer: try updateCustomer(call)
        case .deleteCustomer: try deleteCustomer(call)
        case .attachCustomerDocument: try attachCustomerDocument(call)

        case .createRule: try createRule(call)
        case .listRules: try listRules(call)
        case .getRule: try getRule(call)
        case .deleteRule: try deleteRule(call)

        case .listPaymentOrigins: try listPaymentOrigins(call)
        case .listPaymentDestinations: try listPaymentDestinations(call)
        case .getAvailableProducts: try getAvailableProducts(call)
        case .listBanks: try listBanks(call)

        case .createPaymentAttempt: try createPaymentAttempt(call)
        case .listPaymentAttempts: try listPaymentAttempts(call)
        case .getPaymentAttempt: try getPaymentAttempt(call)

        case .createPayment: try createPayment(call)
        case .listPayments: try listPayments(call)
        case .getPayment: try getPayment(call)
        case .authorizePayment: try authorizePayment(call)
        case .capturePayment: try capturePayment(call)
        case .simulatePaymentReceived: try simulatePaymentReceived(call)

        case .refundPayment: try refundPayment(call)
        case .getPaymentRefundSummary, .getPaymentRefundSummaryPlural: try getRefundSummary(call)
        case .listRefunds: try listRefunds(call)
        case .listRefundsLegacy: try listRefundsLegacy(call)

        case .attachPaymentDocument: try attachPaymentDocument(call)
        case .presignPaymentDocument: try presignPaymentDocument(call)
        case .getPaymentCustomer: try getPaymentCustomer(call)
        case .requestPaymentReview: try requestPaymentReview(call)
        case .resolvePaymentReview: try resolvePaymentReview(call)
        case .markPaymentUnsettled: try markPaymentUnsettled(call)

        case .createPaymentLink: try createPaymentLink(call)
        case .listPaymentLinks: try listPaymentLinks(call)
        case .getPaymentLink: try getPaymentLink(call)
        case .deletePaymentLink: try deletePaymentLink(call)
        case .activatePaymentLink: try activatePaymentLink(call)

        case .createCheckoutSessionFromLink: try createCheckoutSessionFromLink(call)
        case .createCheckoutSession: try createCheckoutSession(call)
        case .listCheckoutSessions: try listCheckoutSessions(call)
        case .getCheckoutSession: try getCheckoutSession(call)
        case .deleteCheckoutSession: try deleteCheckoutSession(call)
        case .payCheckoutSession: try payCheckoutSession(call)
        case .refreshCheckoutSession: try refreshCheckoutSession(call)

        case .reconcileTransactions: try reconcileTransactions(call)
        }
    }
}
