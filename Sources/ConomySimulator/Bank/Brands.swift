import ConomyAPI
import ExactJSON

/// The look of an organization's hosted pages. While the setting `brandPersistence` is off there are none, whatever is asked.
extension Bank {
    func organization(_ call: Call) throws(Refusal) -> Identity {
        let id = call.objectID ?? ""
        guard options.brandPersistence, let identity = identities[id], identity.isOrganization else {
            throw .notFound("brand of organization", id)
        }
        return identity
    }

    private func answer(brand id: String) -> Answer {
        Answer(status: 200, body: ["brand": brands[id].map { .object($0) } ?? .null])
    }

    func getOrganizationBrand(_ call: Call) throws(Refusal) -> Answer { answer(brand: try organization(call).id) }

    /// What a first change leaves out is taken from the organization.
    mutating func updateOrganizationBrand(_ call: Call) throws(Refusal) -> Answer {
        let organization = try organization(call)
        var brand =
            brands[organization.id] ?? [
                "displayName": .string(organization.fullName), "clientName": .string(Bank.slug(organization.fullName)),
                "primaryColor": "#000000",
            ]
        for (key, value) in call.body?.object?.members ?? [] { brand[key] = value }
        brand["updatedAt"] = .string(now.description)
        brands[organization.id] = brand
        return answer(brand: organization.id)
    }

    mutating func deleteOrganizationBrand(_ call: Call) throws(Refusal) -> Answer {
        let id = try organization(call).id
        guard brands[id] != nil else { throw .notFound("brand of organization", id) }
        brands[id] = nil
        return Answer(status: 204, body: nil)
    }

    /// `Starter Shop` is `starter-shop`.
    private static func slug(_ name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? "brand" : words.joined(separator: "-")
    }
}
