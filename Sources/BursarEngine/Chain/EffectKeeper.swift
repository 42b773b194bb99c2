import BursarGate
import BursarJournal
import ConomyAPI
import ConomyClient
import ExactJSON
import Logging

/// Performs by recording: an effect's intent is durable before the call goes on, and its outcome is written down as soon as it is known.
///
/// An effect that an earlier run has settled is answered from the record. One whose outcome is unknown is looked for first; it goes out
/// again only where it is known not to have happened.
struct EffectKeeper: Performer {
    let next: any Performer
    let keeper: JobKeeper
    let doubts: DoubtResolver
    let options: RunOptions
    let limits: SumKeeper
    /// Which effect made an object, for those that were made last.
    private let makers = RecentMemory<Int64>(most: 32_768)
    /// Sendings of one effect in one run, the first included.
    private static let mostSendings = 3

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect > .read, let key = call.key else { return try await next.perform(call) }
        let open: JobJournal?
        do throws(JournalError) { open = try await keeper.jobOfEffect() } catch { throw CallFailure(error) }
        guard let job = open else { return try await next.perform(call) }
        let request = options.redaction.redact(call.record.text(.canonical))
        let known: RecordedEffect?
        do throws(JournalError) { known = try await job.recorded(key) } catch { throw CallFailure(error) }
        guard let known else { return try await intendAndSend(call, key, request, job) }
        return try await goOn(call, request, known, job)
    }

    // MARK: Known effects

    private func goOn(_ call: Call, _ request: String, _ known: RecordedEffect, _ job: JobJournal) async throws(CallFailure)
        -> Answer
    {
        let isSame = known.request == request
        guard isSame || options.job.acceptChanges else { throw differs(call, request, known) }
        switch known.outcome {
        case .settled:
            if !isSame {
                doubts.logger.warning(
                    "kept as it was settled, although the call is another now",
                    metadata: ["effect": "\(known.key)", "settled": "\(known.request)", "now": "\(request)"])
            }
            var answer = try EffectKeeper.answer(of: known)
            if !isSame { answer.settledAs = EffectKeeper.description(of: known) }
            return answer
        case .declined:
            if isSame, !options.job.retryDeclined { return try EffectKeeper.answer(of: known) }
        case .unsent, .absent: break
        case nil, .begun, .inDoubt:
            switch try await doubts.resolve(known, job) {
            case .present(let answer): return answer
            case .absent: break
            }
        }
        // It is known not to have happened.
        guard isSame else { return try await intendAndSend(call, known.key, request, job) }
        try await beginAgain(known.id, call, job)
        return try await send(call, stamp(call, job), intended: known.id, job, isAgain: true)
    }

    /// What the API answered when the effect was settled or declined.
    static func answer(of known: RecordedEffect) throws(CallFailure) -> Answer {
        let body: JSON?
        do throws(JSONError) { body = try known.answer.map { text throws(JSONError) in try JSON(parsing: text) } } catch {
            throw CallFailure(.journal, code: "damaged", "the answer recorded for \(known.key) cannot be read: \(error.message)")
        }
        return Answer(status: known.status ?? (known.outcome == .declined ? 422 : 200), body: body, isRecorded: true)
    }

    /// What was settled and when: the amount where there is one, and the request as it was sent.
    private static func description(of known: RecordedEffect) -> String {
        let amount = known.amount.map { " with \($0)" } ?? ""
        return "\(known.key) was settled\(amount) on \(known.at), before the change, and stays so: \(known.request.prefix(1500))"
    }

    private func differs(_ call: Call, _ request: String, _ known: RecordedEffect) -> CallFailure {
        let place = call.location.map { " at \($0)" } ?? ""
        return CallFailure(
            .journal, code: "differs",
            "\(known.key)\(place) differs from what this job recorded on \(known.intendedAt)"
                + "\(known.location.map { " (\($0))" } ?? ""): it was \(known.request.prefix(1500)), and is now \(request.prefix(1500))",
            hint:
                "a script must make the same calls in each run of a job: keep what changes (now(), a read) in a step, or go on with "
                + "--accept-changes: what was settled stays settled. Nothing was sent")
    }

    // MARK: New ones

    private func intendAndSend(_ call: Call, _ key: String, _ request: String, _ job: JobJournal) async throws(CallFailure)
        -> Answer
    {
        let stamp = stamp(call, job)
        let effect = try await intend(call, stamp, key, request, job)
        guard job.acceptedAt != nil else { return try await send(call, stamp, intended: effect, job) }
        // What the journal has lost may have been this.
        let lost: RecordedEffect
        do throws(JournalError) { lost = try await job.effectMaybeLost(effect) } catch { throw CallFailure(error) }
        switch try await doubts.resolve(lost, job) {
        case .present(let answer): return answer
        case .absent:
            try await beginAgain(effect, call, job)
            return try await send(call, stamp, intended: effect, job, isAgain: true)
        }
    }

    private func intend(_ call: Call, _ stamp: Mark?, _ key: String, _ request: String, _ job: JobJournal)
        async throws(CallFailure) -> Int64
    {
        let reference = EffectKeeper.reference(of: call)
        let moves = !call.operation.amountFields.isEmpty || call.operation.effect == .destructive
        let intent = Intent(
            key: key, row: call.row, operation: call.operation.name, object: call.objectID ?? reference,
            stamp: stamp?.text, amount: Effect.amount(call, nil), request: request, location: call.location,
            mustNotRepeat: call.objectID == nil ? reference != nil : moves, actsOnObject: call.objectID != nil)
        let intended: JobJournal.Intended
        let sums = limits.sums(of: call, run: job.run.name)
        do throws(JournalError) {
            intended = try await job.intend(intent, reserving: SumKeeper.reservation(sums, call))
        } catch { throw CallFailure(error) }
        switch intended {
        case .recorded(let effect): return effect
        case .exceeds(let excess): throw sums[excess.line].refusal(of: call, sum: excess.sum).failureOfPolicy
        case .repeats(let earlier, let other):
            let state = earlier.outcome == .settled ? "did" : "may have done"
            guard other.id != job.job.id || earlier.outcome != .settled else {
                throw CallFailure(
                    .refused, code: "repeated_effect",
                    "this job did \(earlier.operation) of \(earlier.object ?? "")\(earlier.amount.map { ", \($0)" } ?? "") on "
                        + "\(earlier.intendedAt) already, as \(earlier.key), before its script or input was changed",
                    hint:
                        "a row or loop that has another name is another one: put the name back, and what was settled stays settled; "
                        + "--allow-repeat does it once more")
            }
            guard other.id != job.job.id else {
                throw CallFailure(
                    .refused, code: "repeated_effect",
                    "\(earlier.key) of this job may have done exactly this: it is in doubt",
                    hint: "run again once that is known (bursar doubts); --allow-repeat does it all the same")
            }
            throw CallFailure(
                .refused, code: "repeated_effect",
                "another job, \(other.identity.name) of \(other.createdAt), \(state) this on \(earlier.intendedAt): "
                    + "\(earlier.operation) of \(earlier.object ?? "")\(earlier.amount.map { ", \($0)" } ?? "") (\(earlier.key)); "
                    + "--allow-repeat does it once more",
                hint: "bursar why \(earlier.object ?? earlier.key) shows it")
        }
    }

    /// The caller's own name for what is made: by it the object can be told from others.
    private static func reference(of call: Call) -> String? {
        call.body?["externalId"]?.string
            ?? (call.operation.name == "payment_links.create" ? call.body?["checkoutToken"]?.string : nil)
    }

    /// A stamp, and the member of the call's body that carries it.
    private typealias Mark = (text: String, field: String)

    private func stamp(_ call: Call, _ job: JobJournal) -> Mark? {
        guard options.target.stamps, let key = call.key, let field = Stamp.field(in: call) else { return nil }
        return (Stamp.make(job: job.job.fingerprint, key: key), field)
    }

    // MARK: Sending

    /// Sends what is recorded as intended, and records what becomes of it.
    /// - Parameter isAgain: it was sent before, and is known not to have happened.
    private func send(_ call: Call, _ stamp: Mark?, intended effect: Int64, _ job: JobJournal, isAgain: Bool = false)
        async throws(CallFailure) -> Answer
    {
        var ready = stamp.map { Stamp.put($0.text, into: $0.field, of: call) } ?? call
        let before = call.departure
        ready.departure = {
            if let failure = await before?() { return failure }
            return await job.mayLeave().map(CallFailure.init)
        }
        var sendings = 1
        while true {
            do throws(CallFailure) {
                let answer = try await next.perform(ready)
                // Declined may mean that an earlier sending has arrived after all.
                if !answer.isSuccess, isAgain || sendings > 1, let late = try await found(effect, job) { return late }
                if let made = try requireOwn(answer, of: effect, call, job) {
                    let isOthers: Bool
                    do throws(JournalError) { isOthers = try await job.isResult(made, ofOtherThan: effect) } catch {
                        throw CallFailure(error)
                    }
                    if isOthers { throw somethingElse(made, call) }
                }
                job.note(attempt(answer), of: effect)
                return answer
            } catch {
                guard error.kind == .inDoubt else {
                    job.note(Attempt(.send, .unsent, detail: redacted(error.message)), of: effect)
                    throw error
                }
                job.note(Attempt(.send, .inDoubt, detail: redacted(error.message)), of: effect)
                guard !Task.isCancelled else { throw error }
                let known: RecordedEffect
                do throws(JournalError) {
                    try await job.flush()
                    known = try await job.effect(effect)
                } catch let failure { throw CallFailure(failure) }
                switch try await doubts.resolve(known, job) {
                case .present(let answer):
                    if let made = EffectKeeper.result(of: answer) { makers[made] = effect }
                    return answer
                case .absent:
                    guard sendings < EffectKeeper.mostSendings else {
                        throw CallFailure(
                            .unreachable, code: "lost",
                            "\(call.operation.name) was sent \(sendings) times and came to nothing: \(error.message)",
                            hint: "it is known not to have happened: run again later")
                    }
                }
            }
            sendings += 1
            try await beginAgain(effect, call, job)
        }
    }

    /// An answer that names what another effect of the job made says nothing of this one.
    ///
    /// What other jobs made is not asked for: a sandbox that begins anew gives the same ids once more.
    /// - Returns: what was made, where earlier runs of the job have to be asked for it, too; nil where all is well.
    private func requireOwn(_ answer: Answer, of effect: Int64, _ call: Call, _ job: JobJournal) throws(CallFailure) -> String? {
        guard answer.isSuccess, ResolvedAnswer.isMadeAnew(by: call.operation), let made = EffectKeeper.result(of: answer) else {
            return nil
        }
        guard made != call.objectID, makers.first(made, effect) == effect else { throw somethingElse(made, call) }
        return job.hasEffects ? made : nil
    }

    private func somethingElse(_ made: String, _ call: Call) -> CallFailure {
        CallFailure(
            .inDoubt, code: "rubbish_answer",
            "\(call.operation.name) was answered with \(made), which is something else that this job speaks of: whether it was performed is unknown",
            hint: "it is looked for before it is sent again; show the vendor the log")
    }

    /// Records that it is about to be sent again.
    private func beginAgain(_ effect: Int64, _ call: Call, _ job: JobJournal) async throws(CallFailure) {
        let sums = limits.sums(of: call, run: job.run.name)
        let excess: Reservation.Excess?
        do throws(JournalError) {
            excess = try await job.beginAgain(effect, reserving: SumKeeper.reservation(sums, call))
        } catch { throw CallFailure(error) }
        if let excess { throw sums[excess.line].refusal(of: call, sum: excess.sum).failureOfPolicy }
    }

    /// What one look finds of an effect, where it finds that it happened.
    private func found(_ effect: Int64, _ job: JobJournal) async throws(CallFailure) -> Answer? {
        do throws(JournalError) {
            try await job.flush()
            return await doubts.lookOnce(try await job.effect(effect), job)
        } catch { throw CallFailure(error) }
    }

    private func redacted(_ text: String) -> String { options.redaction.redact(text) }

    private func attempt(_ answer: Answer) -> Attempt {
        let text = answer.body.map { redacted($0.text()) }
        guard answer.isSuccess else {
            return Attempt(
                .send, .declined, status: answer.status, answer: text,
                detail: redacted("\(APIError(status: answer.status, body: answer.body))"))
        }
        return Attempt(.send, .settled, status: answer.status, result: EffectKeeper.result(of: answer), answer: text)
    }

    /// The object that an answer is about.
    static func result(of answer: Answer) -> String? {
        (answer.body?["refundId"] ?? answer.body?["id"])?.string
    }
}
