import ConomyAPI
import ExactJSON

extension World {
    /// A further tenant of the same simulator: credentials, and a world of its own.
    struct Tenant: Sendable {
        let credentials: SimulatorOptions.Credentials
        let world: World

        private static let names = ["clientId", "clientSecret", "apiKey"]

        init(_ json: JSON, index: Int) throws(WorldError) {
            let path = "tenants[\(index + 1)]"
            guard var object = json.object else {
                throw WorldError(path: path, problem: "is \(json.kind) where an object belongs")
            }
            var values: [String] = []
            for name in Tenant.names {
                guard let text = object[name]?.string, !text.isEmpty else {
                    throw WorldError(path: "\(path).\(name)", problem: "is missing")
                }
                values.append(text)
                object[name] = nil
            }
            for name in ["clock", "tenants"] where object[name] != nil {
                throw WorldError(path: "\(path).\(name)", problem: "belongs to the whole world, not to a tenant")
            }
            credentials = .init(clientID: values[0], clientSecret: values[1], apiKey: values[2])
            do throws(WorldError) { world = try World(json: .object(object)) } catch {
                throw WorldError(path: "\(path).\(error.path)", problem: error.problem)
            }
        }
    }

    static func tenants(_ json: JSON) throws(WorldError) -> [Tenant] {
        var tenants: [Tenant] = []
        for (index, tenant) in (json["tenants"]?.array ?? []).enumerated() { tenants.append(try Tenant(tenant, index: index)) }
        return tenants
    }
}
