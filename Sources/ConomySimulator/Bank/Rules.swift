import ConomyAPI
import ExactJSON

/// Rules are kept and read back. The public documents do not say how they are applied to payments, so they are not.
extension Bank {
    mutating func createRule(_ call: Call) throws(Refusal) -> Answer {
        let body = call.body ?? [:]
        let identityID = body["identityId"]?.string ?? ""
        guard identities[identityID] != nil else { throw .notFound("identity", identityID) }
        let payload = body["type"] == "FEE" ? "feeRule" : "allowedValuesRule"
        guard body[payload]?.object != nil else {
            throw .missing("\(payload) is missing; a rule of type \(body["type"]?.string ?? "") has one")
        }
        var rule: JSONObject = ["id": .string(newID()), "owner": "CLIENT"]
        for (key, value) in body.object?.members ?? [] { rule[key] = value }
        if rule["target"] == nil { rule["target"] = "TRANSACTION" }
        rule["createdAt"] = .string(now.description)
        rule["updatedAt"] = .string(now.description)
        rules.put(rule, rule["id"]?.string ?? "")
        return Answer(status: 201, body: .object(rule))
    }

    func listRules(_ call: Call) throws(Refusal) -> Answer {
        let query = call.queryValues
        let matches = rules.newestFirst.filter { rule in
            ["id", "owner", "target", "type", "identityId"].allSatisfy { query.allowsOneOf($0, rule[$0]?.string) }
        }
        let page = try call.page(of: matches, id: { $0["id"]?.string ?? "" })
        return Answer(status: 200, body: page.envelope(page.items.map { .object($0) }))
    }

    func getRule(_ call: Call) throws(Refusal) -> Answer {
        let id = call.objectID ?? ""
        guard let rule = rules[id] else { throw .notFound("rule", id) }
        return Answer(status: 200, body: .object(rule))
    }

    mutating func deleteRule(_ call: Call) throws(Refusal) -> Answer {
        _ = try getRule(call)
        rules.remove(call.objectID ?? "")
        return Answer(status: 204, body: nil)
    }
}
