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

    /// Answers a request, or says how it is to be left without an answer. Waits only where a fault delays the bank itself.
    /// - Parameter pause: lets time pass, but not longer than the caller waits.
    func answer(_ request: WireRequest, pause: (Duration) async -> Void) async -> WireReply {
        var (path, query) = Door.split(request.target)
        if path.hasPrefix("/_sim/") { return WireReply(Control(simulator).answer(request, path, query)) }
        if path.hasPrefix("/sandbox/") { path = path.dropFirst(8) }
        guard let (operation, parameters) = router.match(request.method, path) else {
            let refusal = Refusal(.notFound, "there is no \(request.method) \(path.prefix(200))")
            return WireReply(
                simulator.withPlatform { platform in
                    let answer = platform.withBank { refusal.answer(traceID: $0.identifiers.uuid()) }
                    log(request, nil, &platform, status: answer.status, fault: nil)
                    return answer
                })
        }
        guard let fault = simulator.withPlatform({ $0.faults.meet(operation.name) }) else {
            return WireReply(act(request, operation, parameters, query, fault: nil))
        }
        return await WireReply.faulty(fault) {
            act(request, operation, parameters, query, fault: fault.kind)
        } leave: { status in
            simulator.withPlatform { log(request, operation, &$0, status: status, fault: fault.kind) }
        } traceID: {
            simulator.withBank { $0.identifiers.uuid() }
        } pause: {
            await pause($0)
        } expireTokens: {
            simulator.withPlatform { platform in
                let tenant = request.apiKey.flatMap(platform.tenant(apiKey:)) ?? 0
                platform.withBank(tenant) { $0.tokens.expireAll(at: $0.clock.now) }
            }
        }
    }

    /// What the bank itself says to a request that names an operation.
    private func act(
        _ request: WireRequest, _ operation: Operation, _ parameters: [String: String], _ query: Substring, fault: Fault.Kind?
    ) -> Answer {
        let read: Result<Call, Refusal>
        do throws(Refusal) {
            try checkHeaders(request, operation)
            read = .success(
                Call(operation, pathParameters: parameters, query: try Door.read(query), body: try body(request, operation)))
        } catch {
            read = .failure(error)
        }
        // One visit to the bank: between the check of the token and the operation nothing can come.
        return simulator.withPlatform { platform in
            let tenant = request.apiKey.flatMap(platform.tenant(apiKey:))
            let answer = platform.withBank(tenant ?? 0) { bank in
                // Whoever shows no valid key or token learns nothing else.
                if let refusal = Door.authorization(
                    request, operation, isKnownKey: tenant != nil, bank.tokens, at: bank.clock.now)
                {
                    return refusal.answer(traceID: bank.identifiers.uuid())
                }
                switch read {
                case .success(let call): return bank.perform(call)
                case .failure(let refusal): return refusal.answer(traceID: bank.identifiers.uuid())
                }
            }
            log(request, operation, &platform, status: answer.status, fault: fault)
            return answer
        }
    }

    private func log(
        _ request: WireRequest, _ operation: Operation?, _ platform: inout Platform, status: Int?, fault: Fault.Kind?
    ) {
        let tenant = request.apiKey.flatMap(platform.tenant(apiKey:))
        platform.log.add(
            time: platform.clock.now, clientID: tenant.map { platform.banks[$0].options.credentials.clientID },
            method: request.method,
            target: request.target, operation: operation?.name, status: status, fault: fault)
    }

    private static func authorization(
        _ request: WireRequest, _ operation: Operation, isKnownKey: Bool, _ tokens: Tokens, at now: Timestamp
    ) -> Refusal? {
        guard let key = request.apiKey, !key.isEmpty else { return Refusal(.unauthorized, "the header x-api-key is missing") }
        guard isKnownKey else { return Refusal(.unauthorized, "the header x-api-key is not right") }
        guard operation.needsToken else { return nil }
        guard let authorization = request.authorization, authorization.prefix(7).lowercased() == "bearer " else {
            return Refusal(.unauthorized, "the header Authorization carries no bearer token")
        }
        switch tokens.isAlive(String(authorization.dropFirst(7)), at: now) {
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
