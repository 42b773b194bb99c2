import BursarJournal
import ConomyAPI
public import ConomyClient
import ConomySimulator
import Foundation
import Logging
import Synchronization

/// Whether an environment can be reached and accepts the credentials. It resolves the name, connects, and asks for one token; nothing
/// else is sent.
public struct EnvironmentCheck: Check {
    private let target: TargetEnvironment
    private let credentials: Result<RunCredentials, RunFailure>
    private let redaction: Redaction

    /// - Parameters:
    ///   - credentials: why there are none is a result.
    ///   - redaction: where the token is made known as a secret.
    public init(_ target: TargetEnvironment, credentials: Result<RunCredentials, RunFailure>, redaction: Redaction) {
        self.target = target
        self.credentials = credentials
        self.redaction = redaction
    }

    private var check: String { "environment \(target.name)" }

    public func results() async -> [CheckResult] {
        guard let url = target.baseURL else { return await lookAtSimulator() }
        let base: BaseURL
        let complete: ClientEnvironment.Credentials
        do throws(EnvironmentError) { base = try BaseURL(url) } catch {
            return [.failed(check, .invalid, error.message, hint: error.hint)]
        }
        do throws(RunFailure) { complete = try credentials.get().complete(for: target.name) } catch {
            return [await reach(base), .failed("credentials \(target.name)", error)]
        }
        let reached = await reach(base)
        guard reached.state == .ok else { return [reached] }
        return [reached] + (await greet(url, complete))
    }

    /// The embedded bank behind a port of its own, as `local` has it.
    private func lookAtSimulator() async -> [CheckResult] {
        let known = SimulatorOptions.localCredentials
        do {
            let server = SimulatorServer(simulator: try Simulator(world: .starter, options: SimulatorOptions()))
            let port = try await server.start()
            let found = await greet(
                "http://127.0.0.1:\(port)",
                ClientEnvironment.Credentials(
                    clientID: Secret(known.clientID), clientSecret: Secret(known.clientSecret), apiKey: Secret(known.apiKey)))
            await server.stop()
            guard let problem = found.first(where: { $0.state != .ok }) else {
                return [.ok(check, "the embedded bank answers")]
            }
            return [.failed(check, .temporary, problem.text, hint: problem.hint)]
        } catch {
            return [
                .failed(
                    check, .temporary, "the embedded bank cannot listen on loopback: \(error)",
                    hint: "see whether 127.0.0.1 is up (ip address), and whether ports are left")
            ]
        }
    }

    private func reach(_ base: BaseURL) async -> CheckResult {
        let port = base.port ?? (base.isSecure ? 443 : 80)
        // The system's own calls stand still: on a thread of theirs.
        let outcome = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Reach.look(host: base.host, port: port)) }
        }
        switch outcome {
        case .connected(let address): return .ok(check, "\(base.origin) takes connections at \(address)")
        case .unknownName(let why):
            return .failed(
                check, .temporary, "the name \(base.host) is not found (DNS): \(why)",
                hint: "check base_url, the network and /etc/resolv.conf")
        case .refused(let why):
            return .failed(
                check, .temporary, "\(base.host) takes no connection at port \(port) (TCP): \(why)",
                hint: "check base_url, the network and what stands between")
        }
    }

    /// Asks for a token.
    private func greet(_ url: String, _ credentials: ClientEnvironment.Credentials) async -> [CheckResult] {
        let heard = Mutex<(date: String, at: Timestamp)?>(nil)
        var options = ClientOptions(redaction: redaction)
        options.maximumAttempts = 1
        options.callTimeout = .seconds(30)
        options.trace = { event in
            guard let date = event.responseHeaders.first(where: { $0.name.lowercased() == "date" })?.value else { return }
            heard.withLock { $0 = (date, EnvironmentCheck.now) }
        }
        let client: ConomyClient
        do throws(EnvironmentError) {
            client = ConomyClient(
                environment: try ClientEnvironment(
                    name: target.name, baseURL: url, credentials: credentials, userAgent: "Bursar/\(bursarVersion)",
                    isProduction: target.isProduction),
                options: options, logger: Logger(label: "bursar") { _ in SwiftLogNoOpLogHandler() })
        } catch { return [.failed(check, .invalid, error.message, hint: error.hint)] }
        let label = "credentials \(target.name)"
        let token: CheckResult
        do throws(CallFailure) {
            try await client.authenticate()
            token = .ok(label, "accepted: a token was given for them")
        } catch {
            switch (error.kind, error.code) {
            case (.credentials, _): token = .failed(label, .credentials, error.message, hint: error.hint)
            case (_, "tls_failed"):
                token = .failed(
                    check, .temporary, "no secure connection (TLS): \(error.message)",
                    hint: "check the certificates of this machine (ca-certificates), its clock, and what stands between")
            default: token = .failed(check, .temporary, error.message, hint: error.hint)
            }
        }
        await client.shutdown()
        return [token] + (heard.withLock { $0 }.map { clock($0.date, $0.at) } ?? [])
    }

    private func clock(_ text: String, _ now: Timestamp) -> [CheckResult] {
        guard let date = HTTPDate.parse(text, now: now) else { return [] }
        // The server cuts its time to whole seconds.
        let seconds = (now.millisecondsSince1970 - date.millisecondsSince1970) / 1000
        let label = "clock \(target.name)"
        guard abs(seconds) > 10 else { return [.ok(label, "this machine's agrees with the server's")] }
        return [
            .warning(
                label, "this machine's is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") the server's",
                hint: "set it by NTP: days of a policy and schedules follow this machine's")
        ]
    }

    private static var now: Timestamp { Timestamp.now }
}
