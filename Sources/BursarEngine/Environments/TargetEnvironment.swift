public import BursarGate
import ConomyClient

/// Where a run's calls go, with everything decided: built-in values, `bursar.yaml`, the command line.
public struct TargetEnvironment: Sendable {
    public let name: String
    /// Nil for `local`, whose simulator listens on a free port.
    public let baseURL: String?
    public var refundWith: Configuration.RefundWay
    public var requestsPerSecond: Int?
    /// The default for `for_each` where the script names none; nil leaves it to the engine.
    public var parallel: Int?
    /// How long calls wait for an API that does not answer, before the run ends.
    public var patience: Duration
    /// False where only reading and rehearsing is allowed.
    public var allowEffects: Bool
    /// Whether writes that carry no reference of the script's get one of Bursar's.
    public var stamps: Bool
    /// How long after the last sending a look that finds nothing proves that nothing happened; nil leaves it to each probe.
    public var settling: Duration?
    /// Whose word a plan needs; nil for nobody's.
    public var approvals: ApprovalRule?

    /// What may happen here.
    public var policy: Policy
    /// What people call the account that calls go to.
    public var account: String?
    /// Where credentials come from, besides the process's environment.
    public var credentials: CredentialsSource?

    public var isLocal: Bool { baseURL == nil }
    /// True for the vendor's production host, under whatever name.
    public let isProduction: Bool

    static let sandbox = "https://api.conomyhq.com/sandbox"
    static let production = "https://api.conomyhq.com"

    private static let builtIn: [String: String?] = ["local": nil as String?, "sandbox": sandbox, "production": production]

    /// All there are: those that are built in, then those that only the configuration has.
    public static func names(in configuration: Configuration) -> [String] {
        ["local", "sandbox", "production"] + configuration.environments.keys.filter { builtIn[$0] == nil }.sorted()
    }

    /// - Parameter name: nil takes the configuration's default, and `local` where it names none.
    /// - Throws: `ConfigurationError` when there is no such environment.
    public init(named name: String?, in configuration: Configuration) throws(ConfigurationError) {
        let name = name ?? configuration.defaultEnvironment ?? "local"
        let settings = configuration.environments[name] ?? .init()
        let builtIn = TargetEnvironment.builtIn
        if let url = settings.baseURL {
            guard name != "local" else {
                throw ConfigurationError(
                    place: configuration.path ?? "bursar.yaml",
                    problem: "local is the embedded simulator and has no base_url; give your server a name of its own")
            }
            baseURL = url
        } else if let url = builtIn[name] {
            baseURL = url
        } else {
            let known = TargetEnvironment.names(in: configuration).joined(separator: ", ")
            let isNamed = configuration.environments[name] != nil
            throw ConfigurationError(
                place: configuration.path ?? "bursar.yaml",
                problem: isNamed
                    ? "environment \(name) lacks its base_url" : "there is no environment \"\(name)\"; there are \(known)")
        }
        self.name = name
        refundWith = settings.refundWith ?? .subResource
        requestsPerSecond = settings.requestsPerSecond
        parallel = settings.parallel
        patience = settings.patience ?? .seconds(900)
        // However the address is spelt: the vendor's host is production unless the path is the sandbox's.
        let address: BaseURL?
        do throws(EnvironmentError) { address = try baseURL.map { url throws(EnvironmentError) in try BaseURL(url) } } catch {
            throw ConfigurationError(place: configuration.path ?? "bursar.yaml", problem: "environment \(name): \(error)")
        }
        isProduction = name == "production" || (address?.host == "api.conomyhq.com" && address?.pathPrefix != "/sandbox")
        // Writing a policy is saying that there may be effects.
        allowEffects = settings.allowEffects ?? (!isProduction || settings.policy != nil)
        policy = (settings.policy ?? PolicySettings()).policy(isProduction: isProduction)
        // Approvals are of plans: a run without one would need none.
        if settings.approvals != nil, settings.policy?.requiresPlan == nil { policy.requiresPlan = true }
        account = settings.account
        credentials = settings.credentials
        stamps = settings.stamps ?? true
        approvals = settings.approvals
        // The embedded bank acts at once, or never.
        settling = settings.settling ?? (baseURL == nil ? .milliseconds(500) : nil)
    }
}
