import ArgumentParser
import BursarEngine
import ConomyAPI
import ConomySimulator
import Foundation

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Serve the simulated bank over HTTP on this machine.",
        discussion: """
            It listens on the loopback address only. Name it in bursar.yaml as an environment with
            base_url: http://127.0.0.1:PORT, and set the credentials it prints.
            """)

    @Option(help: "The port; 0 takes a free one.")
    var port = 8080

    @Option(help: "The opening state of the bank, a JSON file.")
    var world: String?

    @Option(help: "Ids come from this number.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var opening = World.starter
        if let path = world {
            do throws(RunFailure) { opening = try WorldFile.read(path) } catch { throw end(error) }
        }
        let simulator: Simulator
        do throws(WorldError) { simulator = try Simulator(world: opening, options: SimulatorOptions(seed: seed)) } catch {
            throw end(RunFailure(.invalid, "\(world ?? "the bank"): \(error)"))
        }
        let server = SimulatorServer(simulator: simulator, host: "127.0.0.1", port: port)
        let bound: Int
        do { bound = try await server.start() } catch {
            throw end(RunFailure(.temporary, "port \(port) cannot be opened: \(error)", hint: "--port 0 takes a free one"))
        }
        let known = SimulatorOptions.localCredentials
        Output.result(
            """
            listening on http://127.0.0.1:\(bound)
            CONOMY_CLIENT_ID=\(known.clientID) CONOMY_CLIENT_SECRET=\(known.clientSecret) CONOMY_API_KEY=\(known.apiKey)
            """)
        let stopped = AsyncStream<Void>.makeStream()
        let signals = SignalWatch(notice: "stopping") { stopped.continuation.finish() }
        for await _ in stopped.stream {}
        await server.stop()
        throw ExitCode(128 + (signals.received ?? SIGINT))
    }
}
