import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

/// `Desk.get` checks each answer against the contract's schema for its status; here every operation is performed.
@Suite struct ContractTests {
    @Test("every operation of the contract is performed, and every answer fits its schema")
    func everything() throws {
        let tour = Tour(try Desk())
        try tour.identities()
        try tour.accounts()
        try tour.customersAndRules()
        try tour.methods()
        try tour.payments()
        try tour.reviews()
        try tour.refunds()
        try tour.unassigned()
        try tour.offers()
        let all = Set((Catalogue.conomy.operations + [Catalogue.conomy.authenticate]).map(\.name))
        let brand = Set(all.filter { $0.hasPrefix("organizations.") })
        #expect(all.subtracting(tour.performed) == brand)
        // The flag of the brand operations is off, and the documents say that this is a 404.
        for name in brand.sorted() {
            #expect(
                try tour.desk.refusal(name, Desk.identity, body: name.contains("update") ? ["displayName": "x"] : nil) == "404 31"
            )
        }
        #expect(Simulator.unimplementedOperations == [])
    }

    @Test(
        "every operation with a path refuses an id nobody has with 404",
        arguments: Catalogue.conomy.operations.filter { !$0.pathParameters.isEmpty })
    func unknownIDs(operation: ConomyAPI.Operation) throws {
        let desk = try Desk()
        let bodies: [String: JSON] = [
            "identities.add_children": ["children": ["x"]], "identities.remove_children": ["children": ["x"]],
            "identities.add_permissions": [["resource": "IDENTITY", "reference": "x", "permissions": ["admin"]]],
            "identities.add_fee": ["type": "PERCENTAGE", "transactionType": "PURCHASE", "amount": "1.00"],
            "accounts.update": ["name": "x"],
            "customers.attach_document": ["type": "kyc"], "payments.assign": ["accountNumber": "1"],
            "payments.attach_document": ["type": "kyc"],
            "payments.presign_document": ["type": "kyc", "contentType": "image/png"],
            "payments.resolve_review": ["decision": "APPROVED"],
            "payments.mark_unsettled": ["reason": "x"], "checkout_sessions.pay": ["paymentMethod": "CVU"],
        ]
        let parameters = Dictionary(uniqueKeysWithValues: operation.pathParameters.map { ($0.name, "nobody") })
        let body = bodies[operation.name] ?? (operation.body == nil ? nil : [:])
        let answer = desk.simulator.answer(Call(operation, pathParameters: parameters, body: body))
        #expect(answer.status == 404, "\(operation.name): \(answer.body?.text() ?? "")")
        #expect(answer.body?["code"] == "31")
        expectFits(answer, operation)
    }

    @Test("a field the contract does not know, a missing one and a wrong type are told apart")
    func validation() throws {
        let desk = try Desk()
        var body = try #require(Desk.topup().object)
        body["purchaseAmout"] = "1"
        #expect(try desk.refusal("payments.create", body: .object(body)) == "400 11")
        #expect(try desk.refusal("payments.create", body: Desk.topup(extra: ["purchaseAmount": 100])) == "400 11")
        #expect(try desk.refusal("accounts.create", body: ["type": "CHECKING"]) == "400 12")
        #expect(try desk.refusal("payments.simulate_received") == "400 12")
        #expect(try desk.refusal("payments.list", query: ["startDate": "31/02/2026"]) == "400 11")
        #expect(try desk.refusal("payments.list", query: ["limit": "many"]) == "400 11")
        #expect(try desk.refusal("payments.list", query: ["limit": "501"]) == "400 11")
        #expect(try desk.refusal("payments.list", query: ["type": "refund"]) == "400 11")
        #expect(try desk.refusal("payments.list", query: ["sort": "colour:asc"]) == "400 11")
        #expect(try desk.refusal("payment_links.list", query: ["limit": "51"]) == "400 11")
        #expect(try desk.refusal("accounts.unassigned") == "400 12")
        try desk.get("payments.list", query: ["colour": "blue"])
    }
}

/// Walks through the operations and remembers which.
private final class Tour {
    let desk: Desk
    private(set) var performed: Set<String> = []

    init(_ desk: Desk) { self.desk = desk }

    @discardableResult
    func get(
        _ name: String, _ path: [String] = [], query: [String: String] = [:], _ body: JSON? = nil,
        at place: SourceLocation = #_sourceLocation
    )
        throws -> JSON
    {
        let call = try desk.call(name, path, query: query, body)
        let answer = desk.simulator.answer(call)
        #expect(answer.isSuccess, "\(name): \(answer.body?.text() ?? "")", sourceLocation: place)
        expectFits(answer, call.operation, at: place)
        performed.insert(name)
        return answer.body ?? .null
    }

    /// For operations without a path.
    @discardableResult
    func get(_ name: String, _ body: JSON, at place: SourceLocation = #_sourceLocation) throws -> JSON {
        try get(name, [], query: [:], body, at: place)
    }

    func id(_ json: JSON, _ member: String = "id") throws -> String { try #require(json[member]?.string) }

    func identities() throws {
        let token = try get("auth", ["clientId": "local-client", "clientSecret": "local-secret"])
        #expect(token["accessToken"]?.string?.split(separator: ".").count == 3)
        let person: JSON = [
            "name": "Ana", "lastname": "Diaz", "email": "ana@example.com", "phone": "+5491155550000",
            "documentNumber": "30111222",
            "documentType": "DNI", "idv": "none", "country": "ARG",
        ]
        let child = try id(get("identities.create", person))
        #expect(try desk.refusal("identities.create", body: person) == "409 13")
        #expect(try get("identities.get", [child])["status"] == "ACTIVE")
        #expect(try get("identities.list", query: ["type": "USER"])["data"]?.array?.count == 1)
        #expect(try get("identities.update", [child], ["nickname": "ani"])["nickname"] == "ani")
        #expect(
            try get("identities.add_children", [Desk.identity], ["children": [.string(child)]])["children"]?.array?.count == 1)
        #expect(try get("identities.remove_children", [Desk.identity], ["children": [.string(child)]])["children"] == nil)
        try get(
            "identities.add_permissions", [child],
            [["resource": "IDENTITY", "reference": .string(Desk.identity), "permissions": ["admin"]]])
        #expect(try get("identities.permissions", [child]).array?.count == 1)
        try get("identities.remove_permission", [child, Desk.identity])
        #expect(try get("identities.permissions", [child]) == [])
        let ruled = try get(
            "identities.add_fee", [child], ["type": "PERCENTAGE", "transactionType": "PURCHASE", "amount": "1.50"])
        let rule = try #require(ruled["rules"]?.array?.first?["id"]?.string)
        #expect(try get("identities.remove_fee", [child, rule])["rules"] == nil)
        #expect(try desk.refusal("identities.delete", Desk.identity) == "422 21")
        try get("identities.delete", [child])
        #expect(try desk.refusal("identities.get", child) == "404 31")
    }

    func accounts() throws {
        let made = try get(
            "accounts.create",
            [
                "identityId": .string(Desk.identity), "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "GBP",
                "name": "Pounds", "externalId": "gbp",
            ])
        #expect(made["balance"] == "0.00")
        let account = try id(made)
        #expect(try get("accounts.list", query: ["externalId": "gbp"])["pagination"]?["results"]?.array?.count == 1)
        #expect(try get("accounts.list", query: ["limit": "2", "offset": "8"])["pagination"]?["results"]?.array?.count == 1)
        #expect(try get("accounts.update", [account], ["name": "Quid"])["name"] == "Quid")
        #expect(try get("accounts.get", [account])["name"] == "Quid")
        try get("accounts.delete", [account])
        #expect(try desk.refusal("accounts.delete", "000000000000000000000101") == "422 21")
    }

    func customersAndRules() throws {
        let customer = try id(get("customers.create", ["firstName": "Ana", "documentNumber": "30111222", "country": "AR"]))
        #expect(try get("customers.list", query: ["documentNumber": "30111222"])["results"]?.array?.count == 1)
        #expect(
            try get("customers.update", [customer], ["address": ["street": "Main", "zipcode": "1"]])["address"]?["street"]
                == "Main")
        #expect(try get("customers.update", [customer], ["address": ["street": "Side"]])["address"]?["zipcode"] == "1")
        #expect(
            try get("customers.attach_document", [customer], ["type": "kyc", "url": "https://example.com/a"])["document"]?[
                "status"] == "UPLOADED")
        #expect(try get("customers.get", [customer])["documents"]?.array?.count == 1)
        let rule = try id(
            get(
                "rules.create",
                [
                    "type": "FEE", "identityId": .string(Desk.identity), "overwrites": false,
                    "feeRule": ["feeType": "FIXED", "value": "1.00"],
                ]))
        #expect(try get("rules.list", query: ["type": "FEE,ALLOWED_VALUES"])["results"]?.array?.count == 1)
        try get("rules.get", [rule])
        try get("rules.delete", [rule])
    }

    func methods() throws {
        let origins = try get("payment_methods.origins", query: ["accountNumber": Desk.account("BRL")])
        #expect(origins.array?.contains { $0["type"] == "PIX" } == true)
        let destinations = try get("payment_methods.destinations", query: ["accountNumber": Desk.account("EUR")])
        #expect(destinations.array?.contains { $0["type"] == "SEPA" } == true)
        let products = try get("payment_methods.products", query: ["identityId": Desk.identity, "currencies": "CLP,ARS"])
        #expect(products["supportedPaymentCurrencies"] == ["ARS", "CLP"])
        #expect(try get("payment_methods.banks", ["CHL"]).array?.isEmpty == false)
    }

    func payments() throws {
        let attempt = try id(
            get(
                "payment_attempts.create",
                [
                    "purchaseAmount": "10.00", "purchaseCurrency": "ARS",
                    "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("ARS")],
                ]))
        #expect(try get("payment_attempts.get", [attempt])["status"] == "ATTEMPT")
        #expect(try get("payment_attempts.list")["data"]?.array?.count == 1)
        let payment = try id(get("payments.create", Desk.topup(extra: ["externalId": "o-1", "description": "d"])))
        try get("payments.authorize", [payment])
        try get("payments.capture", [payment], [:])
        try get("payments.simulate_received", ["id": .string(payment)])
        try get("payments.get", [payment])
        #expect(
            try get("payments.list", query: ["status": "SETTLED,FAILED", "sort": "totalAmount:asc"])["results"]?.array?.count == 1
        )
        #expect(try get("payments.customer", [payment])["attached"] == false)
        #expect(
            try get(
                "settlement.reconcile",
                [
                    "transactions": [
                        [
                            "id": "x", "externalId": "x", "totalAmount": "1.00", "currency": "ARS", "product": "ARS:ARS",
                            "type": "TOPUP_ACCOUNT",
                        ]
                    ]
                ])
                == ["transaction x is not known"])
    }

    func reviews() throws {
        let payment = try id(get("payments.create", Desk.withdrawal("5.00")))
        #expect(try get("payments.request_review", [payment], ["reason": "odd"])["alreadyFlagged"] == false)
        #expect(try get("payments.request_review", [payment])["alreadyFlagged"] == true)
        #expect(
            try get("payments.attach_document", [payment], ["type": "invoice", "url": "https://example.com/i"])[
                "documentationStatus"] == "UPLOADED")
        try get("payments.presign_document", [payment], ["type": "invoice", "contentType": "image/png"])
        #expect(try get("payments.resolve_review", [payment], ["decision": "APPROVED"])["status"] == "CAPTURED")
        let received = try Tour(Desk { $0.settlementDelay = .seconds(60) })
        let lost = try received.desk.settled()
        #expect(try received.get("payments.mark_unsettled", [lost], ["reason": "lost"])["status"] == "UNSETTLED")
        #expect(try received.get("payments.mark_unsettled", [lost], ["reason": "again"])["alreadyFlagged"] == true)
        performed.formUnion(received.performed)
    }

    func refunds() throws {
        let parent = try desk.settled()
        try get("payments.refund", [parent], ["amount": "1.00"])
        try get("payments.refund_summary", [parent])
        try get("payments.refunds", [parent])
        try get("refunds.list", query: ["parentPaymentId": parent, "status": "SETTLED"])
        try get("refunds.list_legacy")
    }

    func unassigned() throws {
        let amount = try Money("80.00", Currency("ARS"))
        let person: JSON = ["firstName": "Eva", "documentNumber": "4"]
        let deposit = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, originator: person, reference: "cvu:1"))
        #expect(try get("accounts.unassigned", query: ["clientId": "local-client"])["totalAmount"] == "80.00")
        #expect(try get("payments.unassigned", query: ["clientId": "local-client", "search": "eva"])["total"] == 1)
        let assigned = try get(
            "payments.assign", [deposit], ["accountNumber": .string(Desk.account("ARS")), "expectedAmount": "100.00"])
        #expect(assigned["reconciliationStatus"] == "UNDERPAID")
        #expect(try get("payments.get", [id(assigned, "relatedPaymentId")])["totalAmount"] == "20.00")
        #expect(try get("payments.customer", [deposit])["customer"]?["autoCreated"] == true)
        let late = try #require(desk.simulator.deposit(rail: "CVU", amount: amount, originator: person, reference: "cvu:2"))
        desk.simulator.advance(by: .seconds(48 * 3600))
        #expect(try desk.status(late) == "EXPIRED")
        #expect(try get("refunds.list", query: ["parentPaymentId": late])["results"]?.array?.first?["status"] == "SETTLED")
        let customer = try #require(try get("customers.list", query: ["documentNumber": "4"])["results"]?.array?.first)
        try get("customers.delete", [id(customer)])
        #expect(try get("payments.customer", [deposit])["attached"] == false)
    }

    func offers() throws {
        let offer: JSON = [
            "checkoutToken": "spring", "currency": "CLP", "duration": 3600, "paymentMethodsAllowed": ["ETPAY"],
            "owner": ["identityId": .string(Desk.identity)],
            "items": [
                [
                    "preTaxAmount": "1000", "totalAmount": "1190", "description": "Shoes",
                    "tax": ["name": "IVA", "type": "PERCENTAGE", "value": "19", "amount": "190"],
                ]
            ],
            "destinations": [Desk.accountNode("CLP", amount: "1190")],
        ]
        let link = try id(get("payment_links.create", offer))
        #expect(
            try get("payment_links.list", query: ["destination.accountNumber": Desk.account("CLP"), "status": "ACTIVE"])[
                "results"]?.array?.count == 1)
        #expect(try desk.refusal("payment_links.delete", link) == "422 21")
        desk.simulator.advance(by: .seconds(3600))
        #expect(try get("payment_links.get", [link])["status"] == "EXPIRED")
        #expect(try desk.refusal("payment_links.open_session", "spring") == "422 21")
        #expect(try get("payment_links.activate", [link])["status"] == "ACTIVE")
        let first = try id(get("payment_links.open_session", ["spring"]))
        try get("checkout_sessions.delete", [first])
        let session = try id(get("checkout_sessions.create", ["checkoutToken": "spring", "customer": Desk.payer]))
        try get("checkout_sessions.refresh", ["spring"])
        #expect(try desk.refusal("checkout_sessions.pay", session, body: ["paymentMethod": "WEBPAY"]) == "400 11")
        let payment = try get("checkout_sessions.pay", [session], ["paymentMethod": "ETPAY"])
        #expect(payment["checkoutSessionId"]?.string == session)
        #expect(payment["origins"]?.array?.first?["etpay"]?["url"]?.string != nil)
        #expect(try get("checkout_sessions.get", [session])["status"] == "PROCESSING_PAYMENT")
        try get("payments.capture", [id(payment)])
        try get("payments.simulate_received", ["id": .string(id(payment))])
        #expect(try get("checkout_sessions.list", query: ["status": "FINISHED"])["results"]?.array?.count == 1)
        #expect(try get("payment_links.get", [link])["status"] == "FINISHED")
        #expect(try desk.refusal("checkout_sessions.refresh", "spring") == "422 21")
        var second = try #require(offer.object)
        second["checkoutToken"] = "short"
        let dead = try id(get("payment_links.create", .object(second)))
        desk.simulator.advance(by: .seconds(3600))
        try get("payment_links.delete", [dead])
    }
}
