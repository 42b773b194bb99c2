import BursarJournal
import ConomyAPI
import Crypto
import ExactJSON
import Foundation
import Logging
import Synchronization

/// A run's way to its job in the journal: finds or begins the job once the script has said what it is, and compares what the script is
/// made of with what it was.
final class JobKeeper: Sendable {
    /// What came of opening the job.
    enum Opening: Sendable {
        case opened(JobJournal)
        /// It was done already: nothing is to be sent.
        case finished(FinishedJob)
        /// It is new, in a journal that is gone with this run: both are made when the first effect comes.
        case awaited
    }

    private struct State {
        var job: JobJournal?
        /// How the job is to begin with its first effect; nil where it was begun at once.
        var awaited: Beginning?
        var beginning: Task<Result<JobJournal, JournalError>, Never>?
        /// What the script was made of when it was last run or accepted.
        var known: [String: String] = [:]
        /// What was used before the job was open.
        var pending: [(name: String, digest: String)] = []
        var hasPast = false
        var isReadOnly = false
    }

    /// Nil for one in memory.
    private let journal: Journal?
    let clock: JournalClock
    private let script: ScriptFile
    let options: RunOptions
    private let target: String
    let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - journal: nil for one in memory, which is gone with the run and made when the first effect comes.
    ///   - target: where calls go and as whom; no secret.
    init(journal: Journal?, script: ScriptFile, options: RunOptions, target: String, logger: Logger) {
        self.journal = journal
        clock = journal?.clock ?? .system
        self.script = script
        self.options = options
        self.target = target
        self.logger = logger
        // What a script reads by itself lies beside it: in another folder the same text may be about other things.
        let folder = URL(fileURLWithPath: script.folder).resolvingSymlinksInPath().path
        state.withLock {
            $0.pending = [
                ("script \(script.name)", JobKeeper.digest(Array(script.source.utf8))),
                ("the folder of script \(script.name)", folder),
            ]
        }
    }

    /// No script's argument has such a name.
    private static let planMember = "(plan)"

    /// The job, once it is open.
    var job: JobJournal? { state.withLock { $0.job } }

    /// True once it is known what the job is.
    var isKnown: Bool { state.withLock { $0.job != nil || $0.awaited != nil } }

    /// The job that an effect is to be recorded in; nil before it is known what the job is.
    func jobOfEffect() async throws(JournalError) -> JobJournal? {
        let (job, beginning) = state.withLock { state -> (JobJournal?, Task<Result<JobJournal, JournalError>, Never>?) in
            if state.job == nil, state.beginning == nil, let awaited = state.awaited {
                state.beginning = Task { [self] in await begin(awaited) }
            }
            return (state.job, state.beginning)
        }
        if let job { return job }
        return try await beginning?.value.get()
    }

    /// Makes the journal in memory, and the job in it.
    private func begin(_ beginning: Beginning) async -> Result<JobJournal, JournalError> {
        do throws(JournalError) {
            guard case .held(let job) = try await Journal().begin(beginning) else {
                throw JournalError(.conflict, "the job of a new journal was done before", hint: "nothing was sent; run again")
            }
            state.withLock { $0.job = job }
            return .success(job)
        } catch { return .failure(error) }
    }

    static func digest(_ bytes: [UInt8]) -> String { JobKeeper.hex(SHA256.hash(data: bytes)) }

    static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Takes hold of the job. To be called once, before the first effect.
    /// - Parameters:
    ///   - arguments: the script's arguments, typed.
    ///   - files: those of them that are files: their content is compared, too, where the job was done already.
    ///   - isReadOnly: the script declares that it changes nothing: it runs each time, and beside others.
    /// - Throws: `ScriptError` of kind journal; nothing was sent.
    func open(name: String, arguments: JSONObject, files: [String], isReadOnly: Bool) async throws(ScriptError) -> Opening {
        // A file is the same file, however it is spelt.
        let real = JSONObject(
            arguments.members.map { name, value in
                guard let path = value.string, files.contains(path) else { return (name, value) }
                return (name, .string(URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path))
            })
        var identifying = real
        // What is done under a plan is no run of the same arguments without one.
        let plan = options.plan.applied?.seal
        if let plan { identifying[JobKeeper.planMember] = .string(plan) }
        let sorted = JSON.object(identifying).text(.canonical)
        var identity = JobIdentity(name: name, environment: options.target.name, target: target, arguments: sorted)
        identity.occasion = options.job.occasion
        if let journal, plan == nil, options.job.occasion == nil, !options.job.again {
            let names = arguments.members.filter { files.contains($0.value.string ?? "") }.map(\.key)
            identity = try await atItsOldPlace(identity, real, filesNamed: names, journal)
        }
        var beginning = Beginning(
            identity: identity, script: script.folder + "/" + script.name, version: bursarVersion,
            command: options.commandLine, seed: options.seed)
        beginning.again = options.job.again
        beginning.reopen = options.job.acceptChanges || options.job.retryDeclined
        beginning.allowRepeat = options.job.allowRepeat
        beginning.isReadOnly = isReadOnly
        beginning.goesOn = options.job.only?.isOfEarlierRuns ?? false
        beginning.plan = plan
        beginning.isFired = options.job.isFired
        guard let journal else {
            guard !beginning.goesOn else { throw ScriptError(JournalError.noEarlierRun) }
            let awaited = beginning
            state.withLock { $0.awaited = awaited }
            options.began(nil)
            return .awaited
        }
        let logger = logger
        let begun: Begun
        do throws(JournalError) {
            begun = try await journal.begin(beginning, patience: options.job.patience) { holder in
                logger.warning("waiting: another runner holds this job", metadata: ["holder": "\(holder.description)"])
            }
        } catch { throw ScriptError(error) }
        switch begun {
        case .finished(let finished):
            for (name, digest) in state.withLock({ $0.pending }) {
                try compare(name, digest, with: finished.sources, isDone: finished)
            }
            // Also what it would come to read later: done is only what is as it was then.
            for name in finished.sources.keys.sorted() {
                guard let file = file(of: name) else { continue }
                try compare(name, JobKeeper.digest(ofFile: file), with: finished.sources, isDone: finished)
            }
            return .finished(finished)
        case .held(let job):
            let known: [String: String]
            do throws(JournalError) { known = try await job.sources() } catch { throw ScriptError(error) }
            let pending = state.withLock { state in
                state.job = job
                state.known = known
                state.hasPast = job.hasEffects
                state.isReadOnly = isReadOnly
                defer { state.pending = [] }
                return state.pending
            }
            options.began(job.run.name)
            logger.debug("job open", metadata: ["run": "\(job.run.name)", "goes_on": "\(!job.isNew)"])
            for (name, digest) in pending { try await use(name, digest: digest) }
            return .opened(job)
        }
    }

    /// Notes a part of the script or its input, and compares it with what it was in the job's earlier runs.
    /// - Parameter name: `script refund.lua`, `module rails.lua`, `input /srv/refunds.csv`.
    /// - Throws: `ScriptError` of kind journal when it has changed and nobody accepted that; nothing was sent.
    func use(_ name: String, digest: String) async throws(ScriptError) {
        let (job, known, hasPast) = state.withLock { state in
            if state.job == nil { state.pending.append((name, digest)) }
            return (state.job, state.known[name], state.hasPast)
        }
        guard let job, known != digest else { return }
        let isChange = known != nil && hasPast
        if isChange {
            guard options.job.acceptChanges else { throw changed(name, "this job is not done yet", goesOn: true) }
            logger.warning("a change is accepted; what was settled before stays settled", metadata: ["changed": "\(name)"])
        }
        state.withLock { $0.known[name] = digest }
        do throws(JournalError) { try await job.keep(source: name, digest: digest, isChange: isChange) } catch {
            throw ScriptError(error)
        }
    }

    /// The file that a source was read from; nil for one that is none.
    private func file(of source: String) -> String? {
        if source.hasPrefix("input ") { return String(source.dropFirst(6)) }
        return source.hasPrefix("module ") ? script.folder + "/" + source.dropFirst(7) : nil
    }

    private func compare(_ name: String, _ digest: String, with known: [String: String], isDone: FinishedJob)
        throws(ScriptError)
    {
        guard let before = known[name], before != digest else { return }
        throw changed(name, "this job was done on \(isDone.at) by run \(isDone.run)", goesOn: false)
    }

    private func changed(_ name: String, _ when: String, goesOn: Bool) -> ScriptError {
        ScriptError(
            "journal", code: "changed", "\(name) has changed, and \(when)",
            hint: goesOn
                ? "--accept-changes goes on with it: what was settled before stays settled; or put back what it was. Nothing was sent"
                : "--accept-changes does what is new in it, and what was settled stays settled; --again does all of it once more, as a new "
                    + "job. Nothing was sent")
    }

    /// Empty where there is no such file.
    static func digest(ofFile path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        var hash = SHA256()
        while let piece = try? file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        return hex(hash.finalize())
    }
}

extension ScriptError {
    /// The journal cannot be used: nothing of the run goes on.
    init(_ error: JournalError) {
        self.init("journal", code: error.kind.rawValue, error.message, hint: error.hint)
    }
}

extension CallFailure {
    init(_ error: JournalError) { self.init(.journal, code: error.kind.rawValue, error.message, hint: error.hint) }
}
