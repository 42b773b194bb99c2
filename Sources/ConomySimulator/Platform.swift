import ConomyAPI
import ExactJSON

/// All that a simulator is: a bank for each tenant, one time for all of them, the faults it was ordered to show, and the log of
/// what it was asked.
///
/// The banks share nothing. So another tenant's object is simply not found, as the API has it.
struct Platform: Sendable {
    /// Never empty. The first is the one that calls in memory go to.
    private(set) var banks: [Bank]
    var faults: FaultPlan
    var log = CallLog()
    private var byKey: [String: Int] = [:]
    private var byClient: [String: Int] = [:]

    init(world: World, options: SimulatorOptions) throws(WorldError) {
        let clock = options.clock ?? world.clock.map { .manual($0) } ?? .real
        faults = FaultPlan(seed: options.seed)
        banks = [try Bank(world: world, options: options, clock: clock)]
        for (index, tenant) in world.tenants.enumerated() {
            var own = options
            own.credentials = tenant.credentials
            // Ids of different tenants differ.
            own.seed = options.seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
            do throws(WorldError) { banks.append(try Bank(world: tenant.world, options: own, clock: clock)) } catch {
                throw WorldError(path: "tenants[\(index + 1)].\(error.path)", problem: error.problem)
            }
        }
        for (index, bank) in banks.enumerated() {
            let credentials = bank.options.credentials
            guard byClient.updateValue(index, forKey: credentials.clientID) == nil else {
                throw WorldError(
                    path: "tenants[\(index)].clientId", problem: "is \(credentials.clientID), which another tenant has")
            }
            guard byKey.updateValue(index, forKey: credentials.apiKey) == nil else {
                throw WorldError(path: "tenants[\(index)].apiKey", problem: "is the key of another tenant")
            }
        }
        order(options.faults)
    }

    /// The tenant a key belongs to.
    func tenant(apiKey: String) -> Int? { byKey[apiKey] }
    func tenant(clientID: String) -> Int? { byClient[clientID] }

    /// Runs `body` with the bank of a tenant, in place.
    mutating func withBank<Result>(_ tenant: Int = 0, _ body: (inout Bank) -> Result) -> Result { body(&banks[tenant]) }

    /// Somebody wants to hear of events.
    var hasReceiver: Bool {
        // By index: an element taken out would be copied, and this is asked at every call.
        banks.indices.contains { banks[$0].webhooks.endpoint != nil }
    }

    // Time

    var clock: SimulatorClock {
        get { banks[0].clock }
        set {
            for index in banks.indices {
                banks[index].clock = newValue
                banks[index].look()
            }
        }
    }

    /// Lets everything happen that has become due.
    mutating func look() { for index in banks.indices { banks[index].look() } }

    /// The state as a world. What is due has happened in it.
    mutating func snapshot() -> World {
        look()
        var parts = banks[0].world.json.object ?? [:]
        if banks.count > 1 {
            parts["tenants"] = .array(
                banks.dropFirst().map { bank in
                    let credentials = bank.options.credentials
                    var tenant: JSONObject = [
                        "clientId": .string(credentials.clientID), "clientSecret": .string(credentials.clientSecret),
                        "apiKey": .string(credentials.apiKey),
                    ]
                    for (key, value) in bank.world.json.object?.members ?? [] where key != "clock" { tenant[key] = value }
                    return .object(tenant)
                })
        }
        return World(parts: parts)
    }
}
