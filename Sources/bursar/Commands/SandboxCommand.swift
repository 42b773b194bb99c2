import ArgumentParser
import BursarEngine
import ConomyAPI
import ConomySimulator
import ExactJSON
import Foundation
import NIOCore

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Serve the simulated bank over HTTP on this machine.",
        discussion: """
            Examples:
              bursar sandbox --world world.json --clock virtual
              bursar sandbox --faults faults.json --webhook http://127.0.0.1:9000/
              bursar sandbox --save after.json --ledger movements.jsonl

            It listens on the loopback address only. Name it in bursar.yaml as an environment with
            base_url: http://127.0.0.1:PORT, and set the credentials it prints.

            `bursar docs bank` describes worlds, faults, events and how to control a running bank.
            """)

    enum ClockChoice: String, ExpressibleByArgument, CaseIterable { case real, virtual }

    @Option(help: "The port; 0 takes a free one.")
    var port = 8080

    @Option(help: "The opening state of the bank, a JSON file.", completion: .file(extensions: ["json"]))
    var world: String?

    @Option(help: "Ids come from this number.")
    var seed: UInt64 = 1

    @Option(help: "real: the machine's time. virtual: stands still until it is moved. As the world says where it is left out.")
    var clock: ClockChoice?

    @Option(help: "What goes wrong on purpose, a JSON file.", completion: .file(extensions: ["json"]))
    var faults: String?

    @Option(help: "Deliver the bank's events to this address, signed with the secret that is printed.")
    var webhook: String?

    @Option(help: "Write the bank's state to this file at the end; it is a world that opens the same bank.")
    var save: String?

    @Option(help: "Write every movement of money to this file at the end, a JSON object a line.")
    var ledger: String?

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let simulator: Simulator
        do throws(RunFailure) {
            simulator = try open()
            for path in [save, ledger].compactMap(\.self) { try OutputFile.check(path) }
            if let save, let ledger, OutputFile.isSame(save, ledger) {
                throw RunFailure(.usage, "--save and --ledger name one file", hint: "give each a file of its own")
            }
        } catch { throw end(error) }
        let server = SimulatorServer(simulator: simulator, host: "127.0.0.1", port: port)
        let bound: Int
        do { bound = try await server.start() } catch {
            let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
            let reason = isTaken ? "another program has it" : "\(error)"
            throw end(RunFailure(.temporary, "port \(port) cannot be opened: \(reason)", hint: "--port 0 takes a free one"))
        }
        let known = SimulatorOptions.localCredentials
        var variables = [
            "CONOMY_CLIENT_ID=\(known.clientID)", "CONOMY_CLIENT_SECRET=\(known.clientSecret)", "CONOMY_API_KEY=\(known.apiKey)",
        ]
        if webhook != nil { variables.append("CONOMY_WEBHOOK_SECRET=\(SimulatorOptions.localWebhookSecret)") }
        Output.result("listening on http://127.0.0.1:\(bound)\n\(variables.joined(separator: " "))")
        let stopped = AsyncStream<Void>.makeStream()
        let signals = SignalWatch(notice: "stopping") { stopped.continuation.finish() }
        for await _ in stopped.stream {}
        await server.stop()
        do throws(RunFailure) {
            if let save { try OutputFile.write(simulator.snapshot().json.text(.pretty) + "\n", to: save) }
            if let ledger { try OutputFile.write(simulator.ledger.map { $0.json.text() + "\n" }.joined(), to: ledger) }
        } catch { throw end(error) }
        throw ExitCode(128 + (signals.received ?? SIGINT))
    }

    private func open() throws(RunFailure) -> Simulator {
        let opening = try world.map { path throws(RunFailure) in try WorldFile.read(path) } ?? .starter
        var options = SimulatorOptions(seed: seed)
        switch clock {
        case .real: options.clock = .real
        case .virtual: options.clock = .manual(opening.clock ?? SimulatorClock.real.now)
        case nil: break
        }
        if let faults { options.faults = try FaultFile.read(faults) }
        let simulator: Simulator
        do throws(WorldError) { simulator = try Simulator(world: opening, options: options) } catch {
            throw RunFailure(.invalid, "\(world ?? "the bank"): \(error)")
        }
        if let webhook {
            do throws(OrderError) {
                simulator.setWebhook(try WebhookEndpoint(url: webhook, secretKey: SimulatorOptions.localWebhookSecret))
            } catch { throw RunFailure(.usage, "--webhook \(error.problem)") }
        }
        return simulator
    }
}
