/// Why an environment cannot be used.
public struct EnvironmentError: Error, Sendable, CustomStringConvertible {
    /// Stable, for programs: `bad_url`, `bad_credential`, `bad_user_agent`.
    public let code: String
    /// What is wrong, with the value unless it is secret.
    public let message: String
    /// What to do about it.
    public let hint: String

    init(code: String, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { "\(message); \(hint)" }
}

/// What a client must know of the place its calls go to.
public struct ClientEnvironment: Sendable {
    /// What the API knows its caller by.
    public struct Credentials: Sendable, Equatable {
        public let clientID: Secret
        public let clientSecret: Secret
        /// Travels as `x-api-key` with every call.
        public let apiKey: Secret

        public init(clientID: Secret, clientSecret: Secret, apiKey: Secret) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.apiKey = apiKey
        }

        /// All of them, for a `Redaction`.
        public var all: [Secret] { [clientID, clientSecret, apiKey] }
    }

    /// `local`, `sandbox`, `production`, or a name of one's own.
    public let name: String
    public let baseURL: BaseURL
    public let credentials: Credentials
    /// The program and its version, `Bursar/1.0`: the vendor's support looks for it.
    public let userAgent: String
    /// True where money is real.
    public let isProduction: Bool

    /// - Parameter isProduction: nil derives it: the name says so, or the URL is the vendor's without `/sandbox`.
    /// - Throws: `EnvironmentError` when the URL, a credential or the user agent cannot be used; no credential is ever named by
    ///   value.
    public init(
        name: String, baseURL: String, credentials: Credentials, userAgent: String, isProduction: Bool? = nil
    ) throws(EnvironmentError) {
        self.name = name
        self.baseURL = try BaseURL(baseURL)
        self.credentials = credentials
        self.userAgent = userAgent
        self.isProduction =
            isProduction
            ?? (name == "production"
                || (self.baseURL.host == "api.conomyhq.com" && !self.baseURL.pathPrefix.hasPrefix("/sandbox")))
        for (label, secret) in [
            ("clientId", credentials.clientID), ("clientSecret", credentials.clientSecret), ("x-api-key", credentials.apiKey),
        ] {
            guard !secret.isEmpty else {
                throw EnvironmentError(
                    code: "bad_credential", "the \(label) of environment \(name) is empty",
                    hint: "the dashboard shows it under Settings, API Keys")
            }
        }
        guard isHeaderText(credentials.apiKey.reveal()) else {
            throw EnvironmentError(
                code: "bad_credential",
                "the x-api-key of environment \(name) has a space, a line end or another character no key has",
                hint: "copy it again from the dashboard, under Settings, API Keys")
        }
        guard !userAgent.isEmpty, userAgent.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw EnvironmentError(
                code: "bad_user_agent", "the user agent of environment \(name) is not a plain line of text",
                hint: "write it as Name/1.0")
        }
    }
}

/// True for text that can stand in a header as it is, and be nothing but that header's value.
func isHeaderText(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
