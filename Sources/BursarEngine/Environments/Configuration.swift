import Foundation
import Yams

/// What `bursar.yaml` says: which environments there are, and how calls go there. The project's file is laid over the user's: what it
/// says wins, setting by setting; a policy is one setting. It never holds credentials, only where they come from.
public struct Configuration: Sendable {
    /// The API's two documented ways to create a refund.
    public enum RefundWay: String, Sendable, CaseIterable {
        /// `POST /payments/{id}/refund`
        case subResource = "sub_resource"
        /// `POST /payments` with type REFUND
        case payment
    }

    /// The project's file; nil when there is none.
    public private(set) var path: String?
    public internal(set) var defaultEnvironment: String?
    public internal(set) var environments: [String: EnvironmentSettings] = [:]
    /// The place of each setting: `sandbox.parallel` to `bursar.yaml:7`.
    public internal(set) var origins: [String: String] = [:]

    /// No file: everything is as built in.
    public init() {}

    /// Reads `path`, or `bursar.yaml` in `folder` or the nearest folder above it that has one, over the user's own.
    /// - Parameter environment: the process's: it says where the user's file is.
    /// - Throws: `ConfigurationError` with file and line; an unknown key is an error.
    public init(path: String?, searchingFrom folder: String, environment: [String: String] = [:]) throws(ConfigurationError) {
        self.init()
        let found = path ?? Configuration.nearest(from: folder)
        if let user = Configuration.userFile(environment), user != found, FileManager.default.fileExists(atPath: user) {
            try read(user)
        }
        if let found { try read(found) }
        self.path = found
    }

    init(text: String, path: String) throws(ConfigurationError) {
        self.init()
        try read(text: text, path: path)
        self.path = path
    }

    /// `bursar/bursar.yaml` in the user's folder of settings; nil where there is no such folder.
    static func userFile(_ environment: [String: String]) -> String? {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/bursar/bursar.yaml" }
        return environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.config/bursar/bursar.yaml" : nil }
    }

    private mutating func read(_ path: String) throws(ConfigurationError) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError(place: path, problem: "cannot be read")
        }
        try read(text: text, path: path)
    }

    private mutating func read(text: String, path: String) throws(ConfigurationError) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError(place: path, problem: "is not YAML: \(error)")
        }
        guard let root else { return }
        let reader = ConfigurationReader(path: path)
        for (key, value) in try reader.members(of: root, known: ["default_environment", "environments"]) {
            switch key {
            case "default_environment":
                defaultEnvironment = try reader.text(value, key)
                origins[key] = reader.place(of: value)
            default:
                for (name, settings) in try reader.members(of: value, known: nil) {
                    try reader.read(settings, of: name, into: &self)
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
