import ConomyAPI
import ExactJSON

/// A request as it came over the wire, without the library that read it.
struct WireRequest: Sendable {
    var method: String
    /// Path and query, percent-encoded: `/payments?limit=50`.
    var target: String
    var apiKey: String?
    var authorization: String?
    var userAgent: String?
    var version: String?
    /// Nil when it was longer than `Door.bodyLimit`.
    var body: [UInt8]?
    /// It came from this machine.
    var isLocal = true
}

/// The conventions that stand between HTTP and the bank: paths, keys, tokens, headers, JSON.
///
/// What is wrong is answered in this order: path, key, token, `User-Agent`, version, body, and then what the operation says.
struct Door: Sendable {
    static let bodyLimit = 1 << 20

    let simulator: Simulator
    private let router = Router(Catalogue.conomy.operations + [Catalogue.conomy.authenticate])

    init(_ simulator: Simulator) { self.simulator = simulator }

    func answer(_ request: WireRequest) -> Answer {
        var (path, query) = Door.split(request.target)
        if path.hasPrefix("/_sim/") { return Control(simulator).answer(request, path, query) }
        if path.hasPrefix("/sandbox/") { path = path.dropFirst(8) }
        guard let (operation, parameters) = router.match(request.method, path) else {
            return refuse(.notFound, "there is no \(request.method) \(path.prefix(200))")
        }
        let call: Call
        do throws(Refusal) {
            try checkHeaders(request, operation)
            call = Call(operation, pathParameters: parameters, query: try Door.read(query), body: try body(request, operation))
        } catch {
            // Whoever shows no valid key or token learns nothing else.
            if let refusal = authorization(request, operation) { return refuse(refusal) }
            return refuse(error)
        }
        // One visit to the bank: between the check of the token and the operation nothing can come.
        return simulator.withBank { bank in
            if let refusal = Door.authorization(request, operation, &bank) {
                return refusal.answer(traceID: bank.identifiers.uuid())
            }
            return bank.perform(call)
        }
    }

    private func refuse(_ code: APIErrorCode, _ detail: String) -> Answer { refuse(Refusal(code, detail)) }

    private func refuse(_ refusal: Refusal) -> Answer { simulator.withBank { refusal.answer(traceID: $0.identifiers.uuid()) } }

    private func authorization(_ request: WireRequest, _ operation: Operation) -> Refusal? {
        simulator.withBank { Door.authorization(request, operation, &$0) }
    }

    private static func authorization(_ request: WireRequest, _ operation: Operation, _ bank: inout Bank) -> Refusal? {
        guard let key = request.apiKey, !key.isEmpty else { return Refusal(.unauthorized, "the header x-api-key is missing") }
        guard key == bank.options.credentials.apiKey else { return Refusal(.unauthorized, "the header x-api-key is not right") }
        guard operation.needsToken else { return nil }
        guard let authorization = request.authorization, authorization.prefix(7).lowercased() == "bearer " else {
            return Refusal(.unauthorized, "the header Authorization carries no bearer token")
        }
        switch bank.tokens.isAlive(String(authorization.dropFirst(7)), at: bank.clock.now) {
        case true?: return nil
        case false?: return Refusal(.unauthorized, "the access token has expired")
        case nil: return Refusal(.unauthorized, "the access token is not known")
        }
    }

    private func checkHeaders(_ request: WireRequest, _ operation: Operation) throws(Refusal) {
        if operation.needsUserAgent, request.userAgent?.isEmpty ?? true { throw .missing("the header User-Agent is missing") }
        if let version = request.version, !version.isEmpty, version != Catalogue.version {
            throw .invalid(
                "the header conomyhq-api-version is \"\(version.prefix(40))\"; leave it out or send \(Catalogue.version)")
        }
    }

    /// The body as JSON; an empty one is none. Operations without a body ignore what came.
    private func body(_ request: WireRequest, _ operation: Operation) throws(Refusal) -> JSON? {
        guard let bytes = request.body else { throw Refusal(.parsingResource, "the body is longer than \(Door.bodyLimit) bytes") }
        guard operation.body != nil, !bytes.isEmpty else { return nil }
        // Older samples of the documents send an empty text where there is nothing to say.
        if bytes == Array("\"\"".utf8), operation.body?.isRequired == false { return nil }
        do { return try JSON(parsing: bytes) } catch { throw Refusal(.parsingResource, "the body is not JSON: \(error)") }
    }

    static func split(_ target: String) -> (path: Substring, query: Substring) {
        guard let mark = target.utf8.firstIndex(of: 0x3F) else { return (target[...], "") }
        return (target[..<mark], target[target.utf8.index(after: mark)...])
    }

    static func read(_ query: Substring) throws(Refusal) -> [(name: String, value: String)] {
        var values: [(name: String, value: String)] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(parts[0], plusIsSpace: true),
                let value = percentDecoded(parts.count == 2 ? parts[1] : "", plusIsSpace: true)
            else { throw .invalid("the query has a broken escape in \(pair.prefix(100))") }
            values.append((name, value))
        }
        return values
    }
}
