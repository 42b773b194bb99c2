import ConomyAPI
import ConomyClient
import ExactJSON
import Logging
import Synchronization
import Testing

/// The seed of everything random in these tests; a failure with another one is reported with it.
let testSeed: UInt64 = 20_260_417

let credentials = ClientEnvironment.Credentials(
    clientID: Secret("client-4711"), clientSecret: Secret("s3cr3t/+&=\"quoted\" väl"), apiKey: Secret("key-0123456789abcdef"))

func environment(_ url: String) throws -> ClientEnvironment {
    try ClientEnvironment(name: "test", baseURL: url, credentials: credentials, userAgent: "Bursar/1.0")
}

/// Options for a clock that passes over waits: timeouts are further ahead than it jumps.
func patientOptions(_ clock: TestClock) -> ClientOptions {
    var options = ClientOptions(seed: testSeed, clock: clock)
    options.attemptTimeout = .seconds(7200)
    options.callTimeout = .seconds(36_000)
    return options
}

/// Runs `body` with a client for `url`, and shuts it down after.
func withClient<Value>(
    _ url: String, _ options: ClientOptions, _ body: (ConomyClient) async throws -> Value
) async throws -> Value {
    let client = ConomyClient(
        environment: try environment(url), options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let value = try await body(client)
        await client.shutdown()
        return value
    } catch {
        await client.shutdown()
        throw error
    }
}

func operation(_ name: String) throws -> ConomyAPI.Operation { try #require(Catalogue.conomy[name]) }

func getPayment(_ id: String = "p1") throws -> Call { Call(try operation("payments.get"), pathParameters: ["id": id]) }

func refund(_ id: String = "p1", amount: String = "10.00") throws -> Call {
    Call(try operation("payments.refund"), pathParameters: ["id": id], body: ["amount": .string(amount), "reason": "test"])
}

func payment(_ id: String = "p1") -> String { #"{"id":"\#(id)","status":"SETTLED"}"# }

func refunded(_ id: String = "p1", amount: String = "10.00") -> String {
    #"{"refundId":"r1","parentPaymentId":"\#(id)","status":"RECEIVED","totalAmount":"\#(amount)","currency":"ARS","createdAt":"2026-04-17T12:00:00Z"}"#
}

func apiError(_ status: Int, _ code: String, _ type: String) -> String {
    #"{"status":\#(status),"code":"\#(code)","type":"\#(type)","detail":"said by the test","traceId":"t-1"}"#
}

/// The failure of a call that must not have an answer.
func failing(
    _ call: Call, by performer: any Performer, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> CallFailure {
    do throws(CallFailure) {
        let answer = try await performer.perform(call)
        Issue.record("answered \(answer.status) instead of failing", sourceLocation: sourceLocation)
        throw CallFailure(.invalid, code: "test", "there was an answer")
    } catch {
        return error
    }
}

/// A door that is opened once.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func passed() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// A value tests collect from several tasks.
final class Collected<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])
    func append(_ value: Value) { state.withLock { $0.append(value) } }
    var values: [Value] { state.withLock { $0 } }
}
