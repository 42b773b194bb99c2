import ExactJSON

/// Reads one operation of the contract into the flat form the catalogue keeps.
struct OperationReader {
    let document: JSON

    func operation(method: String, path: String, _ source: JSON) throws -> JSON {
        guard let id = source["operationId"]?.string, let effect = source["x-effect"]?.string else {
            throw GeneratorError("\(method) \(path) lacks operationId or x-effect")
        }
        let parameters = try (source["parameters"]?.array ?? []).map(resolve)
        var entry: JSONObject = [
            "id": .string(id), "name": source["x-lua-name"] ?? nil, "method": .string(method), "path": .string(path),
            "effect": .string(effect), "summary": source["summary"] ?? "", "tag": source["tags"]?.array?.first ?? "",
            "status": source["x-docs-status"] ?? "current",
            "parameters": .array(parameters.filter { $0["in"]?.string != "header" }.map(parameter)),
            "answers": .object(try answers(source)),
        ]
        if let body = source["requestBody"] {
            guard let schema = body["content"]?["application/json"]?["schema"] else {
                throw GeneratorError("\(method) \(path) has a body that is not JSON")
            }
            entry["body"] = ["required": body["required"] ?? false, "schema": shortenReferences(schema)]
        }
        let amounts = [source["x-amount-field"]].compactMap { $0 } + (source["x-amount-field-alternatives"]?.array ?? [])
        if !amounts.isEmpty { entry["amounts"] = .array(amounts) }
        entry["answerAmount"] = source["x-amount-response-field"]
        entry["availability"] = source["x-availability"]
        if source["x-sandbox-only"]?.bool == true { entry["sandboxOnly"] = true }
        if !parameters.contains(where: { $0["name"] == "User-Agent" && $0["required"] == true }) { entry["userAgent"] = false }
        // Only `/auth` names its security: the key alone, without a token.
        if source["security"] != nil { entry["token"] = false }
        return .object(entry)
    }

    /// What the API sends to its client, and how it tries again.
    func webhook(name: String, _ source: JSON) throws -> JSON {
        guard let schema = source["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]?.string,
            let timeout = source["x-timeout-seconds"], let retry = source["x-retry"]
        else { throw GeneratorError("the webhook \(name) lacks its schema, x-timeout-seconds or x-retry") }
        var entry: JSONObject = [
            "name": .string(name), "schema": .string(String(schema.split(separator: "/").last ?? "")),
            "timeoutSeconds": timeout, "retry": retry,
        ]
        entry["signatureHeader"] = try (source["parameters"]?.array ?? []).map(resolve)
            .first { $0["in"]?.string == "header" }?["name"]
        return .object(entry)
    }

    private func parameter(_ source: JSON) -> JSON {
        var entry: JSONObject = [
            "name": source["name"] ?? "", "in": source["in"] ?? "", "description": source["description"] ?? "",
            "schema": shortenReferences(source["schema"] ?? [:]),
        ]
        if source["required"]?.bool == true { entry["required"] = true }
        return .object(entry)
    }

    /// Status to schema; null where an answer has no body.
    private func answers(_ source: JSON) throws -> JSONObject {
        JSONObject(
            try (source["responses"]?.object?.members ?? []).map { status, response in
                (status, try resolve(response)["content"]?["application/json"]?["schema"].map(shortenReferences) ?? nil)
            })
    }

    /// Follows `$ref` into `components`, once.
    private func resolve(_ value: JSON) throws -> JSON {
        guard let reference = value["$ref"]?.string else { return value }
        var found: JSON? = document
        for step in reference.split(separator: "/").dropFirst() { found = found?[String(step)] }
        guard let found else { throw GeneratorError("\(reference) leads nowhere") }
        return found
    }
}
