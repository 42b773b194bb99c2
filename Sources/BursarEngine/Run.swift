public import BursarJournal
import ConomyAPI
public import ConomyClient
import ExactJSON
import Foundation
public import Logging
import ScriptHost
import ScriptWire
import Synchronization

/// One execution of one script against one environment.
public final class Run: Sendable {
    public let script: ScriptFile
    public let observer: RunObserver
    private let options: RunOptions
    private let process: ScriptProcess
    private let credentials: RunCredentials
    private let logger: Logger
    private let trace: HTTPTrace?
    private let session = Mutex<ScriptSession?>(nil)
    private let isInterrupted = Mutex(false)
    private let gauges = Mutex<Gauges?>(nil)
    /// The reads at the end, which change nothing and so are given up at once when the run is stopped.
    private let looking = Mutex<Task<KeptRun.Truth?, Never>?>(nil)

    /// What tells how a run goes on while it does.
    private struct Gauges {
        let started: ContinuousClock.Instant
        let client: ConomyClient
        let breaker: BreakerKeeper
    }

    public init(
        script: ScriptFile, options: RunOptions, process: ScriptProcess, credentials: RunCredentials, observer: RunObserver,
        logger: Logger, trace: HTTPTrace? = nil
    ) {
        self.script = script
        self.options = options
        self.process = process
        self.credentials = credentials
        self.observer = observer
        self.logger = logger
        self.trace = trace
    }

    /// Runs the script to its end, whatever that is. Call it once.
    /// - Parameter exitCode: the program's exit code for a report; it is recorded with the run.
    /// - Throws: `RunFailure` when the run cannot begin: nothing was sent.
    public func execute(exitCode: @Sendable (RunReport) -> Int = { _ in 0 }) async throws(RunFailure) -> RunReport {
        let started = ContinuousClock.now
        if let path = options.resultsPath { try ResultFile.checkPlace(path) }
        let applied = options.plan.applied.map(AppliedPlan.init)
        if let applied { try admit(applied.file) }
        let journal = try openJournal()
        let target: Target
        do throws(RunFailure) {
            target = try await Target.open(options, credentials: credentials, logger: logger, trace: trace)
        } catch {
            journal?.close()
            throw error
        }
        var options = options
        if let clock = target.clock { options.clock = clock }
        let rehearsal = options.isRehearsal ? target.rehearsal(options) : nil
        if let rehearsal {
            options.clock = { rehearsal.now }
            options.pause = { rehearsal.advance(by: $0) }
        } else if target.clock != nil {
            options.pause = target.pause
        }
        let startedAt = options.clock()
        if options.isRehearsal { options.start = startedAt }
        let parts = Parts(
            options, target, rehearsal, applied, breaker: BreakerKeeper(around: target.client, options, logger: logger))
        gauges.withLock { $0 = Gauges(started: started, client: target.client, breaker: parts.breaker) }
        let keeper =
            !options.isRehearsal && options.job.isRecorded
            ? JobKeeper(journal: journal, script: script, options: options, target: target.identity, logger: logger) : nil
        let end: End
        do throws(RunFailure) {
            try applied?.file.plan.refuseOtherTarget(options, target)
            try parts.sources.use(script, options)
            if keeper == nil { options.began(nil) }
            end = try await serve(parts, keeper)
        } catch {
            await target.close()
            journal?.close()
            throw error
        }
        let keeping = keeper?.job.map { KeptRun(job: $0, options: options, logger: logger) }
        let reads = ReadOnly(ReadCounter(next: parts.breaker, effects: observer.effects))
        let isComplete = !isInterrupted.withLock { $0 }
        let isReachable = isComplete && end.failure?.endsAll != true
        let looking = Task { await keeping?.findTruth(reads: reads, isComplete: isReachable) }
        self.looking.withLock { $0 = looking }
        // A stop that came before this line has not seen it.
        if isInterrupted.withLock({ $0 }) { looking.cancel() }
        let truth = await looking.value
        parts.breaker.stop()
        await target.close()
        let final = observer.final
        let seconds = started.duration(to: .now)
        var report = RunReport(
            script: script.name, job: end.job, run: journal == nil ? nil : keeper?.job?.run.name,
            environment: options.target.name,
            isRehearsal: options.isRehearsal, startedAt: startedAt,
            seconds: Double(seconds.components.seconds) + Double(seconds.components.attoseconds) / 1e18,
            seed: keeper?.job?.job.seed ?? options.seed, hasLoops: final.hasLoops,
            progress: final.progress, effects: observer.effects.snapshot, failures: final.failures, results: final.results,
            emitted: final.emitted, emittedLeftOut: final.emittedLeftOut,
            invalidInput: final.invalidInput, alreadyDone: end.alreadyDone, truth: truth, rehearsal: rehearsal?.report,
            failure: final.resultsLost.map {
                RunFailure(
                    .script, $0,
                    hint:
                        "what the rows did is counted here as it was; once files can be written, run again with another --results FILE"
                )
            } ?? end.failure)
        report.applied = applied?.report
        report.handlers = final.handlers
        // Also what earlier runs did, where this one did not come to it again.
        if let settled = keeper?.job?.settledCount { report.applied?.settled = settled }
        if report.failure == nil, let missing = applied?.missing, let first = missing.first {
            report.failure = RunFailure(
                .stale, code: "effects_missing",
                "the script came to its end without \(missing.count) of the plan's effects: \(first)\(missing.count > 1 ? ", ..." : "")",
                hint: "what it depends on has changed since the plan was made; make a new plan for what is left")
        }
        if let book = parts.book, report.failure == nil {
            let made = plan(book, report, parts)
            if let unknown = made.firstUnknown { report.failure = unknown } else { report.plan = made }
        }
        if let keeping { report = await keeping.end(report, exitCode: exitCode) }
        journal?.close()
        return report
    }

    /// What one execution is put together from.
    private struct Parts {
        let options: RunOptions
        let target: Target
        let breaker: BreakerKeeper
        let declared = DeclaredEffectsBox()
        /// Nil for a real run.
        let rehearsal: Rehearsal?
        /// The plan that is being applied.
        let applied: AppliedPlan?
        /// The plan that is being made.
        let book: PlanBook?
        let sources: UsedSources

        init(_ options: RunOptions, _ target: Target, _ rehearsal: Rehearsal?, _ applied: AppliedPlan?, breaker: BreakerKeeper) {
            self.options = options
            self.target = target
            self.rehearsal = rehearsal
            self.applied = applied
            self.breaker = breaker
            sources = UsedSources(planned: applied?.file.plan.sources)
            if case .makes = options.plan, let rehearsal {
                book = PlanBook(findings: rehearsal.findings, redaction: options.redaction)
            } else {
                book = nil
            }
        }
    }

    /// - Throws: `RunFailure` when the plan is not to be applied; nothing was opened.
    private func admit(_ file: PlanFile) throws(RunFailure) {
        try file.plan.refuseChanges(script)
        if case .folder(let folder) = options.job.place { try file.plan.refuseOtherJournal(folder.path) }
        try options.target.approvals?.check(file, now: options.clock())
    }

    private func plan(_ book: PlanBook, _ report: RunReport, _ parts: Parts) -> Plan {
        let (options, maker) = (parts.options, Holder.current)
        var (key, journal): (String?, String?)
        if case .makes(let known, let folder) = options.plan { (key, journal) = (known, folder) }
        return Plan(
            maker: "\(maker.user)@\(maker.host)", makerKey: key, madeAt: report.startedAt, version: bursarVersion,
            script: Plan.Script(name: script.name, path: script.folder + "/" + script.name, job: report.job ?? script.stem),
            sources: parts.sources.all, arguments: options.arguments.map { "\($0.name)=\($0.value)" },
            folder: options.workingFolder, journal: journal.map(Plan.real),
            environment: Plan.Environment(
                name: options.target.name, target: parts.target.identity, contract: Catalogue.version),
            seed: options.seed, start: options.start ?? report.startedAt, skipsInvalidRows: options.skipInvalidRows,
            allowRead: options.allowRead.map(Plan.absolute), worldPath: options.worldPath.map(Plan.absolute),
            faultsPath: options.faultsPath.map(Plan.absolute),
            rows: Plan.Rows(
                succeeded: report.progress.rowsSucceeded, failed: report.progress.rowsFailed + report.progress.rowsPartlyDone,
                invalid: report.progress.rowsInvalid),
            reads: report.effects.reads, effects: book.effects)
    }

    /// Nil where nothing is recorded, for a rehearsal changes nothing; and where it is recorded in memory, once there is something.
    private func openJournal() throws(RunFailure) -> Journal? {
        guard !options.isRehearsal else { return nil }
        do throws(JournalError) {
            switch options.job.place {
            case .nowhere, .memory: return nil
            case .folder(let folder): return try Journal(folder: folder)
            }
        } catch { throw RunFailure(error) }
    }

    /// How the script ended.
    private struct End {
        let failure: RunFailure?
        let job: String?
        let alreadyDone: FinishedJob?
    }

    /// Stops the run as an operator's Ctrl-C does: no new rows, those in flight end. Safe to call at any time, from any thread.
    public func stop() {
        isInterrupted.withLock { $0 = true }
        looking.withLock { $0 }?.cancel()
        guard let session = session.withLock({ $0 }) else { return }
        Task { await session.stop() }
    }

    /// How the run goes right now. Safe to ask at any time, from any thread: also before it has begun, and after its end.
    public var status: RunStatus {
        let gauges = gauges.withLock { $0 }
        return RunStatus(
            script: script.name, job: observer.final.jobName, environment: options.target.name, isRehearsal: options.isRehearsal,
            lasted: gauges.map { $0.started.duration(to: .now) }, progress: observer.progress, effects: observer.effects.snapshot,
            pace: gauges?.client.pace, circuit: gauges?.breaker.status)
    }

    private func serve(_ parts: Parts, _ keeper: JobKeeper?) async throws(RunFailure) -> End {
        let (options, breaker) = (parts.options, parts.breaker)
        let chain = Chain.performer(
            through: breaker, account: parts.target.account, options: options, declared: parts.declared,
            effects: observer.effects, keeper: keeper,
            rehearsal: parts.rehearsal, book: parts.book, applied: parts.applied, logger: logger)
        let worker = process.worker
        try await process.confined(allowingLess: options.allowUnconfined) { lacking in
            logger.warning("the script's process is not confined wholly", metadata: ["lacking": "\(lacking)"])
        }
        let session = ScriptSession(
            script: script, options: options, limits: process.limits, performer: chain,
            declaredEffects: parts.declared, keeper: keeper, used: parts.sources, observer: observer, worker: worker,
            isInterrupted: { [self] in isInterrupted.withLock { $0 } },
            onStop: { breaker.stop() })
        self.session.withLock { $0 = session }
        if !script.source.contains("job") {
            // It will not say what it is.
            do throws(ScriptError) { try await session.openUnnamedJob() } catch {
                worker.terminate()
                throw RunFailure(error: error.object, isOurs: true)
            }
            if let done = await session.alreadyDone {
                return End(failure: spent(done), job: script.stem, alreadyDone: done)
            }
        }
        do throws(WorkerStartError) {
            try worker.run(script.startPayload(arguments: options.arguments, event: options.event))
        } catch {
            throw RunFailure(.invalid, error.message)
        }
        if isInterrupted.withLock({ $0 }) { await session.stop() }
        let end = await session.serve()
        await session.finishLoops()
        let done = await session.alreadyDone
        let failure = if let done { spent(done) } else { await failure(end, session) }
        return End(failure: failure, job: await session.job?.name, alreadyDone: done)
    }

    /// A job that is done already is no failure; a plan that is, is spent.
    private func spent(_ done: FinishedJob) -> RunFailure? { options.plan.applied?.plan.spent(at: done.at, run: done.run) }

    /// What the end of the worker means for the run.
    private func failure(_ end: WorkerEnd, _ session: ScriptSession) async -> RunFailure? {
        if let fatal = await session.fatal { return RunFailure(error: fatal.object, isOurs: true) }
        if isInterrupted.withLock({ $0 }), case .terminated = end {
            return RunFailure(
                .interrupted, "the run was stopped",
                hint: "rows that were in flight have ended; those that had not begun are marked not_run")
        }
        switch end {
        case .finished:
            let missing = await session.keysNotFound
            guard let first = missing.first else { return nil }
            return RunFailure(
                .invalid,
                "\(missing.count) of the keys that were to be run are no row's: \(first)\(missing.count > 1 ? ", ..." : "")",
                hint: "correct the file of --only-keys; the rows it names rightly were run")
        case .failed(let payload):
            let error = (try? JSON(parsing: payload, maximumDepth: 80))?.object ?? ["message": "the script failed"]
            if let message = await session.tooManyFailures, error["code"] == "max_failures" { return RunFailure(.limit, message) }
            return RunFailure(error: error, isOurs: error["bursar"] == true)
        case .limit(let limit, let sentence, let payload):
            let error = payload.flatMap { try? JSON(parsing: $0, maximumDepth: 80) }
            // The worker knows what it was asked for when memory ran out.
            let said = limit == .memory ? error?["message"]?.string : nil
            return RunFailure(
                .limit, said ?? sentence, hint: "\(limit.flag) raises it",
                location: error?["location"]?.string, traceback: error?["traceback"]?.array?.compactMap(\.string) ?? [])
        case .terminated: return RunFailure(.interrupted, "the run was stopped")
        case .died(let sentence):
            let settled = "what was settled stays settled; look at the results before you run again"
            return RunFailure(.script, sentence, hint: observer.effects.snapshot.count > 0 ? settled : nil)
        }
    }
}

extension WorkerLimit {
    /// The flag of `bursar run` that moves this limit.
    fileprivate var flag: String {
        switch self {
        case .time: "--time-limit"
        case .memory: "--memory-limit"
        case .output: "--output-limit"
        case .requests: "--in-flight-limit"
        }
    }
}

extension RunFailure {
    /// The journal cannot be used.
    public init(_ error: JournalError) {
        let kind: Kind =
            switch error.kind {
            case .damaged: .damaged
            case .lease: .held
            case .format, .conflict: .invalid
            case .storage: .journal
            }
        self.init(kind, code: error.kind.rawValue, error.message, hint: error.hint)
    }

    /// True when nothing more can be found out or written down.
    var endsAll: Bool { [.journal, .damaged, .held, .credentials, .temporary].contains(kind) }

    /// From an error object, as scripts see it.
    /// - Parameter isOurs: the error is one that Bursar made. What a script makes is the script's failure, whatever it calls it.
    init(error: JSONObject, isOurs: Bool) {
        let code = isOurs ? error["code"]?.string : nil
        // A script that cannot be compiled is invalid; one that fails while it runs has failed.
        let kind: Kind =
            switch (error["kind"]?.string, code) {
            case _ where !isOurs: .script
            case _ where error["stage"] == "load": .invalid
            case (_, "usage"): .usage
            case (_, "invalid_input"), (_, "invalid_job"), (_, "results"): .invalid
            case ("unreachable", _): .temporary
            case ("credentials", _): .credentials
            case ("refused", PlanKeeper.driftedCode?): .stale
            case ("refused", _) where PlanKeeper.isEnd(code): .stale
            case ("refused", _): .refused
            case ("limit", _): .limit
            case ("in_doubt", _): .inDoubt
            case ("journal", "damaged"): .damaged
            case ("journal", "lease"): .held
            case ("journal", "changed"), ("journal", "differs"), ("journal", "conflict"), ("journal", "format"): .changed
            case ("journal", _): .journal
            default: .script
            }
        self.init(
            kind, code: code, error["message"]?.string ?? "the script failed", hint: error["hint"]?.string,
            location: error["location"]?.string,
            traceback: error["traceback"]?.array?.compactMap(\.string) ?? [])
    }
}
