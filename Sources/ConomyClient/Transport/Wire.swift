import ConomyAPI
import ExactJSON
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends single tries of calls and tells what was seen; shared by calls and by the request for a token.
final class Wire: Sendable {
    let environment: ClientEnvironment
    let options: ClientOptions
    let logger: Logger
    let alarms: Alarms
    let pacer: Pacer
    let transport: Transport
    private let backoff: Mutex<Backoff>
    private let prefix: String
    private let headers: HTTPHeaders

    init(environment: ClientEnvironment, options: ClientOptions, logger: Logger, alarms: Alarms, pacer: Pacer) {
        self.environment = environment
        self.options = options
        self.logger = logger
        self.alarms = alarms
        self.pacer = pacer
        transport = Transport(
            limits: .init(
                connect: options.connectTimeout, answerBytes: options.maximumAnswerBytes,
                connections: max(1, options.maximumInFlight)),
            alarms: alarms)
        backoff = Mutex(Backoff(seed: options.seed))
        prefix = environment.baseURL.description
        headers = [
            "x-api-key": environment.credentials.apiKey.reveal(),
            "user-agent": environment.userAgent,
            "conomyhq-api-version": Catalogue.version,
            "accept": "application/json",
        ]
    }

    /// Sends one try and gives the ticket back.
    /// - Parameter timeout: how long it may take; nil is the options' `attemptTimeout`.
    func send(
        _ call: Call, ticket: Pace.Ticket, authorization: String?, attempt: Int, before deadline: Duration?, grace: Duration,
        timeout: Duration? = nil
    ) async -> RetryRule.Seen {
        let request = request(call, authorization)
        let start = alarms.clock.now
        let exchange = await transport.exchange(
            request, before: min(deadline ?? .seconds(Int64.max), start + (timeout ?? options.attemptTimeout)), grace: grace)
        let seen = seen(call, exchange)
        settle(ticket, seen)
        report(call, request, exchange, attempt, start)
        return seen
    }

    /// What follows after a try, in words that a server cannot have put a secret into.
    /// - Parameter tries: how many the call has, the first included; nil is the options' `maximumAttempts`.
    func next(
        _ operation: Operation, _ seen: RetryRule.Seen, attempt: Int, hasRenewed: Bool, tries: Int? = nil
    ) -> RetryRule.Next {
        let rule = RetryRule(maximumAttempts: tries ?? options.maximumAttempts, longestWait: options.longestWait)
        let next = rule.next(operation, seen, attempt: attempt, hasRenewed: hasRenewed)
        guard case .fail(let failure) = next else { return next }
        return .fail(
            CallFailure(
                failure.kind, code: failure.code, options.redaction.redact(failure.message), hint: failure.hint,
                path: failure.path))
    }

    /// Waits between two tries; `wait` nil is the backoff's choice.
    /// - Throws: `cancelled`; or what was last seen, as a failure, where the wait would outlast the call.
    func pause(
        _ wait: Duration?, after attempt: Int, before deadline: Duration, _ seen: RetryRule.Seen, _ operation: Operation
    ) async throws(CallFailure) {
        let due = alarms.clock.now + (wait ?? backoff.withLock { $0.wait(after: attempt) })
        guard due < deadline else {
            throw CallFailure(
                .unreachable, code: "call_timeout",
                "\(operation.name) was tried \(attempt) times in the time a call may take, and nothing was performed",
                hint: "run again later, or raise the call timeout")
        }
        guard await alarms.sleep(until: due) else { throw .stopped }
    }

    private func request(_ call: Call, _ authorization: String?) -> WireRequest {
        var headers = headers
        if let authorization { headers.add(name: "authorization", value: authorization) }
        let operation = call.operation
        var body = call.body?.bytes()
        // What has nothing to say is sent as {}.
        if body == nil, operation.method == .post || operation.method == .patch { body = [UInt8(ascii: "{"), UInt8(ascii: "}")] }
        if body != nil { headers.add(name: "content-type", value: "application/json") }
        return WireRequest(
            method: HTTPMethod(rawValue: operation.method.rawValue), url: prefix + call.target, headers: headers, body: body)
    }

    private func seen(_ call: Call, _ exchange: Exchange) -> RetryRule.Seen {
        switch exchange {
        case .failed(let failure):
            return .failed(.init(reason: failure.reason, wasSent: failure.wasSent, text: options.redaction.redact(failure.text)))
        case .answered(let status, let headers, let body):
            if (300..<400).contains(status) { return .redirect(status: status, to: place(headers.first(name: "location"))) }
            guard status >= 200 else { return .rubbish(status: status, "is no final answer") }
            switch AnswerReader.read(call, status: status, body: body) {
            case .rubbish(let problem): return .rubbish(status: status, options.redaction.redact(problem))
            case .answer(let answer):
                let retryAfter = status == 429 || status >= 500 ? headers.first(name: "retry-after") : nil
                return .answered(
                    answer,
                    retryAfter: retryAfter.flatMap {
                        RetryAfter.parse($0, serverDate: headers.first(name: "date"), now: alarms.clock.wallNow)
                    })
            }
        }
    }

    private func settle(_ ticket: Pace.Ticket, _ seen: RetryRule.Seen) {
        guard case .answered(let answer, let retryAfter) = seen else { return pacer.end(ticket, .lost) }
        // The hold comes first: giving the ticket back lets the next caller start. One that is longer than calls wait counts, too:
        // they fail instead of being sent inside of it.
        if let retryAfter { pacer.hold(until: alarms.clock.now + retryAfter) }
        pacer.end(ticket, answer.status == 429 ? .refused : answer.status >= 500 ? .lost : .answered)
    }

    /// The host that a `Location` names, for people.
    private func place(_ location: String?) -> String {
        guard let location, !location.isEmpty else { return "nowhere (it names no place)" }
        let afterScheme = location.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard afterScheme.count == 3, afterScheme[1].isEmpty else { return "another path of this host" }
        return "the host \"\(options.redaction.redact(String(afterScheme[2].prefix { !"/?#".contains($0) }.prefix(100))))\""
    }

    private func report(_ call: Call, _ request: WireRequest, _ exchange: Exchange, _ attempt: Int, _ start: Duration) {
        if let trace = options.trace {
            trace(
                HTTPTraceEvent(
                    operation: call.operation, attempt: attempt, request: request, exchange: exchange,
                    duration: alarms.clock.now - start,
                    redaction: options.redaction))
        }
        logger.debug("tried a call", metadata: metadata(call, exchange, attempt))
    }

    private func metadata(_ call: Call, _ exchange: Exchange, _ attempt: Int) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["operation": "\(call.operation.name)", "attempt": "\(attempt)"]
        switch exchange {
        case .answered(let status, let headers, _):
            metadata["status"] = "\(status)"
            if let trace = headers.first(name: "x-trace-id") { metadata["trace_id"] = "\(options.redaction.redact(trace))" }
        case .failed(let failure): metadata["failure"] = "\(options.redaction.redact(failure.text))"
        }
        return metadata
    }
}
