import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

/// One call that a bank is made ready for, and how its probe should see it.
struct Scenario: Sendable, CustomTestStringConvertible {
    let operation: String
    var about = ""
    /// What the probe says before the call is performed.
    var before = "absent"
    /// True where Bursar's stamp is in the call.
    var isStamped = false
    /// Members of the operation's own answer that no read shows.
    var lost: Set<String> = []
    /// Members that are not what they were when the answer was given.
    var moved: Set<String> = []
    var options: @Sendable (inout SimulatorOptions) -> Void = { _ in }
    let prepare: @Sendable (Bench) throws -> Call

    var testDescription: String { about.isEmpty ? operation : "\(operation), \(about)" }

    func bench() throws -> Bench { try Bench(options) }

    var stamp: String? { isStamped ? Bench.stamp : nil }

    /// At least one for every probe.
    static let all: [Scenario] = identities + others + payments + links

    private static let identities: [Scenario] = [
        Scenario(operation: "identities.create", isStamped: true) {
            try $0.call("identities.create", [], Bench.person("30111222", ["externalId": .string(Bench.stamp)]))
        },
        Scenario(operation: "identities.create", about: "without a reference") {
            try $0.call("identities.create", [], Bench.person("30111222"))
        },
        Scenario(operation: "identities.update") {
            try $0.call(
                "identities.update", [Bench.identity],
                ["name": "Another Shop", "children": nil, "securityOptions": ["twoFactorEnabled": true]])
        },
        Scenario(operation: "identities.update", about: "children") { bench in
            let children = try ["1", "2"].map { try bench.id(bench.get("identities.create", body: Bench.person("3011122\($0)"))) }
            return try bench.call(
                "identities.update", [Bench.identity],
                ["children": .array(children.reversed().map { ["id": .string($0), "name": "x", "email": "x@example.com"] })])
        },
        Scenario(operation: "identities.delete") { bench in
            try bench.call(
                "identities.delete", [bench.id(bench.get("identities.create", body: Bench.person("30111222")))])
        },
        Scenario(operation: "identities.add_children") { bench in
            let child = try bench.id(bench.get("identities.create", body: Bench.person("30111222")))
            return try bench.call("identities.add_children", [Bench.identity], ["children": [.string(child)]])
        },
        Scenario(operation: "identities.remove_children") { bench in
            let child = try bench.id(bench.get("identities.create", body: Bench.person("30111222")))
            try bench.get("identities.add_children", Bench.identity, body: ["children": [.string(child)]])
            return try bench.call("identities.remove_children", [Bench.identity], ["children": [.string(child)]])
        },
        Scenario(operation: "identities.add_permissions") {
            try $0.call(
                "identities.add_permissions", [Bench.identity],
                [["resource": "IDENTITY", "reference": "x", "permissions": ["admin", "account:read"]]])
        },
        Scenario(operation: "identities.remove_permission") { bench in
            try bench.get(
                "identities.add_permissions", Bench.identity,
                body: [["resource": "IDENTITY", "reference": "x", "permissions": ["admin"]]])
            return try bench.call("identities.remove_permission", [Bench.identity, "x"])
        },
        Scenario(operation: "identities.add_fee", about: "to an identity that shows none", before: "unknown") {
            try $0.call("identities.add_fee", [Bench.identity], fee("10.00"))
        },
        Scenario(operation: "identities.add_fee", about: "beside another") { bench in
            try bench.get("identities.add_fee", Bench.identity, body: fee("5"))
            return try bench.call("identities.add_fee", [Bench.identity], fee("10.00"))
        },
        Scenario(operation: "identities.remove_fee") { bench in
            let identity = try bench.get("identities.add_fee", Bench.identity, body: fee("5"))
            return try bench.call(
                "identities.remove_fee", [Bench.identity, bench.id(try #require(identity["rules"]?.array?.first))])
        },
    ]

    private static func fee(_ amount: String) -> JSON {
        ["type": "PERCENTAGE", "transactionType": "P2P", "amount": .string(amount), "description": "Fee"]
    }

    private static let others: [Scenario] = [
        Scenario(operation: "organizations.update_brand", options: { $0.brandPersistence = true }) {
            try $0.call("organizations.update_brand", [Bench.identity], ["primaryColor": "#12ABCD", "accentColor": nil])
        },
        Scenario(operation: "organizations.delete_brand", options: { $0.brandPersistence = true }) { bench in
            try bench.get("organizations.update_brand", Bench.identity, body: ["primaryColor": "#12ABCD"])
            return try bench.call("organizations.delete_brand", [Bench.identity])
        },
        Scenario(operation: "accounts.create", isStamped: true) {
            try $0.call(
                "accounts.create", [],
                [
                    "identityId": .string(Bench.identity), "externalId": .string(Bench.stamp), "type": "SAVINGS",
                    "custody": "BANK_ACCOUNT", "currency": "ARS", "name": "Reserve",
                ])
        },
        Scenario(operation: "accounts.update") {
            try $0.call("accounts.update", ["000000000000000000000102"], ["name": "Till", "status": "BLOCKED"])
        },
        Scenario(operation: "accounts.delete") { bench in
            let account = try bench.get(
                "accounts.create",
                body: [
                    "identityId": .string(Bench.identity), "type": "SAVINGS", "custody": "BANK_ACCOUNT", "currency": "ARS",
                    "name": "Reserve",
                ])
            return try bench.call("accounts.delete", [bench.id(account)])
        },
        Scenario(operation: "customers.create") { try $0.call("customers.create", [], Bench.payer) },
        Scenario(operation: "customers.create", about: "with an e-mail alone") {
            try $0.call("customers.create", [], ["firstName": "Ana", "email": "ana@example.com"])
        },
        Scenario(operation: "customers.update") { bench in
            let id = try bench.id(bench.get("customers.create", body: Bench.payer))
            return try bench.call("customers.update", [id], ["firstName": "Eva", "address": ["street": "Sol"]])
        },
        Scenario(operation: "customers.delete") { bench in
            try bench.call("customers.delete", [bench.id(bench.get("customers.create", body: Bench.payer))])
        },
        Scenario(operation: "customers.attach_document") { bench in
            let id = try bench.id(bench.get("customers.create", body: Bench.payer))
            return try bench.call("customers.attach_document", [id], ["type": "kyc", "url": "https://example.com/a.pdf"])
        },
        Scenario(operation: "rules.create") {
            try $0.call(
                "rules.create", [],
                [
                    "type": "FEE", "identityId": .string(Bench.identity), "overwrites": false,
                    "filter": [["name": "currency", "value": "ARS"]], "feeRule": ["feeType": "PERCENTAGE", "value": "2.5"],
                ])
        },
        Scenario(operation: "rules.delete") { bench in
            let rule = try bench.get(
                "rules.create",
                body: [
                    "type": "ALLOWED_VALUES", "identityId": .string(Bench.identity), "overwrites": false,
                    "allowedValuesRule": ["key": "currency", "allowedValues": ["ARS"]],
                ])
            return try bench.call("rules.delete", [bench.id(rule)])
        },
    ]

    private static let payments: [Scenario] = [
        Scenario(operation: "payment_attempts.create", isStamped: true) {
            try $0.call("payment_attempts.create", [], Bench.topup("100.00", ["externalId": .string(Bench.stamp)]))
        },
        Scenario(operation: "payments.create", isStamped: true) {
            try $0.call("payments.create", [], Bench.topup("100.00", ["externalId": .string(Bench.stamp)]))
        },
        Scenario(operation: "payments.create", about: "with the script's own reference and an account") {
            try $0.call(
                "payments.create", [],
                Bench.topup("100.00", ["externalId": "order-17", "accountNumber": .string(Bench.account("ARS"))]))
        },
        Scenario(operation: "payments.create", about: "of a refund", moved: ["status", "updatedAt", "settledAt"]) { bench in
            try bench.call(
                "payments.create", [],
                [
                    "type": "REFUND", "parentPaymentId": .string(bench.settled()), "totalAmount": "10", "description": "damaged",
                ])
        },
        Scenario(operation: "payments.authorize") { try $0.call("payments.authorize", [$0.created()]) },
        Scenario(operation: "payments.capture") { try $0.call("payments.capture", [$0.created()]) },
        Scenario(operation: "payments.simulate_received", moved: ["status"]) {
            try $0.call("payments.simulate_received", [], ["id": .string($0.captured())])
        },
        Scenario(operation: "payments.refund", isStamped: true, moved: ["status"]) {
            try $0.call("payments.refund", [$0.settled()], ["amount": "40", "reason": .string(Bench.stamp)])
        },
        Scenario(operation: "payments.refund", about: "for a reason of the script's own", moved: ["status"]) {
            try $0.call("payments.refund", [$0.settled()], ["amount": "40.00", "reason": "damaged"])
        },
        Scenario(operation: "payments.refund", about: "of everything", moved: ["status"]) {
            try $0.call("payments.refund", [$0.settled()], ["reason": "damaged"])
        },
        Scenario(operation: "payments.assign") {
            try $0.call("payments.assign", [$0.deposited()], ["accountNumber": .string(Bench.account("ARS"))])
        },
        Scenario(operation: "payments.assign", about: "by the account's id, with a difference") {
            try $0.call(
                "payments.assign", [$0.deposited()], ["accountId": "000000000000000000000102", "expectedAmount": "80.00"])
        },
        Scenario(operation: "payments.request_review") {
            try $0.call("payments.request_review", [$0.created()], ["reason": "odd"])
        },
        Scenario(operation: "payments.resolve_review", about: "approved") { bench in
            let payment = try bench.created()
            try bench.get("payments.request_review", payment, body: [:])
            return try bench.call("payments.resolve_review", [payment], ["decision": "APPROVED"])
        },
        Scenario(operation: "payments.resolve_review", about: "rejected") { bench in
            let payment = try bench.created()
            try bench.get("payments.request_review", payment, body: [:])
            return try bench.call("payments.resolve_review", [payment], ["decision": "REJECTED", "rejectionReason": "forged"])
        },
        Scenario(
            operation: "payments.mark_unsettled", lost: ["reversedEscrowBalance"], options: { $0.settlementDelay = .seconds(60) }
        ) {
            try $0.call("payments.mark_unsettled", [$0.settled()], ["reason": "unknown sender"])
        },
    ]

    private static let links: [Scenario] = [
        Scenario(operation: "payment_links.create") { try $0.call("payment_links.create", [], Bench.offer()) },
        Scenario(operation: "payment_links.delete") { bench in
            try bench.call("payment_links.delete", [expiredLink(bench)])
        },
        Scenario(operation: "payment_links.activate") { bench in
            try bench.call("payment_links.activate", [expiredLink(bench)])
        },
        Scenario(operation: "payment_links.open_session") { bench in
            try bench.get("payment_links.create", body: Bench.offer())
            return try bench.call("payment_links.open_session", ["spring"])
        },
        Scenario(operation: "checkout_sessions.create", about: "of a link") { bench in
            try bench.get("payment_links.create", body: Bench.offer())
            return try bench.call("checkout_sessions.create", [], ["checkoutToken": "spring", "customer": Bench.payer])
        },
        Scenario(operation: "checkout_sessions.create", about: "of an offer of its own", isStamped: true) {
            try $0.call("checkout_sessions.create", [], Bench.offer(Bench.stamp))
        },
        Scenario(operation: "checkout_sessions.delete") { bench in
            try bench.call("checkout_sessions.delete", [bench.id(bench.get("checkout_sessions.create", body: Bench.offer()))])
        },
        Scenario(operation: "checkout_sessions.pay") { bench in
            let session = try bench.id(bench.get("checkout_sessions.create", body: Bench.offer()))
            return try bench.call("checkout_sessions.pay", [session], ["paymentMethod": "ETPAY", "customer": Bench.payer])
        },
        Scenario(operation: "checkout_sessions.refresh") { bench in
            try bench.get("checkout_sessions.create", body: Bench.offer())
            bench.simulator.advance(by: .seconds(7200))
            return try bench.call("checkout_sessions.refresh", ["spring"])
        },
    ]

    private static func expiredLink(_ bench: Bench) throws -> String {
        let link = try bench.id(bench.get("payment_links.create", body: Bench.offer()))
        bench.simulator.advance(by: .seconds(7200))
        return link
    }
}
