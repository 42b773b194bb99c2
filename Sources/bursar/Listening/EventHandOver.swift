import BursarEngine
import BursarJournal
import ConomyAPI
import Foundation
import Logging
import Synchronization

/// Hands the events of a listener to its handlers, each in a run of its own: one at a time for an object, several for others.
///
/// What is in flight is known to this process only. That an event is handled once, whoever hands it over and however often, is its
/// job's promise.
actor EventHandOver {
    private let handlers: Handlers
    private let store: EventStore
    private let logger: Logger
    private let isQuiet: Bool
    private let now: @Sendable () -> Timestamp
    private var running: [String: SlotProcess] = [:]
    private var objects: Set<String> = []
    /// What became of them could not be noted, so that they are due still: until then they are left alone.
    private var putOff: [String: Timestamp] = [:]
    private var isStopping = false
    private var idle: CheckedContinuation<Void, Never>?
    private(set) var counts: (done: Int, failed: Int) = (0, 0)

    /// After so many tries an event is set aside.
    static let mostTries = 5
    /// In seconds; doubled from try to try.
    private static let firstDelay = 10
    private static let longestDelay = 3600
    /// How long an event that somebody else is handling, or that cannot be noted, is left alone. In milliseconds.
    private static let heldDelay: Int64 = 5000

    init(
        _ handlers: Handlers, _ store: EventStore, _ logger: Logger, isQuiet: Bool,
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.handlers = handlers
        self.store = store
        self.logger = logger
        self.isQuiet = isQuiet
        self.now = now
    }

    var busy: Int { running.count }

    /// Begins as many as may run.
    func look() {
        guard !isStopping, running.count < handlers.atOnce else { return }
        let due: [StoredEvent]
        do throws(JournalError) {
            due = try JournalReader(folder: handlers.journal).dueEvents(of: handlers.listener, at: now(), most: 1000)
        } catch { return logger.error("events cannot be read", metadata: ["problem": "\(error.message)"]) }
        let now = now()
        putOff = putOff.filter { $0.value > now }
        for event in due where running.count < handlers.atOnce && running[event.name] == nil && putOff[event.name] == nil {
            if let object = event.object, !objects.insert(object).inserted { continue }
            let process = SlotProcess()
            running[event.name] = process
            Task { await perform(event, process) }
        }
    }

    private func perform(_ event: StoredEvent, _ process: SlotProcess) async {
        var code: Int32?
        do throws(RunFailure) {
            // What the API declined before is sent again: it may have another opinion now, and it did nothing then.
            let again = event.problem != nil ? ["--retry-declined"] : []
            let words = handlers.words + ["--event", event.name] + again + (isQuiet ? ["--quiet"] : [])
            let held = isQuiet ? try HeldOutput() : nil
            code = try await process.run(words, limit: nil, output: held).exitCode
            if code != 0, code != BursarExit.heldByAnother.rawValue { held?.tell() }
        } catch { logger.error("a handler cannot be started", metadata: ["problem": "\(error.message)"]) }
        await note(event, code)
        running[event.name] = nil
        if let object = event.object { objects.remove(object) }
        if isStopping, running.isEmpty { idle?.resume() }
        look()
    }

    private func note(_ event: StoredEvent, _ code: Int32?) async {
        let exit = code.flatMap { BursarExit(rawValue: $0) }
        var (state, tries, next) = (StoredEvent.State.done, event.attempts, now())
        var problem: String?
        switch exit {
        case .done: counts.done += 1
        case .heldByAnother:
            (state, next) = (.waiting, next.adding(milliseconds: EventHandOver.heldDelay))
        default:
            // Stopped by us, it goes on when somebody listens again.
            if isStopping, code == 143 || code == 130 || code == nil { return }
            // An API that is away comes back, and credentials are mended: no event is given up for that.
            let isPassing = [.temporary, .credentials].contains(exit)
            tries += 1
            problem = code.map { "exit code \($0)" } ?? "it could not be started"
            let isFinal = !isPassing && tries >= EventHandOver.mostTries || [.usage, .invalid, .refusedByPolicy].contains(exit)
            let delay = Int64(min(EventHandOver.firstDelay << min(tries - 1, 20), EventHandOver.longestDelay)) * 1000
            (state, next) = isFinal ? (.failed, next) : (.waiting, next.adding(milliseconds: delay))
            if isFinal { counts.failed += 1 }
            logger.error(
                isFinal ? "an event is set aside" : "a handler failed and is tried again",
                metadata: ["event": "\(event.name)", "type": "\(event.type)", "problem": "\(problem ?? "")", "tries": "\(tries)"])
        }
        let noted = (state, tries, next, problem)
        do throws(JournalError) {
            try await store.write { journal throws(JournalError) in
                try await journal.note(event: event.name, noted.0, attempts: noted.1, nextAt: noted.2, problem: noted.3)
            }
        } catch {
            // It is handed over again, and its job knows what was done. Not at once: a disk that is full is full for a while.
            putOff[event.name] = now().adding(milliseconds: EventHandOver.heldDelay)
            logger.error(
                "what became of an event cannot be noted", metadata: ["event": "\(event.name)", "problem": "\(error.message)"])
        }
    }

    /// Begins no more, has those that run come to their end, and waits for that.
    func stop() async {
        isStopping = true
        for process in running.values { process.send(SIGTERM) }
        if !running.isEmpty { await withCheckedContinuation { idle = $0 } }
    }
}
