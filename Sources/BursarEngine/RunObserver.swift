public import ExactJSON
public import Logging
import Synchronization

/// Where a run tells what happens: values the script emits, log lines, and progress that others may look at any time.
public final class RunObserver: Sendable {
    /// How far a run is.
    public struct Progress: Sendable {
        /// Rows of all loops, where the number is known.
        public fileprivate(set) var rowsTotal: Int?
        public fileprivate(set) var rowsSucceeded = 0
        public fileprivate(set) var rowsFailed = 0
        public fileprivate(set) var rowsInDoubt = 0
        public fileprivate(set) var rowsInvalid = 0
        /// Failed after some of their effects were settled.
        public fileprivate(set) var rowsPartlyDone = 0

        public var rowsDone: Int { rowsSucceeded + rowsFailed + rowsPartlyDone + rowsInDoubt + rowsInvalid }
    }

    struct State {
        var progress = Progress()
        var failures = FailureGroups()
        var jobName: String?
        var invalidInput: InvalidInput?
        var results: [String] = []
        var resultsLost: String?
        var emitted: [JSON] = []
        var emittedBytes = 0
        var emittedLeftOut = 0
        var hasLoops = false
        var handlers: [String] = []
        var rowsTold = 0
    }

    let effects = EffectLedger()
    private let state = Mutex(State())
    private let logger: Logger
    private let onEmit: @Sendable (JSON) -> Void
    private let resultsPath: String?
    /// More emitted values than this, or more bytes of them, are passed on but not kept for the report.
    static let mostEmitted = 10_000, mostEmittedBytes = 64 << 20

    /// - Parameter onEmit: called with each value the script emits, in order.
    public init(logger: Logger, resultsPath: String?, onEmit: @escaping @Sendable (JSON) -> Void) {
        self.logger = logger
        self.resultsPath = resultsPath
        self.onEmit = onEmit
    }

    public var progress: Progress { state.withLock { $0.progress } }
    /// Effects so far.
    public var effectsSoFar: EffectLedger.Snapshot { effects.snapshot }

    var final: State { state.withLock { $0 } }

    /// The script has a handler for an event.
    func handles(_ event: String) { state.withLock { if !$0.handlers.contains(event) { $0.handlers.append(event) } } }

    func jobDeclared(name: String) {
        state.withLock { $0.jobName = name }
        logger.debug("job declared", metadata: ["job": "\(name)"])
    }

    /// - Parameter bytes: how long it is as text.
    func emit(_ emitted: JSON, bytes: Int) {
        let value = emitted.withPlainMoney
        state.withLock {
            let isKept = $0.emitted.count < RunObserver.mostEmitted && $0.emittedBytes + bytes <= RunObserver.mostEmittedBytes
            if isKept {
                $0.emitted.append(value)
                $0.emittedBytes += bytes
            } else {
                $0.emittedLeftOut += 1
            }
        }
        onEmit(value)
    }

    func log(level: String, message: String, fields: JSONObject, location: String, task: String?) {
        var metadata: Logger.Metadata = [:]
        for (key, value) in fields.members { metadata[key] = "\(value.string ?? value.withPlainMoney.text())" }
        // Last: these two are Bursar's word, not the script's.
        metadata["at"] = "\(location)"
        metadata["row"] = task.flatMap { $0.isEmpty ? nil : "\($0)" }
        logger.log(level: Logger.Level(rawValue: level == "warn" ? "warning" : level) ?? .info, "\(message)", metadata: metadata)
    }

    func checked(path: String, _ check: InputFile.Check) {
        logger.info(
            "input checked",
            metadata: [
                "file": "\(path)", "rows": "\(check.rows)", "good": "\(check.goodRows)", "problems": "\(check.problemCount)",
            ])
    }

    func invalidInput(_ problem: InvalidInput) { state.withLock { $0.invalidInput = problem } }

    /// The result file of a loop: the path that was asked for is the first loop's, others get the loop's name put in.
    func resultPath(loop: String, isFirst: Bool) -> String? {
        guard let resultsPath else { return nil }
        if isFirst { return resultsPath }
        let safe = String(loop.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" })
        guard let dot = resultsPath.lastIndex(of: "."), !resultsPath[dot...].contains("/") else {
            return "\(resultsPath)-\(safe)"
        }
        return "\(resultsPath[..<dot])-\(safe)\(resultsPath[dot...])"
    }

    func loopOpened(total: Int?) {
        state.withLock {
            $0.hasLoops = true
            if let total { $0.progress.rowsTotal = ($0.progress.rowsTotal ?? 0) + total }
        }
    }

    func rowLeftOut(key: String, line: Int, reason: String) {
        state.withLock {
            $0.progress.rowsInvalid += 1
            $0.failures.add(kind: "invalid", message: reason, place: "line \(line)")
        }
        logger.log(
            level: isLoud() ? .warning : .debug, "row left out",
            metadata: ["row": "\(key)", "line": "\(line)", "reason": "\(reason)"])
    }

    func rowEnded(key: String, line: Int?, _ outcome: RowOutcome, error: JSONObject?) {
        let place = line.map { "line \($0)" } ?? key
        state.withLock {
            switch outcome.status {
            case .succeeded: $0.progress.rowsSucceeded += 1
            case .inDoubt: $0.progress.rowsInDoubt += 1
            case .partlyDone: $0.progress.rowsPartlyDone += 1
            default: $0.progress.rowsFailed += 1
            }
            if outcome.status != .succeeded {
                let kind = outcome.status == .failed ? error?["kind"]?.string ?? "failed" : outcome.status.rawValue
                $0.failures.add(kind: kind, message: outcome.reason ?? "failed", place: place)
            }
        }
        guard outcome.status != .succeeded else { return }
        let loud = isLoud()
        var metadata: Logger.Metadata = ["row": "\(key)", "reason": "\(outcome.reason ?? "")"]
        if let line { metadata["line"] = "\(line)" }
        if let location = error?["location"]?.string { metadata["at"] = "\(location)" }
        logger.log(level: loud ? .warning : .debug, "row failed", metadata: metadata)
    }

    /// A file with a hundred thousand bad rows must not bury the terminal: after the first few, rows that fail are told at debug level.
    private func isLoud() -> Bool {
        let told = state.withLock {
            $0.rowsTold += 1
            return $0.rowsTold
        }
        if told == RunObserver.mostRowsTold + 1 {
            logger.warning(
                "further rows that fail are logged at level debug; the summary groups them, and --results FILE lists them")
        }
        return told <= RunObserver.mostRowsTold
    }

    private static let mostRowsTold = 20

    func resultsWritten(_ path: String) {
        state.withLock { $0.results.append(path) }
        logger.info("results written", metadata: ["file": "\(path)"])
    }

    func resultsLost(_ problem: String) {
        state.withLock { $0.resultsLost = problem }
        logger.error("results could not be written", metadata: ["problem": "\(problem)"])
    }
}
