import ExactJSON

/// One entry of the API's catalogue: what can be called, how it travels, and what comes back.
public struct Operation: Sendable {
    /// What a call does to the world (`x-effect` in the contract).
    public enum Effect: String, Sendable, Comparable {
        case read
        case write
        /// Deletes, or moves or finalises money without a way back.
        case destructive

        public static func < (a: Effect, b: Effect) -> Bool { a.rank < b.rank }
        private var rank: Int { [.read: 0, .write: 1, .destructive: 2][self, default: 0] }
    }

    public enum Method: String, Sendable { case get = "GET", post = "POST", patch = "PATCH", delete = "DELETE" }

    public struct Parameter: Sendable {
        public let name: String
        public let isRequired: Bool
        public let description: String
        public let schema: Schema
    }

    public struct Body: Sendable {
        public let isRequired: Bool
        public let schema: Schema
    }

    /// The name in scripts and on the command line, `payments.refund`. The token exchange has no such name; it is `auth` here.
    public let name: String
    /// The contract's own name, `refundPayment`.
    public let id: String
    public let method: Method
    /// The path with parameters in braces, `/payments/{id}/refund`.
    public let path: String
    public let effect: Effect
    public let summary: String
    public let tag: String
    /// True when only older public documents describe it.
    public let isOlder: Bool
    /// What the documents say about where it exists, if they say anything.
    public let availability: String?
    /// True when it exists in the vendor's sandbox only.
    public let isSandboxOnly: Bool
    /// False for the token exchange, which is called with the API key alone.
    public let needsToken: Bool
    /// False where the header `User-Agent` may be left out.
    public let needsUserAgent: Bool
    /// In the order of the path.
    public let pathParameters: [Parameter]
    public let queryParameters: [Parameter]
    public let body: Body?
    /// Members of the body that may carry the money moved, as names: `["amount"]`. Empty where the contract names none.
    public let amountFields: [String]
    /// The member of the answer that carries the money moved, where the contract names one.
    public let answerAmountField: String?
    /// Status to the schema of its body; a nil schema is an answer without a body.
    public let answers: [Int: Schema?]

    /// The member of the conomy table it lives in: `payments` of `payments.refund`.
    public var resource: String { String(name.prefix { $0 != "." }) }

    /// The documented statuses of success, lowest first.
    public var successStatuses: [Int] { answers.keys.filter { $0 < 300 }.sorted() }

    /// True for reads that answer one page of many.
    public var isList: Bool { effect == .read && queryParameters.contains { $0.name == "limit" } }

    /// The path with its parameters filled in, percent-encoded so that a value never becomes a path of its own.
    public func path(with parameters: [String: String]) -> String {
        path.split(separator: "/").reduce(into: "") { result, segment in
            result += "/"
            if segment.hasPrefix("{") {
                result += percentEncoded(parameters[String(segment.dropFirst().dropLast())] ?? "")
            } else {
                result += segment
            }
        }
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, for path segments and query values alike.
public func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = String(byte, radix: 16, uppercase: true)
            result += hex.count == 1 ? "%0" + hex : "%" + hex
        }
    }
    // "." and ".." as whole segments would be walked by servers and proxies.
    return result == "." ? "%2E" : result == ".." ? "%2E%2E" : result
}

extension Operation {
    /// Nil when the entry lacks what every operation has.
    init?(json: JSON) {
        guard let id = json["id"]?.string, let method = json["method"]?.string.flatMap(Method.init),
            let path = json["path"]?.string,
            let effect = json["effect"]?.string.flatMap(Effect.init), let answers = json["answers"]?.object
        else { return nil }
        self.id = id
        self.name = json["name"]?.string ?? "auth"
        self.method = method
        self.path = path
        self.effect = effect
        self.summary = json["summary"]?.string ?? ""
        self.tag = json["tag"]?.string ?? ""
        self.isOlder = json["status"]?.string != "current"
        self.availability = json["availability"]?.string
        self.isSandboxOnly = json["sandboxOnly"]?.bool ?? false
        self.needsToken = json["token"]?.bool ?? true
        self.needsUserAgent = json["userAgent"]?.bool ?? true
        let all = json["parameters"]?.array ?? []
        func parameters(in place: String) -> [Parameter] {
            all.filter { $0["in"]?.string == place }.map {
                Parameter(
                    name: $0["name"]?.string ?? "", isRequired: $0["required"]?.bool ?? false,
                    description: $0["description"]?.string ?? "", schema: Schema(json: $0["schema"] ?? [:]))
            }
        }
        let inPath = parameters(in: "path")
        self.pathParameters = path.split(separator: "/").filter { $0.hasPrefix("{") }.compactMap { segment in
            inPath.first { $0.name == segment.dropFirst().dropLast() }
        }
        self.queryParameters = parameters(in: "query")
        self.body = json["body"].map {
            Body(isRequired: $0["required"]?.bool ?? false, schema: Schema(json: $0["schema"] ?? [:]))
        }
        self.amountFields = (json["amounts"]?.array ?? []).compactMap { $0.string.map { String($0.dropFirst()) } }
        self.answerAmountField = json["answerAmount"]?.string.map { String($0.dropFirst()) }
        self.answers = Dictionary(
            answers.members.compactMap { status, schema in Int(status).map { ($0, schema.isNull ? nil : Schema(json: schema)) } },
            uniquingKeysWith: { first, _ in first })
    }
}
