import ConomyAPI
import ExactJSON

extension Bank {
    func json(_ account: Account) -> JSON {
        var object: JSONObject = ["id": .string(account.id), "identityId": .string(account.identityID)]
        object["externalId"] = account.externalID.map(JSON.string)
        object["type"] = .string(account.type)
        object["custody"] = .string(account.custody)
        object["balance"] = .string(account.balance.text)
        object["availableFunds"] = .string(account.available.text)
        object["currency"] = .string(account.currency.code)
        object["name"] = .string(account.name)
        object["accountNumber"] = .string(account.number)
        object["accountHolder"] = .string(account.holder)
        object["status"] = .string(account.status)
        object["parentId"] = account.parentID.map(JSON.string)
        let children = subAccounts[account.id] ?? []
        if !children.isEmpty {
            let accounts = children.compactMap { self.accounts[id: $0] }
            func sum(_ part: (Account) -> Money) -> JSON {
                .string(accounts.reduce(Money.zero(account.currency)) { $0 + part($1) }.text)
            }
            object["subAccounts"] = ["balance": sum(\.balance), "availableFunds": sum(\.available)]
        }
        object["custodyBankAccount"] = account.custodyBankAccount
        object["createdAt"] = .string(account.createdAt.description)
        object["updatedAt"] = .string(account.updatedAt.description)
        return .object(object)
    }

    /// By id; the documents say an account number is accepted too.
    private func account(_ call: Call) throws(Refusal) -> Account {
        let id = call.objectID ?? ""
        guard let account = accounts[id: id] ?? accounts[number: id] else { throw .notFound("account", id) }
        return account
    }

    /// New accounts are ACTIVE at once and empty.
    mutating func createAccount(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        let identityID = body["identityId"]?.string ?? ""
        guard let identity = identities[identityID] else { throw .notFound("identity", identityID) }
        let type = body["type"]?.string ?? ""
        let creatable = (Schema.named("AccountType")?.extensions["x-client-creatable"]?.array ?? []).compactMap(\.string)
        guard creatable.contains(type) else {
            throw .invalid("type \(type) is the platform's own; create \(creatable.joined(separator: ", "))")
        }
        let currency = Currency(body["currency"]?.string ?? "")
        guard Currency.exponents[currency.code] != nil else { throw .invalid("currency \(currency) is not known here") }
        let parentID = body["parentId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if let parentID {
            guard let parent = accounts[id: parentID] else { throw .notFound("account", parentID) }
            guard parent.currency == currency else {
                throw .invalid("parentId names an account in \(parent.currency), and this one is in \(currency)")
            }
        }
        let account = Account(
            id: newID(), number: newAccountNumber(), identityID: identityID, externalID: body["externalId"]?.string, type: type,
            custody: body["custody"]?.string ?? "", currency: currency, name: body["name"]?.string ?? "",
            holder: identity.fullName,
            status: "ACTIVE", parentID: parentID, custodyBankAccount: body["custodyBankAccount"], balance: .zero(currency),
            available: .zero(currency), createdAt: now, updatedAt: now)
        add(account)
        return Answer(status: 201, body: json(account))
    }

    mutating func newAccountNumber() -> String {
        while true {
            let number = identifiers.digits(21)
            if accounts.everKnown(number: number) == nil { return number }
        }
    }

    mutating func add(_ account: Account) {
        accounts.add(account)
        accountsOfIdentity[account.identityID, default: []].append(account.id)
        if let parentID = account.parentID { subAccounts[parentID, default: []].append(account.id) }
        if account.type == "FEE", feeAccounts[account.currency.code] == nil {
            feeAccounts[account.currency.code] = account.number
        }
    }

    func listAccounts(_ call: Call) throws(Refusal) -> Answer {
        let days = try call.days()
        let query = call.queryValues
        let isFiltered =
            !days.isOpen
            || query.has("parentId", "accountNumber", "externalId", "identityId", "type", "currency", "status")
        let page = try call.page(of: accounts, isFiltered: isFiltered) { account in
            query.allows("parentId", account.parentID) && query.allows("accountNumber", account.number)
                && query.allows("externalId", account.externalID) && query.allows("identityId", account.identityID)
                && query.allows("type", account.type) && query.allows("currency", account.currency.code)
                && query.allows("status", account.status) && days.contains(account.createdAt)
        }
        return Answer(status: 200, body: ["pagination": page.envelope(page.items.map(json))])
    }

    func getAccount(_ call: Call) throws(Refusal) -> Answer { Answer(status: 200, body: json(try account(call))) }

    mutating func updateAccount(_ call: Call) throws(Refusal) -> Answer {
        let number = try account(call).number
        let body = call.body ?? [:]
        if let status = body["status"]?.string, !["PENDING", "ACTIVE", "BLOCKED"].contains(status) {
            throw .invalid("status \(status) is not one of PENDING, ACTIVE, BLOCKED")
        }
        let now = now
        accounts.change(number: number) {
            if let externalID = body["externalId"]?.string { $0.externalID = externalID }
            if let name = body["name"]?.string { $0.name = name }
            if let status = body["status"]?.string { $0.status = status }
            $0.updatedAt = now
        }
        return try getAccount(call)
    }

    mutating func deleteAccount(_ call: Call) throws(Refusal) -> Answer {
        let account = try account(call)
        guard account.balance.minorUnits == 0 else {
            throw .state("account \(account.number) holds \(account.balance); move it out first")
        }
        guard (subAccounts[account.id] ?? []).isEmpty else {
            throw .state("account \(account.number) has accounts beneath it; delete them first")
        }
        guard !payments.hasOpen(account: account.number) else {
            throw .state("account \(account.number) has payments on their way; wait until they are settled or have failed")
        }
        remove(account)
        return Answer(status: 204, body: nil)
    }

    mutating func remove(_ account: Account) {
        accounts.remove(account)
        accountsOfIdentity[account.identityID]?.removeAll { $0 == account.id }
        if let parentID = account.parentID { subAccounts[parentID]?.removeAll { $0 == account.id } }
        if feeAccounts[account.currency.code] == account.number { feeAccounts[account.currency.code] = nil }
    }
}
