import ConomyAPI
import ConomyClient
import ConomySimulator
import ExactJSON
import Foundation
import Logging

/// An environment that is open: calls can be performed.
struct Target: Sendable {
    /// Where calls go and as whom; no secret.
    let identity: String
    /// As whom calls go, wherever: limits are this account's, however its address is spelt.
    let account: String
    let client: ConomyClient
    /// The embedded simulator's clock; nil where time is the machine's.
    let clock: (@Sendable () -> Timestamp)?
    /// The embedded bank's settings; nil where they are somebody else's.
    let settings: JSON?
    /// How `sleep` and `await` let time pass here.
    let pause: @Sendable (Duration) async -> Void
    let close: @Sendable () async -> Void

    /// Opens the embedded simulator behind its own HTTP port, or a client to where the environment says.
    /// - Throws: `RunFailure`; nothing was sent.
    static func open(_ options: RunOptions, credentials: RunCredentials, logger: Logger, trace: HTTPTrace?)
        async throws(RunFailure) -> Target
    {
        guard let url = options.target.baseURL else { return try await local(options, logger, trace) }
        for (flag, path) in [("--world", options.worldPath), ("--faults", options.faultsPath)] where path != nil {
            throw RunFailure(
                .usage, "\(flag) is for the embedded simulator, and \(options.target.name) is not that",
                hint: "leave out \(flag) or --env")
        }
        let credentials = try credentials.complete(for: options.target.name)
        let client = try client(options, url: url, credentials: credentials, logger, trace)
        // A fingerprint: the same account of the vendor's is the same, and nobody learns it from the journal.
        let account = JobKeeper.digest(Array("bursar \(credentials.clientID.reveal())".utf8)).prefix(16)
        return Target(
            identity: "\(client.environment.baseURL) as \(account)", account: String(account), client: client, clock: nil,
            settings: nil, pause: { _ in },
            close: { await client.shutdown() })
    }

    /// The bank that a rehearsal of this environment happens in. It knows nothing of the environment yet.
    func rehearsal(_ options: RunOptions) -> Rehearsal {
        let isPlan = if case .makes = options.plan { true } else { false }
        return Rehearsal(
            start: clock?() ?? options.clock(), seed: options.seed,
            knowing: settings.map(Rehearsal.Knowledge.settings) ?? .outside, keepsFindings: isPlan)
    }

    private static func local(_ options: RunOptions, _ logger: Logger, _ trace: HTTPTrace?) async throws(RunFailure) -> Target {
        let bank = KeptBank(options)
        var world = World.starter
        if let path = bank?.world ?? options.worldPath { world = try WorldFile.read(path) }
        var simulatorOptions = SimulatorOptions(seed: options.seed)
        if let path = options.faultsPath { simulatorOptions.faults = try FaultFile.read(path) }
        let simulator: Simulator
        do throws(WorldError) { simulator = try Simulator(world: world, options: simulatorOptions) } catch {
            throw RunFailure(.invalid, "\(options.worldPath ?? "the bank"): \(error)")
        }
        // A world that names its time stands still until it is moved.
        let standsStill = world.json["clock"] != nil
        let server = SimulatorServer(simulator: simulator, host: "127.0.0.1", port: 0)
        let port: Int
        do { port = try await server.start() } catch {
            throw RunFailure(.temporary, "the embedded simulator cannot listen on loopback: \(error)")
        }
        let known = SimulatorOptions.localCredentials
        let credentials = ClientEnvironment.Credentials(
            clientID: Secret(known.clientID), clientSecret: Secret(known.clientSecret), apiKey: Secret(known.apiKey))
        let client = try client(options, url: "http://127.0.0.1:\(port)", credentials: credentials, logger, trace)
        do throws(RunFailure) { try bank?.take() } catch {
            await client.shutdown()
            await server.stop()
            throw error
        }
        logger.debug("embedded simulator listens", metadata: ["port": "\(port)"])
        return Target(
            identity: "the embedded bank", account: "the embedded bank", client: client, clock: { simulator.now },
            settings: world.json["settings"] ?? [:],
            pause: { duration in
                if standsStill { simulator.advance(by: duration) } else { try? await Task.sleep(for: duration) }
            },
            close: {
                await client.shutdown()
                await server.stop()
                bank?.close(simulator, logger)
            })
    }

    private static func client(
        _ options: RunOptions, url: String, credentials: ClientEnvironment.Credentials, _ logger: Logger, _ trace: HTTPTrace?
    ) throws(RunFailure) -> ConomyClient {
        do throws(EnvironmentError) {
            let environment = try ClientEnvironment(
                name: options.target.name, baseURL: url, credentials: credentials, userAgent: "Bursar/\(bursarVersion)",
                isProduction: options.target.isProduction)
            var clientOptions = ClientOptions()
            clientOptions.requestsPerSecond = (options.requestsPerSecond ?? options.target.requestsPerSecond).map(Double.init)
            clientOptions.trace = trace
            clientOptions.redaction = options.redaction
            return ConomyClient(environment: environment, options: clientOptions, logger: logger)
        } catch {
            throw RunFailure(.invalid, "environment \(options.target.name): \(error.message)", hint: error.hint)
        }
    }
}
