import ConomyAPI
import Foundation
import Yams

/// `bursar.yaml`: which environments there are, and how calls go there. It never holds credentials.
public struct Configuration: Sendable {
    /// How one environment differs from the built-in one of the same name.
    public struct EnvironmentSettings: Sendable, Equatable {
        public var baseURL: String?
        public var refundWith: RefundWay?
        public var requestsPerSecond: Int?
        public var parallel: Int?
        public var patience: Duration?
        public var allowEffects: Bool?
        /// False leaves references of Bursar's own out of writes.
        public var stamps: Bool?
        /// How long after the last sending a look that finds nothing proves that nothing happened.
        public var settling: Duration?
        /// Whose word a plan needs.
        public var approvals: ApprovalRule?
    }

    /// The API's two documented ways to create a refund.
    public enum RefundWay: String, Sendable, CaseIterable {
        /// `POST /payments/{id}/refund`
        case subResource = "sub_resource"
        /// `POST /payments` with type REFUND
        case payment
    }

    /// The file it was read from; nil when there is none.
    public private(set) var path: String?
    public private(set) var defaultEnvironment: String?
    public private(set) var environments: [String: EnvironmentSettings] = [:]

    /// No file: everything is as built in.
    public init() {}

    /// Reads `path`, or `bursar.yaml` in `folder` or the nearest folder above it that has one.
    /// - Throws: `ConfigurationError` with file and line; an unknown key is an error.
    public init(path: String?, searchingFrom folder: String) throws(ConfigurationError) {
        guard let found = path ?? Configuration.nearest(from: folder) else {
            self.init()
            return
        }
        guard let text = try? String(contentsOfFile: found, encoding: .utf8) else {
            throw ConfigurationError(place: found, problem: "cannot be read")
        }
        try self.init(text: text, path: found)
    }

    init(text: String, path: String) throws(ConfigurationError) {
        self.path = path
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError(place: path, problem: "is not YAML: \(error)")
        }
        guard let root else { return }
        let reader = ConfigurationReader(path: path)
        for (key, value) in try reader.members(of: root, known: ["default_environment", "environments"]) {
            switch key {
            case "default_environment": defaultEnvironment = try reader.text(value, key)
            default:
                for (name, settings) in try reader.members(of: value, known: nil) {
                    environments[name] = try reader.environment(settings, name)
                }
            }
        }
    }

    private static func nearest(from folder: String) -> String? {
        var folder = URL(fileURLWithPath: folder).standardizedFileURL
        while true {
            let candidate = folder.appendingPathComponent("bursar.yaml").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            guard folder.path != "/" else { return nil }
            folder.deleteLastPathComponent()
        }
    }
}

/// Something in `bursar.yaml` is wrong.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// `bursar.yaml:12`
    public let place: String
    public let problem: String
    public var description: String { "\(place): \(problem)" }
}

/// Takes the nodes of the file apart, so that every error has its line.
struct ConfigurationReader {
    let path: String

    func error(_ node: Node, _ problem: String) -> ConfigurationError {
        ConfigurationError(place: node.mark.map { "\(path):\($0.line)" } ?? path, problem: problem)
    }

    /// - Parameter known: the keys there may be; nil where names are free.
    func members(of node: Node, known: [String]?) throws(ConfigurationError) -> [(String, Node)] {
        guard let mapping = node.mapping else { throw error(node, "a mapping of keys to values belongs here") }
        var result: [(String, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw error(key, "a key must be a text") }
            if let known, !known.contains(name) {
                let suggestion =
                    closest(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "the keys are \(known.joined(separator: ", "))"
                let secret = ["client_id", "client_secret", "api_key"].contains(name)
                throw error(
                    key,
                    secret
                        ? "\(name) does not belong into a file: set CONOMY_CLIENT_ID, CONOMY_CLIENT_SECRET and CONOMY_API_KEY in the environment"
                        : "\"\(name)\" is not a key of bursar.yaml; \(suggestion)")
            }
            guard !result.contains(where: { $0.0 == name }) else { throw error(key, "\(name) stands twice") }
            result.append((name, value))
        }
        return result
    }

    func text(_ node: Node, _ key: String) throws(ConfigurationError) -> String {
        guard let text = node.string, !text.isEmpty else { throw error(node, "\(key) must be a text") }
        return text
    }

    func number(_ node: Node, _ key: String) throws(ConfigurationError) -> Int {
        guard let number = node.int, number > 0 else { throw error(node, "\(key) must be a whole number above zero") }
        return number
    }

    func environment(_ node: Node, _ name: String) throws(ConfigurationError) -> Configuration.EnvironmentSettings {
        var settings = Configuration.EnvironmentSettings()
        for (key, value) in try members(
            of: node,
            known: [
                "base_url", "refund_with", "requests_per_second", "parallel", "patience", "allow_effects", "stamps", "settling",
                "approvals",
            ])
        {
            switch key {
            case "base_url": settings.baseURL = try text(value, key)
            case "refund_with":
                guard let way = Configuration.RefundWay(rawValue: try text(value, key)) else {
                    throw error(
                        value,
                        "refund_with must be one of \(Configuration.RefundWay.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                settings.refundWith = way
            case "requests_per_second": settings.requestsPerSecond = try number(value, key)
            case "patience":
                guard let span = value.string.flatMap({ Span.read($0) }) else {
                    throw error(value, "patience must be a length of time of at most 30 days, such as 15m or 2h")
                }
                settings.patience = span
            case "parallel": settings.parallel = try number(value, key)
            case "approvals": settings.approvals = try ApprovalRule(value, self)
            case "settling":
                guard let span = Span.read(value.string ?? "") else {
                    throw error(value, "settling must be a length of time such as 30s")
                }
                settings.settling = span
            default:
                guard let flag = value.bool else { throw error(value, "\(key) must be true or false") }
                if key == "stamps" { settings.stamps = flag } else { settings.allowEffects = flag }
            }
        }
        return settings
    }
}
