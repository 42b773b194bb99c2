import ConomyAPI
public import ExactJSON

/// Where a tenant's events go.
///
///     {"url": "http://127.0.0.1:9000/hooks", "secretKey": "...", "schemes": ["current", "older"]}
///
/// `secretKey` may be left out: events then travel unsigned. `schemes` are both unless it says otherwise.
public struct WebhookEndpoint: Sendable, Hashable {
    /// The two documented kinds of messages. A receiver of both hears of a capture, a receipt and a failure twice, in two forms.
    public enum Scheme: String, Sendable, CaseIterable {
        /// `{event, data, signature}` for captured, received and failed payments.
        case current
        /// `{eventType, timestamp, ...}` for every change, signed in a header.
        case older
    }

    public let url: String
    public let secretKey: String?
    public let schemes: Set<Scheme>

    /// - Throws: `OrderError` where the address is no http or https one without user and password.
    public init(url: String, secretKey: String?, schemes: Set<Scheme> = Set(Scheme.allCases)) throws(OrderError) {
        let rest = ["http://", "https://"].first { url.hasPrefix($0) }.map { url.dropFirst($0.count) }
        guard let rest, let host = rest.split(separator: "/", omittingEmptySubsequences: false).first, !host.isEmpty,
            !host.contains("@"), WebhookEndpoint.hasPort(host), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw OrderError(
                path: "url",
                problem: "is \"\(url)\"; write it as http://127.0.0.1:9000/path, without user and password, "
                    + "with a port up to 65535")
        }
        self.url = url
        self.secretKey = secretKey
        self.schemes = schemes
    }

    /// True where the port is one, or none is named. The client that delivers ends the program at others.
    private static func hasPort(_ host: Substring) -> Bool {
        guard !host.hasSuffix("]"), let colon = host.lastIndex(of: ":") else { return true }
        return Int(host[host.index(after: colon)...]).map { (1...65535).contains($0) } ?? false
    }

    /// - Parameter path: where it stands, for errors.
    /// - Throws: `OrderError`.
    public init(_ json: JSON, path: String = "") throws(OrderError) {
        let members = try Members(json, path, known: ["url", "secretKey", "schemes"])
        var schemes = Set(Scheme.allCases)
        if let given = members["schemes"] {
            guard let names = given.array else { throw members.wrong("schemes", "is \(given.kind) where a list belongs") }
            schemes = []
            for name in names {
                guard let scheme = name.string.flatMap(Scheme.init) else {
                    throw members.wrong("schemes", "holds something else than current and older")
                }
                schemes.insert(scheme)
            }
        }
        let secret = try members.text("secretKey")
        guard secret?.isEmpty != true else {
            throw members.wrong("secretKey", "is empty; leave it out for events without signature")
        }
        let url = try members.needed("url")
        do throws(OrderError) { try self.init(url: url, secretKey: secret, schemes: schemes) } catch {
            throw members.wrong(error.path, error.problem)
        }
    }

    public var json: JSON {
        var object: JSONObject = ["url": .string(url)]
        object["secretKey"] = secretKey.map(JSON.string)
        object["schemes"] = .array(Scheme.allCases.filter(schemes.contains).map { .string($0.rawValue) })
        return .object(object)
    }
}
