import BursarJournal
import ConomyAPI
import ConomyClient
import ExactJSON
import Logging

/// Finds out what became of an effect whose answer was lost, by its operation's probe.
struct DoubtResolver: Sendable {
    enum Resolution: Sendable {
        /// It happened; the answer is what could be read of it.
        case present(Answer)
        /// It did not happen, for certain.
        case absent
    }

    /// Reads of the target; there is no way from here to a write.
    let reads: any Performer
    let options: RunOptions
    /// The journal's time of day.
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// Looks that could not conclude before it is left in doubt.
    private static let mostUnknown = 4

    /// Looks until it is known.
    /// - Throws: `CallFailure` of kind inDoubt when it stays unknown: that is recorded. Kind journal when it could not be recorded.
    func resolve(_ effect: RecordedEffect, _ job: JobJournal) async throws(CallFailure) -> Resolution {
        let (probe, doubt) = try await ready(effect, job)
        return try await look(probe, doubt, effect, job)
    }

    /// Looks once: the answer, where the effect happened. What happened is recorded; what is not found is not.
    func lookOnce(_ effect: RecordedEffect, _ job: JobJournal) async -> Answer? {
        do throws(CallFailure) {
            let (probe, doubt) = try await ready(effect, job)
            guard case .present(let answer, let evidence) = try await probe.look(for: doubt) else { return nil }
            return try await adopt(answer, evidence, doubt, effect, job) ? answer : nil
        } catch { return nil }
    }

    private func ready(_ effect: RecordedEffect, _ job: JobJournal) async throws(CallFailure) -> (any Probe, Doubt) {
        guard let record = try? JSON(parsing: effect.request), var call = Call(record: record, in: .conomy) else {
            throw doubt(effect, "its record is of an operation this program does not know")
        }
        guard let probe = Probes.probe(for: effect.operation) else {
            throw doubt(effect, "no read can tell whether it happened")
        }
        if let stamp = effect.stamp, let field = Stamp.field(in: call) { call = Stamp.put(stamp, into: field, of: call) }
        let neighbours: [RecordedEffect]
        do throws(JournalError) { neighbours = try await job.neighbours(of: effect) } catch { throw CallFailure(error) }
        let doubt = Doubt(
            call: call, intendedAt: effect.intendedAt, stamp: effect.stamp, reads: reads,
            claim: { id throws(CallFailure) in
                do throws(JournalError) { return Claim(of: effect, try await job.makers(of: id, otherThan: effect.id)) } catch {
                    throw CallFailure(error)
                }
            }, witness: DoubtResolver.witness(effect, call, neighbours, probe),
            notBefore: DoubtResolver.notBefore(effect, neighbours))
        return (probe, doubt)
    }

    /// Records that an effect happened.
    /// - Returns: false when another effect was quicker to take what was found for its own.
    private func adopt(_ answer: Answer, _ evidence: String, _ doubt: Doubt, _ effect: RecordedEffect, _ job: JobJournal)
        async throws(CallFailure) -> Bool
    {
        let text = answer.body.map { options.redaction.redact($0.text()) }
        let result = EffectKeeper.result(of: answer)
        let attempt = Attempt(.probe, .settled, status: answer.status, result: result, answer: text, detail: evidence)
        // What acts on an object that was there shares it with others; what was made is one effect's alone.
        let isNew = result != doubt.call.objectID && result != doubt.call.body?["id"]?.string
        do throws(JournalError) {
            guard try await job.adopt(attempt, for: effect.id, alone: isNew) else { return false }
        } catch { throw CallFailure(error) }
        logger.info("found: it had happened", metadata: ["effect": "\(effect.key)", "by": "\(evidence)"])
        return true
    }

    /// An object that must be in the list in which the effect's own would be.
    private static func witness(_ effect: RecordedEffect, _ call: Call, _ neighbours: [RecordedEffect], _ probe: any Probe)
        -> String?
    {
        if let list = probe.list(of: call) {
            return neighbours.first { other in
                let record = try? JSON(parsing: other.request)
                return record.flatMap { Call(record: $0, in: .conomy) }.map { probe.list(of: $0) == list } ?? false
            }?.result
        }
        return call.objectID == nil ? nil : neighbours.first { $0.object == effect.object }?.result
    }

    /// When the last object was made, by the bank's clock, that was known before this effect's intent was recorded.
    private static func notBefore(_ effect: RecordedEffect, _ neighbours: [RecordedEffect]) -> Timestamp? {
        neighbours.filter { $0.at <= effect.intendedAt }.compactMap { other in
            other.answer.flatMap { try? JSON(parsing: $0) }?["createdAt"]?.string.flatMap { Timestamp($0) }
        }.max()
    }

    private func look(_ probe: any Probe, _ doubt: Doubt, _ effect: RecordedEffect, _ job: JobJournal) async throws(CallFailure)
        -> Resolution
    {
        let settling = options.target.settling ?? probe.settling
        let wasAnswered: Bool
        do throws(JournalError) { wasAnswered = try await job.wasAnswered(effect.id) } catch { throw CallFailure(error) }
        // Wall clocks may have been set back since: then all of the time is waited for.
        let elapsed = Duration.milliseconds(
            max(0, now().millisecondsSince1970 - effect.at.millisecondsSince1970))
        var remaining = options.target.isLocal ? settling : max(.zero, settling - elapsed)
        var absences = 0
        var (unknown, refusals) = (0, 0)
        while true {
            var finding: Finding
            do throws(CallFailure) { finding = try await probe.look(for: doubt) } catch {
                if error.kind == .journal || error.kind == .credentials { throw error }
                finding = .unknown(error.message)
            }
            if case .absent(let evidence) = finding, wasAnswered {
                finding = .unknown("\(evidence), and yet the API said once that it had happened")
            }
            var pause = Duration.milliseconds(20)
            switch finding {
            case .present(let answer, let evidence):
                if try await adopt(answer, evidence, doubt, effect, job) { return .present(answer) }
                // It is another effect's: the next look knows that.
                absences = 0
                refusals += 1
                guard refusals < DoubtResolver.mostUnknown else {
                    throw self.doubt(effect, "\(evidence), and the journal has it as another effect's")
                }
            case .absent(let evidence):
                absences += 1
                // Two looks with the settling time between them: what was on its way has arrived by the second one.
                if remaining <= .zero, absences > 1 {
                    job.note(Attempt(.probe, .absent, detail: evidence), of: effect.id)
                    logger.info("not found: it had not happened", metadata: ["effect": "\(effect.key)", "by": "\(evidence)"])
                    return .absent
                }
                if remaining > .zero { pause = remaining }
                remaining = .zero
            case .unknown(let reason):
                absences = 0
                unknown += 1
                guard unknown < DoubtResolver.mostUnknown, !Task.isCancelled else {
                    job.note(Attempt(.probe, .inDoubt, detail: options.redaction.redact(reason)), of: effect.id)
                    throw self.doubt(effect, reason)
                }
                pause = .milliseconds(250 << unknown)
            }
            try? await Task.sleep(for: pause)
            if Task.isCancelled { throw self.doubt(effect, "the run was stopped before that was known") }
        }
    }

    private func doubt(_ effect: RecordedEffect, _ reason: String) -> CallFailure {
        CallFailure(
            .inDoubt, code: "in_doubt", "\(effect.key) was sent, and whether it was performed is unknown: \(reason)",
            hint: "it is not sent again before that is known: run again later, or look and decide (bursar doubts)")
    }
}

extension Claim {
    /// - Parameter makers: the effects that are recorded to have made the object that fits this one.
    fileprivate init(of effect: RecordedEffect, _ makers: [RecordedEffect]) {
        guard !makers.isEmpty else {
            self = .none
            return
        }
        let other = makers.first { maker in
            guard maker.operation == effect.operation else { return false }
            if let amount = maker.amount, let own = effect.amount, amount != own { return true }
            // What is made anew is known by its reference; what acts on an object, by that.
            return maker.object != nil && effect.object != nil && maker.object != effect.object
        }
        self = other.map { .doubtful($0.key) } ?? .anothers
    }
}
