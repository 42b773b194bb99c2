import ArgumentParser
import BursarEngine
import BursarJournal
import BursarListener
import ConomyAPI
import ConomyClient
import Foundation
import Logging
import NIOCore
import Synchronization

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Take the API's events, and run a script's handlers for them.",
        discussion: """
            Examples:
              bursar listen handlers.lua --env sandbox --port 9000
              bursar listen handlers.lua --env sandbox --host 0.0.0.0 --quiet --log-file /var/log/bursar/events.log
              bursar listen handlers.lua --env sandbox -- --rate 10

            The script says what it handles: on("payment.settled", function(event) ... end). An event is stored before its sender hears
            that it was taken; one that comes again, ever, is dropped. Each is handled in a run of its own, under the environment's policy;
            its effects happen once. A handler that fails is tried again after 10 s, 20 s, 40 s and 80 s, then its event is set aside:
            bursar events list --state-of failed.

            CONOMY_WEBHOOK_SECRET holds the secret that the dashboard shows beside the address; two, separated by a comma, while it is being
            changed. Where it is not set, it is taken from where the environment's credentials are. SIGHUP reopens the log file, SIGUSR1 says how it goes, SIGTERM ends it.
            """)

    @Argument(help: "The script with the handlers.", completion: .file(extensions: ["lua"]))
    var script: String

    @Argument(help: "The script's arguments, as name=value; then, behind --, flags of bursar run for the handlers.")
    var arguments: [String] = []

    @Option(name: .customLong("env"), help: "Where the handlers' calls go.")
    var environment: String?

    @Option(name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.")
    var configurationPath: String?

    @OptionGroup var journal: JournalOptions

    @Option(help: "The address to listen on; the loopback one is reached from this machine only.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes a free one.")
    var port = 9000

    @Option(help: "How many events are handled at a time.")
    var parallel = 4

    @OptionGroup var log: LogOptions

    mutating func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel must be from 1 to 64.") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        do { try await listen() } catch {
            guard let failure = RunFailure(anyOf: error) else { throw error }
            throw end(failure)
        }
    }

    private func listen() async throws {
        // Each connection is a descriptor, and so is much else.
        var files = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
            files.rlim_cur = min(files.rlim_max, 4096)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        }
        var limits = EventReceiver.Limits()
        limits.connections = max(16, min(limits.connections, Int(files.rlim_cur) - 200))
        let logger = try log.logger()
        var words = environment.map { ["--env", $0] } ?? []
        words += configurationPath.map { ["--config", $0] } ?? []
        words += journal.state.map { ["--state", $0] } ?? []
        words += arguments
        var asked = try Handlers(script, words, mostAtOnce: parallel)
        let secrets = try RunCredentials.webhookSecrets(
            for: asked.target, environment: ProcessInfo.processInfo.environment)
        Output.hide(secrets)
        try asked.ask()
        let handlers = asked
        for name in handlers.names.sorted() where name != "*" && !WebhookMessage.knownTypes.contains(name) {
            let near = closest(to: name, among: WebhookMessage.knownTypes).map { "; did you mean \($0)?" } ?? ""
            logger.warning("no event of this name is known\(near)", metadata: ["handler": "\(name)"])
        }
        let store = EventStore(handlers.journal)
        try await store.open()
        let handOver = EventHandOver(handlers, store, logger, isQuiet: log.quiet)
        let received = Mutex((stored: 0, repeated: 0, refused: 0))
        let bell = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let receiver = EventReceiver(secrets: secrets.map { $0.reveal() }, limits: limits) { why in
            received.withLock { $0.refused += 1 }
            logger.warning("an event was not taken", metadata: ["why": "\(why)"])
        } store: { message, body in
            let storing = try await store.write { journal throws(JournalError) in
                try await journal.store(
                    message, body: body, listener: handlers.listener, isHandled: handlers.handle(message.type))
            }
            switch storing {
            case .stored(let name):
                received.withLock { $0.stored += 1 }
                logger.info(
                    "event", metadata: ["event": "\(name)", "type": "\(message.type)", "object": "\(message.object ?? "-")"])
                bell.continuation.yield()
            case .repeated(let name):
                received.withLock { $0.repeated += 1 }
                logger.debug("event repeated", metadata: ["event": "\(name)"])
            }
        }
        let bound: Int
        do { bound = try await receiver.start(host: host, port: port) } catch {
            let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
            throw RunFailure(
                .temporary, "port \(port) of \(host) cannot be opened: \(isTaken ? "another program has it" : "\(error)")",
                hint: "--port names another one; 0 takes a free one")
        }
        if !log.quiet {
            Output.result("listening on http://\(host.contains(":") ? "[\(host)]" : host):\(bound)/ for \(handlers.listener)")
        }
        let signals = SignalWatch(
            notice: "stopping: no new events; handlers that run come to their end",
            tell: {
                let counts = received.withLock { $0 }
                Output.error("\(counts.stored) events stored, \(counts.repeated) repeated, \(counts.refused) not taken")
            }, hangUp: { LogFile.reopenAll() }
        ) { bell.continuation.finish() }
        let clock = Task {
            // What is tried again, or was put back by hand, waits for nobody's bell.
            while (try? await Task.sleep(for: .seconds(1))) != nil { bell.continuation.yield() }
        }
        for await _ in bell.stream { await handOver.look() }
        clock.cancel()
        await receiver.stop()
        await handOver.stop()
        while !receiver.isIdle { try? await Task.sleep(for: .milliseconds(10)) }
        await store.close()
        // A service that was told to end has ended well.
        withExtendedLifetime(signals) {}
    }
}
