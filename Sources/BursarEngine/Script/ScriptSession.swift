import BursarGate
import BursarJournal
import ConomyAPI
import ConomyClient
import ExactJSON
import ScriptHost
import ScriptWire
import Synchronization

/// Answers what one script asks for, from its first line to its last.
///
/// Requests of one batch are taken in the order the script made them: keys are counted and rows handed out before anything is
/// awaited, so the order in which answers come back changes nothing of that. Calls then run beside each other.
actor ScriptSession {
    let script: ScriptFile
    let options: RunOptions
    let performer: any Performer
    let observer: RunObserver
    let worker: WorkerProcess
    /// For work that holds this actor for long: whether an operator wants it to end.
    private let isInterrupted: @Sendable () -> Bool
    /// Ends waiting that has nothing to do with a call that was sent.
    private let onStop: @Sendable () -> Void
    private(set) var job: JobDeclaration?
    private var access: FileAccess
    private let declaredEffects: DeclaredEffectsBox
    /// Nil where nothing is recorded.
    private let keeper: JobKeeper?
    private let used: UsedSources
    /// Ids and random numbers come from it: the job's, once that is open.
    private var seed: UInt64
    /// Results of steps where nothing is recorded.
    private var steps: [String: JSON] = [:]
    /// The rows that are run, by loop; nil for all.
    private var chosen: ChosenRows?
    /// Keys of rows that were asked for and have come.
    private var metKeys: Set<String> = []
    /// Keys of rows that were asked for and have not come.
    var keysNotFound: [String] {
        guard case .keys(let keys)? = chosen else { return [] }
        return keys.subtracting(metKeys).sorted()
    }
    /// The job of a script that has none, while it is opened.
    private var unnamed: Task<Result<Void, ScriptError>, Never>?
    /// The job was done by an earlier run.
    private(set) var alreadyDone: FinishedJob?

    var tasks: [UInt32: TaskContext]
    private var nextTask: UInt32 = 1
    private var sources: [Int: InputFile] = [:]
    var loops: [Int: Loop] = [:]
    private var waitingForRow: [Int: [(id: UInt32, key: String?)]] = [:]
    private var pages: [Int: PageCursor] = [:]
    private var handles: OpenHandles
    /// Functions given to `parallel`, by the number of the group they were given in.
    private var strands: [Int: [UInt32]] = [:]
    private var lastGroup = 0
    private var calls: [Int: Task<Void, Never>] = [:]
    private var lastCall = 0
    /// No new rows, and nothing new outside of rows that had begun.
    private var isStopping = false
    /// The time that rows in flight had to end is over: nothing new at all.
    private var isGraceOver = false
    /// Somebody asked for the end, and does not wait for ever.
    private var isHurried = false
    /// How long rows in flight have to end once the run is being stopped. With the time that the client then gives a write that was
    /// sent (`cancellationGrace`), a stop takes less than 15 s whatever the API does.
    private static let stopGrace = Duration.seconds(8)
    private var drained: CheckedContinuation<Void, Never>?
    /// What became of the effects of each row in flight, by the row's task.
    private var rowEffects: [UInt32: RowEffects] = [:]
    /// The groups of functions that a row in flight gave to `parallel`; they go when it does.
    private var rowGroups: [UInt32: [Int]] = [:]
    private var hasEffects = false

    /// The effects of one row, as far as they say how the row must be treated.
    private struct RowEffects {
        var settled: [String] = []
        var inDoubt: [String] = []
        /// What was settled before the call became another one, in words.
        var kept: [String] = []
    }
    /// The first failure that ends the whole run, such as credentials that are not accepted.
    private(set) var fatal: ScriptError?
    private(set) var tooManyFailures: String?

    init(
        script: ScriptFile, options: RunOptions, limits: ScriptLimits, performer: any Performer,
        declaredEffects: DeclaredEffectsBox, keeper: JobKeeper?, used: UsedSources, observer: RunObserver,
        worker: WorkerProcess,
        isInterrupted: @escaping @Sendable () -> Bool, onStop: @escaping @Sendable () -> Void
    ) {
        self.script = script
        self.options = options
        self.performer = performer
        self.declaredEffects = declaredEffects
        self.keeper = keeper
        self.used = used
        seed = options.seed
        self.observer = observer
        self.worker = worker
        self.isInterrupted = isInterrupted
        self.onStop = onStop
        handles = OpenHandles(most: limits.openAtOnce)
        access = FileAccess(scriptFolder: script.folder, allowed: options.allowRead)
        tasks = [0: TaskContext(path: "", seed: options.seed)]
    }

    /// Serves the script until its process has ended.
    func serve() async -> WorkerEnd {
        while let messages = await worker.nextMessages() {
            var answers: [WorkerAnswer] = []
            for message in messages {
                switch message {
                case .request(let id, let task, let name, let location, let payload):
                    receive(Request(id: id, task: task, name: name, location: location, payload: payload), &answers)
                case .note(let task, let name, let location, let payload): receive(note: name, task, location, payload)
                case .confined, .waiting, .finished, .failed, .limit: break
                }
            }
            if !answers.isEmpty { worker.answer(answers) }
            endIfStopped()
        }
        let end = await worker.end
        await drain()
        return end
    }

    /// No new rows; rows and calls in flight end; then the script is over.
    func stop() {
        if isInterrupted() { hurry() }
        guard !isStopping else { return }
        isStopping = true
        onStop()
        for number in loops.keys { loops[number]?.stop() }
        var answers: [WorkerAnswer] = []
        for (number, waiting) in waitingForRow {
            for request in waiting { answers.append(.success(request.id, ["finished": true])) }
            waitingForRow[number] = nil
        }
        if !answers.isEmpty { worker.answer(answers) }
        endIfStopped()
        Task {
            try? await Task.sleep(for: ScriptSession.stopGrace)
            isGraceOver = true
            endIfStopped()
        }
    }

    /// Calls that are still in flight after the grace are given up: what was not sent is not sent any more, and what was sent has the
    /// client's last seconds, then is in doubt.
    private func hurry() {
        guard !isHurried else { return }
        isHurried = true
        Task {
            try? await Task.sleep(for: ScriptSession.stopGrace)
            isGraceOver = true
            for call in calls.values { call.cancel() }
            endIfStopped()
        }
    }

    /// While stopping, the script's process is ended as soon as no call is in flight and its rows have ended, or have had their time.
    private func endIfStopped() {
        guard isStopping, calls.isEmpty, isGraceOver || loops.values.allSatisfy({ $0.inFlight.isEmpty }) else { return }
        worker.terminate()
    }

    /// Waits until every call that was begun has its outcome. The script's process is gone: what was not sent yet is not sent any
    /// more, and what was sent is waited for.
    private func drain() async {
        guard !calls.isEmpty else { return }
        for call in calls.values { call.cancel() }
        await withCheckedContinuation { drained = $0 }
    }

    /// One failure ends everything: credentials that are not accepted will not be accepted for the next row either.
    private func endBecause(_ error: ScriptError) {
        if fatal == nil { fatal = error }
        stop()
    }

    /// What happens could not be recorded, or is not what was recorded: nothing new at all, and what is in flight ends.
    private func endNow(_ error: ScriptError) {
        if fatal == nil { fatal = error }
        isGraceOver = true
        stop()
    }

    /// The script has reached a limit: it and its rows go no further.
    private func endAtLimit(_ error: ScriptError) {
        if fatal == nil { fatal = error }
        isGraceOver = true
        stop()
        worker.terminate()
    }

    // MARK: Requests

    /// What the script wants an answer to.
    private struct Request {
        let id: UInt32
        let task: UInt32
        let name: String
        let location: String
        let payload: [UInt8]
    }

    private func receive(_ request: Request, _ answers: inout [WorkerAnswer]) {
        do throws(ScriptError) {
            let payload = try read(request.payload)
            switch request.name {
            case "call": try call(request, payload)
            case "job": try declare(request, payload)
            case "csv.open": try openInput(request, payload, .csv)
            case "jsonl.open": try openInput(request, payload, .jsonl)
            case "source.next": answers.append(.success(request.id, try nextRows(payload)))
            case "loop.open": answers.append(.success(request.id, try openLoop(request, payload)))
            case "loop.next": try nextRow(request, payload, &answers)
            case "loop.close": answers.append(.success(request.id, try closeLoop(request, payload)))
            case "parallel.open": answers.append(.success(request.id, openParallel(request, payload)))
            case "each.open": answers.append(.success(request.id, try openPages(request, payload)))
            case "each.next": try nextPage(request, payload)
            case "await": awaitStatus(request, payload)
            case "sleep": try sleep(request, payload)
            case "now": answers.append(.success(request.id, .string(now(request.task).description)))
            case "uuid":
                answers.append(
                    .success(request.id, .string(tasks[request.task, default: TaskContext(path: "", seed: seed)].uuid())))
            case "random": answers.append(.success(request.id, try random(request, payload)))
            case "require":
                let module = try access.module(payload["name"]?.string ?? "")
                let digest = JobKeeper.digest(Array(module.source.utf8))
                try answer(
                    request, ["source": .string(module.source), "name": .string(module.name)], using: "module \(module.name)",
                    digest)
            case "step.get": takeStep(request, payload)
            case "step.put": keepStep(request, payload)
            default:
                throw ScriptError(
                    "invalid", code: "unknown_request", "the script's process asked for \"\(request.name)\", which is not known",
                    hint: "bursar and bursar-worker are of different versions")
            }
        } catch {
            switch error.object["code"]?.string {
            case OpenHandles.limitCode: endAtLimit(error.at(request.location))
            case ScriptSession.stoppedCode: stop()  // and no answer: the script is over
            case UsedSources.changedCode: endNow(error)
            default: answers.append(.failure(request.id, error))
            }
        }
    }

    private static let stoppedCode = "stopped"

    private func read(_ bytes: [UInt8]) throws(ScriptError) -> JSON {
        do { return try JSON(parsing: bytes, maximumDepth: 80) } catch {
            throw ScriptError("invalid", code: "bad_value", "a value of the script cannot be read: \(error.message)")
        }
    }

    private func receive(note name: String, _ task: UInt32, _ location: String, _ bytes: [UInt8]) {
        guard let payload = try? JSON(parsing: bytes, maximumDepth: 80) else { return }
        switch name {
        case "emit": observer.emit(payload, bytes: bytes.count)
        case "log":
            observer.log(
                level: payload["level"]?.string ?? "info",
                message: payload["message"]?.string ?? payload["message"]?.text() ?? "",
                fields: payload["fields"]?.object ?? [:], location: location, task: tasks[task]?.path)
        case "on": observer.handles(payload["name"]?.string ?? "")
        case "parallel.close":
            guard let group = payload["group"]?.integer else { break }
            // Whoever waited for others has waited as long as they did.
            let slept = strands[group, default: []].compactMap { tasks[$0]?.slept }.max() ?? .zero
            tasks[task]?.waited(slept)
            closeGroup(group)
        default: break
        }
    }

    // MARK: Calls

    private func bind(_ payload: JSON, _ request: Request) throws(ScriptError) -> Call {
        let name = payload["op"]?.string ?? ""
        guard let operation = Catalogue.conomy[name] else {
            throw ScriptError(
                "invalid", code: "unknown_operation", "there is no operation \(name)",
                hint: Catalogue.conomy.suggestion(for: name).map { "did you mean \($0)?" }, operation: name)
        }
        do throws(InvalidArguments) {
            var call = try Call(binding: operation, payload["args"]?.array ?? [])
            call.location = request.location
            return call
        } catch {
            throw ScriptError(error.failure, operation: name)
        }
    }

    private func call(_ request: Request, _ payload: JSON) throws(ScriptError) {
        var call = try bind(payload, request)
        let row = tasks[request.task]?.row
        call.row = row.flatMap { tasks[$0]?.path }
        if call.operation.effect > .read {
            call.key = tasks[request.task]?.key(for: call.operation.name)
            call.course = tasks[request.task]?.nextPlace() ?? []
            guard job != nil || !script.mentionsJob else {
                throw ScriptError(
                    "refused", code: "declared_effects",
                    "\(call.operation.name) was called before job { ... } said what this script may do",
                    hint: "put job first", operation: call.operation.name)
            }
            hasEffects = true
        }
        // Nothing new outside of rows that had begun; they may come to their end, for a while.
        if isStopping, row == nil || isGraceOver { return }
        let ready = call
        lastCall += 1
        let number = lastCall
        calls[number] = Task {
            let outcome: Result<Answer, ScriptError>
            do throws(ScriptError) {
                if ready.key != nil, job == nil { try await openUnnamedJob() }
                outcome = .success(try await answer(ready))
            } catch { outcome = .failure(error) }
            calls[number] = nil
            ended(ready, row, outcome, request.id)
        }
    }

    /// A call has its outcome: it is noted with its row, and the script is answered.
    private func ended(_ call: Call, _ row: UInt32?, _ outcome: Result<Answer, ScriptError>, _ id: UInt32) {
        let answer: WorkerAnswer
        switch outcome {
        case .success(let reply):
            if let row, call.operation.effect > .read, reply.isSuccess {
                rowEffects[row, default: RowEffects()].settled.append(call.key ?? "")
                if let words = reply.settledAs { rowEffects[row, default: RowEffects()].kept.append(words) }
            }
            do throws(APIError) { answer = .success(id, try reply.value()) } catch {
                answer = .failure(id, ScriptError(error, operation: call.operation.name))
            }
        case .failure(let error):
            note(error, call, row)
            answer = .failure(id, error)
        }
        worker.answer([answer])
        endIfStopped()
        if calls.isEmpty {
            drained?.resume()
            drained = nil
        }
    }

    private func note(_ error: ScriptError, _ call: Call, _ row: UInt32?) {
        switch error.object["kind"]?.string {
        case "in_doubt":
            if let row { rowEffects[row, default: RowEffects()].inDoubt.append(call.key ?? "") }
        case "journal": endNow(error)
        case "refused" where PlanKeeper.isEnd(error.object["code"]?.string): endNow(error)
        default: if endsRun(error) { endBecause(error) }
        }
    }

    /// What failed for one row will fail for the next, too: credentials that are not accepted, an API that is not there, a policy that
    /// lets nothing happen. A rehearsal goes on and shows the rest.
    private func endsRun(_ error: ScriptError) -> Bool {
        let code = error.object["code"]?.string ?? ""
        switch error.object["kind"]?.string {
        case "credentials": return true
        case "unreachable": return [Breaker.code, "wait_too_long"].contains(code)
        case "refused": return !options.isRehearsal && Gate.rulesForAll.contains(code)
        default: return false
        }
    }

    nonisolated func answer(_ call: Call) async throws(ScriptError) -> Answer {
        do throws(CallFailure) { return try await performer.perform(call) } catch {
            throw ScriptError(error, operation: call.operation.name)
        }
    }

    /// Does something that takes time and changes nothing, and answers the request with what comes of it.
    private func inBackground(_ request: Request, _ body: @escaping @Sendable (ScriptSession) async throws(ScriptError) -> JSON) {
        // While stopping nobody waits for it, and nothing that was asked outside of rows is answered any more.
        if isStopping, tasks[request.task]?.row == nil { return }
        Task {
            do throws(ScriptError) {
                worker.answer([.success(request.id, try await body(self))])
            } catch {
                if error.object["kind"] == "journal" {
                    endNow(error)
                } else if endsRun(error) {
                    endBecause(error)
                }
                worker.answer([.failure(request.id, error)])
            }
        }
    }

    // MARK: The job

    private func declare(_ request: Request, _ payload: JSON) throws(ScriptError) {
        guard job == nil else {
            throw ScriptError("invalid", code: "invalid_job", "job is declared twice", hint: "a script is one job")
        }
        guard !hasEffects else {
            throw ScriptError(
                "invalid", code: "invalid_job", "job is declared after the script changed something", hint: "put job first")
        }
        let declaration = try JobDeclaration(payload.object ?? [:], script: script.stem)
        let arguments = try declaration.bind(options.arguments, folder: options.workingFolder)
        // What the operator named may be read. What the script names as its default is the script's word, and has no such leave.
        let given = Set(options.arguments.map(\.name))
        for argument in declaration.arguments where argument.kind == .file && given.contains(argument.name) {
            if let path = arguments[argument.name]?.string { access.allow(path) }
        }
        job = declaration
        declaredEffects.set(declaration.effects)
        observer.jobDeclared(name: declaration.name)
        let files = declaration.arguments.filter { $0.kind == .file }.compactMap { arguments[$0.name]?.string }
        inBackground(request) { session throws(ScriptError) in
            try await session.openJob(
                name: declaration.name, arguments: arguments, files: files, isReadOnly: declaration.effects?.isEmpty == true)
            return .object(arguments)
        }
    }

    /// Takes hold of the job in the journal. A job that is done ends the run: nothing is sent.
    func openJob(name: String, arguments: JSONObject, files: [String], isReadOnly: Bool) async throws(ScriptError) {
        guard let keeper else { return }
        guard !keeper.isKnown else {
            throw ScriptError(
                "invalid", code: "invalid_job", "job was not seen when the script was read",
                hint: "write job { ... } at the beginning of a line")
        }
        switch try await keeper.open(name: name, arguments: arguments, files: files, isReadOnly: isReadOnly) {
        case .finished(let finished):
            alreadyDone = finished
            isGraceOver = true
            stop()
            worker.terminate()
        case .awaited: try await choose(nil)
        case .opened(let job):
            seed = job.job.seed
            tasks[0]?.reseed(seed)
            try await choose(job)
        }
    }

    /// Finds out which rows are to be run.
    /// - Parameter job: nil for one that is new.
    private func choose(_ job: JobJournal?) async throws(ScriptError) {
        switch options.job.only {
        case nil: return
        case .keys(let keys)?: chosen = .keys(keys)
        case .statuses(let statuses, let withUnreached)?:
            guard let job else {
                chosen = .byLoop([:])
                return
            }
            do throws(JournalError) {
                // Rows that succeed at once leave no word behind, nor do those that no run came to: it is known which these are
                // where a run came to all, and nothing has changed since.
                let reports = options.job.acceptChanges ? [] : try await job.reports()
                chosen =
                    withUnreached && !reports.contains(where: RunReport.cameToEveryRow)
                    ? .allBut(try await job.rows { !statuses.contains($0) })
                    : .byLoop(try await job.rows { statuses.contains($0) })
            } catch { throw ScriptError(error) }
        }
    }

    /// A script that changes something without having said what it is: its file's name is its job's.
    func openUnnamedJob() async throws(ScriptError) {
        guard let keeper, !keeper.isKnown else { return }
        let opening =
            unnamed
            ?? Task { () -> Result<Void, ScriptError> in
                let arguments = JSONObject(options.arguments.map { ($0.name, .string($0.value)) })
                do throws(ScriptError) {
                    try await openJob(name: script.stem, arguments: arguments, files: [], isReadOnly: false)
                    return .success(())
                } catch { return .failure(error) }
            }
        unnamed = opening
        try await opening.value.get()
    }

    /// Answers a request with something that was read from a file, once it is known to be what it was in the job's earlier runs.
    /// - Throws: `ScriptError` when it is not what was planned.
    private func answer(_ request: Request, _ value: JSON, using source: String, _ digest: String) throws(ScriptError) {
        try used.use(source, digest: digest)
        guard let keeper else { return worker.answer([.success(request.id, value)]) }
        inBackground(request) { _ throws(ScriptError) in
            try await keeper.use(source, digest: digest)
            return value
        }
    }

    // MARK: Steps

    private func takeStep(_ request: Request, _ payload: JSON) {
        let name = stepName(request, payload)
        // Kept before there was a job, if it was.
        if let known = steps[name] { return worker.answer([.success(request.id, known)]) }
        guard let job = keeper?.job else { return worker.answer([.success(request.id, ["found": false])]) }
        inBackground(request) { _ throws(ScriptError) in
            do throws(JournalError) {
                guard let text = try await job.step(name), let known = try? JSON(parsing: text) else { return ["found": false] }
                return known
            } catch { throw ScriptError(error) }
        }
    }

    private func keepStep(_ request: Request, _ payload: JSON) {
        let name = stepName(request, payload)
        var kept: JSONObject = ["found": true]
        kept["value"] = payload["value"]
        let value = JSON.object(kept)
        guard let job = keeper?.job else {
            steps[name] = value
            return worker.answer([.success(request.id, value)])
        }
        let text = options.redaction.redact(value.text())
        inBackground(request) { _ throws(ScriptError) in
            do throws(JournalError) { try await job.keep(step: name, text) } catch { throw ScriptError(error) }
            return value
        }
    }

    /// A step is named within its row.
    private func stepName(_ request: Request, _ payload: JSON) -> String {
        let path = tasks[request.task]?.path ?? ""
        return (path.isEmpty ? "" : path + "/") + (payload["name"]?.string ?? "")
    }

    // MARK: Input

    private func openInput(_ request: Request, _ payload: JSON, _ format: InputFile.Format) throws(ScriptError) {
        let path = try access.resolve(payload["path"]?.string ?? "")
        let number = try open(request, bytes: InputFile.memory)
        var isOpen = false
        defer { if !isOpen { handles.close(number) } }
        // A long file is given up when nobody waits for it any more.
        let isStopped = { [worker, isInterrupted] in worker.hasEnded || isInterrupted() }
        do {
            var file = try InputFile(
                path: path, format: format, declaration: payload["columns"]?.object ?? [:], isStopped: isStopped)
            let check = try file.check(isStopped: isStopped)
            observer.checked(path: path, check)
            guard check.problemCount == 0 || options.skipInvalidRows else {
                throw InvalidInput(file: path, problems: check.problems, count: check.problemCount, goodRows: check.goodRows)
            }
            sources[number] = file
            totals[number] = check.rows
            isOpen = true
            try answer(
                request, ["source": .integer(number), "money": .object(file.moneyColumns)], using: "input \(path)", file.digest)
        } catch let error as ScriptError {
            throw error
        } catch let error as InvalidInput where error.problems.first?.isStop != true {
            observer.invalidInput(error)
            let first = error.problems.first.map { ": \($0.description)" } ?? ""
            throw ScriptError(
                "invalid", code: "invalid_input",
                "\(path) has \(error.count) \(error.count == 1 ? "problem" : "problems")\(error.count == 1 ? first : "")",
                hint: error.canSkip
                    ? "correct the file, or leave those rows out with --on-invalid-row skip"
                    : "correct the file, or what the script says of its columns")
        } catch let error as InputProblem where !error.isStop {
            throw ScriptError("invalid", code: "invalid_input", error.description)
        } catch {
            if isStopped() { throw ScriptError("failed", code: ScriptSession.stoppedCode, "the run is being stopped") }
            throw ScriptError("invalid", code: "invalid_input", "\(path) cannot be read: \(error)")
        }
    }

    private var totals: [Int: Int] = [:]

    /// The number of something the script opens.
    private func open(_ request: Request, bytes: Int) throws(ScriptError) -> Int {
        try handles.open(inRow: tasks[request.task]?.row, bytes: bytes)
    }

    /// Rows of a source that a script walks itself, a few hundred at a time.
    private func nextRows(_ payload: JSON) throws(ScriptError) -> JSON {
        guard let number = payload["source"]?.integer, var file = sources[number] else {
            throw ScriptError(
                "invalid", code: "closed", "this source was read to its end already, or was opened in a row that has ended")
        }
        var rows: [JSON] = []
        var bytes = 0
        do throws(InputProblem) {
            while rows.count < 200, bytes < 1 << 20, let row = try file.next() {
                guard case .success(let value) = row.value else { continue }
                rows.append(.object(value))
                bytes += value.members.reduce(0) { $0 + ($1.value.string?.utf8.count ?? 8) }
            }
        } catch { throw ScriptError("invalid", code: "invalid_input", error.description) }
        sources[number] = rows.isEmpty ? nil : file
        if rows.isEmpty { handles.close(number) }
        return ["rows": .array(rows), "done": .bool(rows.isEmpty)]
    }

    // MARK: Loops

    private func openLoop(_ request: Request, _ payload: JSON) throws(ScriptError) -> JSON {
        let given = payload["options"]?.object ?? [:]
        func wrong(_ field: String, _ problem: String) -> ScriptError {
            ScriptError("invalid", code: "bad_option", "for_each: \(field) \(problem)", path: field)
        }
        var maxFailures: FailureBound?
        if let value = given["max_failures"], !value.isNull {
            guard let bound = FailureBound(value) else {
                throw wrong("max_failures", "is a number of rows, or a share such as \"5%\"")
            }
            maxFailures = bound
        }
        var parallel = options.target.parallel ?? 8
        if let value = given["parallel"], !value.isNull {
            guard let number = value.integer, (1...10_000).contains(number) else {
                throw wrong("parallel", "is a whole number from 1 to 10000")
            }
            parallel = number
        }
        parallel = options.parallel ?? parallel

        if let name = given["name"], !name.isNull, name.string?.isEmpty != false { throw wrong("name", "is a text") }
        let name = tasks[request.task]?.loopName(given["name"]?.string) ?? "loop"
        let rows: Loop.Rows
        var total: Int?
        var header = ["key"]
        var format = ResultFile.Format.csv
        if let number = payload["source"]?.integer {
            guard let file = sources.removeValue(forKey: number) else {
                throw wrong("source", "was read to its end already: open it again")
            }
            handles.close(number)
            rows = .file(file)
            total = totals[number]
            header = file.header
            if header.isEmpty { format = .jsonl }
        } else if let keys = payload["keys"]?.array {
            let texts = keys.map { $0.string ?? $0.text() }
            var seen: Set<String> = []
            for (index, key) in texts.enumerated() where !seen.insert(key).inserted {
                throw ScriptError(
                    "invalid", code: "duplicate_key",
                    "for_each: row \(index + 1) has the key \"\(key)\", which an earlier row has", hint: "a key names one row")
            }
            rows = .keys(texts)
            total = texts.count
        } else {
            rows = .iterator
        }
        let number = try open(request, bytes: request.payload.count)
        var isOpen = false
        defer { if !isOpen { handles.close(number) } }
        var results: ResultFile?
        // A loop inside a row is part of that row's line; thousands of rows do not make thousands of files.
        let isOutermost = tasks[request.task]?.row == nil
        if isOutermost, let path = observer.resultPath(loop: name, isFirst: loops.isEmpty) {
            do throws(ResultFileError) {
                let redaction = options.redaction
                results = try ResultFile(path: path, format: format, header: header, redact: { redaction.redact($0) })
            } catch {
                throw ScriptError("invalid", code: "results", error.description)
            }
        }
        isOpen = true
        // The operator speaks of the rows of the run, which those of a loop inside a row are not.
        if isOutermost, let bound = options.maxFailures { maxFailures = bound }
        loops[number] = Loop(
            name: name, rows: rows, total: total, maxFailures: maxFailures, results: results, isOutermost: isOutermost,
            course: tasks[request.task]?.nextPlace() ?? [], slept: tasks[request.task]?.slept ?? .zero)
        if isStopping { loops[number]?.stop() }
        observer.loopOpened(total: total)
        return ["loop": .integer(number), "parallel": .integer(min(parallel, max(1, total ?? parallel)))]
    }

    private func nextRow(_ request: Request, _ payload: JSON, _ answers: inout [WorkerAnswer]) throws(ScriptError) {
        guard let number = payload["loop"]?.integer, loops[number] != nil else {
            throw ScriptError("invalid", code: "bad_value", "there is no such loop")
        }
        if let done = payload["done"] { try rowEnded(number, done) }
        try handOut(number, request.id, key: payload["key"].map { $0.string ?? $0.text() }, &answers)
        // A row that ended may let others start that had to wait.
        guard let waiting = waitingForRow.removeValue(forKey: number) else { return }
        for request in waiting { try handOut(number, request.id, key: request.key, &answers) }
    }

    private func handOut(_ number: Int, _ id: UInt32, key: String?, _ answers: inout [WorkerAnswer]) throws(ScriptError) {
        while true {
            let next: Loop.Next?
            do throws(InputProblem) { next = try loops[number]?.next(key: key) } catch {
                throw ScriptError("invalid", code: "invalid_input", error.description)
            }
            switch next {
            case .row(let index, let key, let line, let raw, let value)?:
                if let chosen, loops[number]?.isOutermost == true, !chosen.contains(key, of: loops[number]?.name ?? "") {
                    try record(
                        number, index: index, raw: raw, RowOutcome(.notRun, reason: "not among the rows that were asked for"))
                    guard loops[number]?.passOver() == true else { continue }
                    answers.append(.success(id, ["skip": true]))
                    return
                }
                if chosen != nil { metKeys.insert(key) }
                let task = nextTask
                nextTask += 1
                let name = loops[number]?.name ?? ""
                tasks[task] = TaskContext(
                    path: "\(name)/\(key)", seed: seed, row: task, course: (loops[number]?.course ?? []) + [index],
                    slept: loops[number]?.slept ?? .zero)
                loops[number]?.started(index, Loop.RowInFlight(task: task, line: line, key: key, raw: raw))
                var answer: JSONObject = ["index": .integer(index + 1), "task": .integer(Int(task))]
                answer["row"] = value.map(JSON.object)
                answers.append(.success(id, .object(answer)))
                return
            case .leftOut(let index, let key, let raw, let reason, let line)?:
                try record(number, index: index, raw: raw, RowOutcome(.invalid, reason: reason))
                observer.rowLeftOut(key: key, line: line, reason: reason)
            case .wait?:
                waitingForRow[number, default: []].append((id, key))
                return
            case .end?, nil:
                answers.append(.success(id, ["finished": true]))
                return
            }
        }
    }

    private func rowEnded(_ number: Int, _ done: JSON) throws(ScriptError) {
        // Scripts count from 1.
        guard let index = done["index"]?.integer.map({ $0 - 1 }) else { return }
        guard let task = loops[number]?.inFlight[index]?.task else { return }
        let error = done["ok"] == true ? nil : done["error"]?.object ?? [:]
        let outcome = self.outcome(ofRow: task, result: done["value"], failure: error.map { $0["message"]?.string ?? "failed" })
        rowEffects[task] = nil
        for group in rowGroups.removeValue(forKey: task) ?? [] { closeGroup(group) }
        for left in handles.closeAll(ofRow: task) {
            sources[left] = nil
            totals[left] = nil
            pages[left] = nil
            if loops[left]?.results == nil { loops[left] = nil }
        }
        guard let row = loops[number]?.ended(index, outcome.status) else { return }
        let path = tasks[row.task]?.path
        if let slept = tasks[row.task]?.slept { loops[number]?.waited(slept) }
        tasks[row.task] = nil
        note(row, path, outcome)
        // First what is counted: a result file that cannot be written changes nothing about what the row did.
        observer.rowEnded(key: row.key, line: row.line, outcome, error: done["error"]?.object)
        try record(number, index: index, raw: row.raw, outcome)
        if let failure = FailureClass(outcome.status, kind: error?["kind"]?.string), options.stopOn.contains(failure) {
            let place = row.line.map { " (line \($0))" } ?? ""
            endBecause(
                ScriptError(
                    "limit", code: "stop_on",
                    "row \(row.key)\(place) \(failure.words), and --stop-on \(failure.rawValue) ends the run there: no further row was started"
                ))
        }
    }

    /// What a row is, by what it did rather than by what the script says of it.
    private func outcome(ofRow task: UInt32, result: JSON?, failure: String?) -> RowOutcome {
        let effects = rowEffects[task] ?? RowEffects()
        let reason = failure.map { "; \($0)" } ?? ""
        if !effects.inDoubt.isEmpty {
            return RowOutcome(.inDoubt, reason: "in doubt: \(effects.inDoubt.joined(separator: ", "))\(reason)", result: result)
        }
        guard let failure else {
            let kept = effects.kept.isEmpty ? nil : effects.kept.joined(separator: "; ")
            return RowOutcome(.succeeded, reason: kept, result: result)
        }
        guard !effects.settled.isEmpty else { return RowOutcome(.failed, reason: failure) }
        return RowOutcome(.partlyDone, reason: "settled before it failed: \(effects.settled.joined(separator: ", "))\(reason)")
    }

    /// Keeps the last word on a row. Success needs none, unless there may be another word.
    private func note(_ row: Loop.RowInFlight, _ path: String?, _ outcome: RowOutcome) {
        guard let job = keeper?.job, let path, outcome.status != .succeeded || !job.isNew else { return }
        job.note(
            row: row.key, loop: String(path.dropLast(row.key.count + 1)), line: row.line, status: outcome.status.rawValue,
            reason: options.redaction.redact(String((outcome.reason ?? "").prefix(4000))))
    }

    private func record(_ number: Int, index: Int, raw: RawRecord, _ outcome: RowOutcome) throws(ScriptError) {
        do throws(ResultFileError) { try loops[number]?.results?.add(index: index, raw: raw, outcome: outcome) } catch {
            let failure = ScriptError(
                "failed", code: "results", error.description, hint: "the run was stopped: what was done could not be written down"
            )
            endBecause(failure)
            throw failure
        }
    }

    private func closeLoop(_ request: Request, _ payload: JSON) throws(ScriptError) -> JSON {
        guard let number = payload["loop"]?.integer, let loop = loops[number] else {
            throw ScriptError("invalid", code: "bad_value", "there is no such loop")
        }
        tasks[request.task]?.waited(loop.sleptMost)
        if loop.hasTooManyFailures {
            let message =
                "\(loop.failed) rows of \(loop.name) failed, which is more than \(options.maxFailures == nil ? "max_failures" : "--max-failures") allows; no further row was started"
            tooManyFailures = message
            throw ScriptError("limit", code: "max_failures", message)
        }
        handles.close(number)
        // Its counts are told and it has no file to lay out: a loop inside each of a million rows must leave nothing behind.
        if loop.results == nil { loops[number] = nil }
        return ["rows": .integer(loop.done), "succeeded": .integer(loop.succeeded), "failed": .integer(loop.failed)]
    }

    /// Rows that never ended, and rows that never began, get their line in the result file too; then the files are laid out.
    func finishLoops() {
        for number in loops.keys.sorted() {
            guard var loop = loops[number] else { continue }
            let unfinished = endRowsInFlight(loop)
            guard let results = loop.results else { continue }
            do {
                for (index, row, outcome) in unfinished { try results.add(index: index, raw: row.raw, outcome: outcome) }
                while let (index, raw) = try loop.nextNotRun() {
                    try results.add(index: index, raw: raw, outcome: RowOutcome(.notRun, reason: "the run ended before its turn"))
                }
                try results.finish()
                observer.resultsWritten(results.path)
            } catch {
                observer.resultsLost("\(error)")
            }
        }
    }

    /// Says of each row that never ended what it did.
    private func endRowsInFlight(_ loop: Loop) -> [(index: Int, row: Loop.RowInFlight, outcome: RowOutcome)] {
        loop.inFlight.sorted { $0.key < $1.key }.map { index, row in
            let unfinished = outcome(ofRow: row.task, result: nil, failure: "the script's process ended before this row did")
            // A row that did nothing is as good as one that never began.
            guard unfinished.status != .failed else {
                return (index, row, RowOutcome(.notRun, reason: "the run ended before this row changed anything"))
            }
            note(row, tasks[row.task]?.path, unfinished)
            observer.rowEnded(key: row.key, line: row.line, unfinished, error: nil)
            return (index, row, unfinished)
        }
    }

    // MARK: Other strands

    private func openParallel(_ request: Request, _ payload: JSON) -> JSON {
        let paths = tasks[request.task]?.children(of: "parallel", count: min(10_000, payload["count"]?.integer ?? 0)) ?? []
        let row = tasks[request.task]?.row
        let course = tasks[request.task]?.nextPlace() ?? []
        let slept = tasks[request.task]?.slept ?? .zero
        let numbers = paths.enumerated().map { index, path in
            defer { nextTask += 1 }
            tasks[nextTask] = TaskContext(path: path, seed: seed, row: row, course: course + [index], slept: slept)
            return nextTask
        }
        lastGroup += 1
        strands[lastGroup] = numbers
        if let row { rowGroups[row, default: []].append(lastGroup) }
        return ["tasks": .array(numbers.map { .integer(Int($0)) }), "group": .integer(lastGroup)]
    }

    /// The functions of a `parallel` have ended.
    private func closeGroup(_ group: Int) {
        for strand in strands.removeValue(forKey: group) ?? [] { tasks[strand] = nil }
    }

    /// Where a run has its start given, all of it sees the same time, whenever and in whatever order its rows come to ask.
    private func now(_ task: UInt32) -> Timestamp {
        guard let start = options.start else { return options.clock() }
        let slept = (tasks[task]?.slept ?? .zero).components
        return Timestamp(
            millisecondsSince1970: start.millisecondsSince1970 + slept.seconds * 1000 + slept.attoseconds / 1_000_000_000_000_000)
    }

    private func random(_ request: Request, _ payload: JSON) throws(ScriptError) -> JSON {
        var context = tasks[request.task] ?? TaskContext(path: "", seed: seed)
        defer { tasks[request.task] = context }
        guard let low = payload["low"]?.integer, let high = payload["high"]?.integer else {
            return .decimal(String(context.fraction()))
        }
        guard low <= high else { throw ScriptError("invalid", code: "bad_value", "random: \(low) is more than \(high)") }
        return .integer(context.integer(in: low...high))
    }

    private func sleep(_ request: Request, _ payload: JSON) throws(ScriptError) {
        guard let duration = payload["seconds"].flatMap(Span.read) else {
            throw ScriptError(
                "invalid", code: "bad_value", "sleep: \(payload["seconds"]?.text() ?? "nothing") is no length of time",
                hint: "write seconds, or \"250ms\", \"10m\", \"2h\"")
        }
        tasks[request.task]?.sleep(duration)
        let pause = options.pause
        inBackground(request) { _ in
            await pause(duration)
            return .null
        }
    }

    // MARK: Pages

    private func openPages(_ request: Request, _ payload: JSON) throws(ScriptError) -> JSON {
        let call = try bind(payload, request)
        let number = try open(request, bytes: request.payload.count)
        pages[number] = PageCursor(performer: performer, call: call)
        return ["each": .integer(number)]
    }

    private func nextPage(_ request: Request, _ payload: JSON) throws(ScriptError) {
        guard let number = payload["each"]?.integer, let cursor = pages[number] else {
            throw ScriptError(
                "invalid", code: "closed", "this list was opened in a row that has ended, and was closed with it",
                hint: "walk it within the row, or open it outside of the loop")
        }
        inBackground(request) { session throws(ScriptError) in
            guard let items = try await cursor.next() else {
                await session.closePages(number)
                return ["items": [], "done": true]
            }
            return ["items": .array(items), "done": false]
        }
    }

    private func closePages(_ number: Int) {
        pages[number] = nil
        handles.close(number)
    }

    // MARK: Waiting

    private func awaitStatus(_ request: Request, _ payload: JSON) {
        let waiter = StatusWaiter(options: options, location: request.location)
        inBackground(request) { session throws(ScriptError) in
            try await waiter.wait(payload) { call throws(ScriptError) in try await session.answer(call) }
        }
    }
}

/// Reads a list page by page for one `each` of a script.
actor PageCursor {
    private var reader: PageReader
    private let operation: String

    init(performer: any Performer, call: Call) {
        reader = PageReader(performer: performer, call: call)
        operation = call.operation.name
    }

    func next() async throws(ScriptError) -> [JSON]? {
        var reader = reader
        defer { self.reader = reader }
        do throws(CallFailure) { return try await reader.next() } catch {
            if let refusal = reader.refusal { throw ScriptError(refusal, operation: operation) }
            throw ScriptError(error, operation: operation)
        }
    }
}

extension WorkerAnswer {
    static func success(_ id: UInt32, _ value: JSON) -> WorkerAnswer {
        let payload = value.bytes()
        guard payload.count <= Frame.largestPayload else {
            return .failure(
                id,
                ScriptError(
                    "limit", code: "too_large",
                    "the answer is larger than \(Frame.largestPayload >> 20) MB, which a script cannot take",
                    hint: "ask for less at a time, with limit"))
        }
        return WorkerAnswer(id: id, ok: true, payload: payload)
    }
    static func failure(_ id: UInt32, _ error: ScriptError) -> WorkerAnswer {
        WorkerAnswer(id: id, ok: false, payload: JSON.object(error.object).bytes())
    }
}

/// What the script's job declares, known only once the script has said so; the gate asks it at every call.
final class DeclaredEffectsBox: Gate.Rule {
    private let declared = Mutex<DeclaredEffects?>(nil)

    func set(_ patterns: [String]?) { declared.withLock { $0 = patterns.map(DeclaredEffects.init) } }

    func refusal(of call: Call) -> Gate.Refusal? { declared.withLock { $0 }?.refusal(of: call) }
}

/// The rows of loops that are run.
enum ChosenRows: Sendable {
    case byLoop([String: Set<String>])
    case allBut([String: Set<String>])
    case keys(Set<String>)

    func contains(_ key: String, of loop: String) -> Bool {
        switch self {
        case .byLoop(let keys): keys[loop]?.contains(key) ?? false
        case .allBut(let keys): !(keys[loop]?.contains(key) ?? false)
        case .keys(let keys): keys.contains(key)
        }
    }
}
