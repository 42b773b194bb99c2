import ConomyAPI
import ExactJSON
import Synchronization

/// Reads again what a plan's effects rested on, and tells what has changed.
///
/// All facts about an object are read once, before the first effect that touches it: from then on it changes because of the plan itself.
final class FactCheck: Sendable {
    /// What one look at one object found: the facts that do not hold any more, each with a sentence.
    private typealias Look = Result<[Findings.Fact: String], CallFailure>

    /// A plan's facts about one object, and the effects that touch it.
    private struct Subject {
        var facts: [Findings.Fact] = []
        var keys: [String] = []
    }

    private let subjects: [String: Subject]
    private let reads: any Performer
    private let identifiers: Identifiers
    private let mayHaveHappened: @Sendable (String) -> Bool
    private let looks = Mutex<[String: Task<Look, Never>]>([:])

    init(
        _ plan: Plan, reads: any Performer, identifiers: Identifiers, mayHaveHappened: @escaping @Sendable (String) -> Bool
    ) {
        var subjects: [String: Subject] = [:]
        for effect in plan.effects {
            for fact in effect.facts where subjects[FactCheck.subject(of: fact)]?.facts.contains(fact) != true {
                subjects[FactCheck.subject(of: fact), default: Subject()].facts.append(fact)
            }
        }
        for effect in plan.effects where effect.state == .assumed {
            for name in FactCheck.subjects(of: effect) { subjects[name]?.keys.append(effect.key) }
        }
        self.subjects = subjects
        self.reads = reads
        self.identifiers = identifiers
        self.mayHaveHappened = mayHaveHappened
    }

    private static func subject(of fact: Findings.Fact) -> String {
        fact.pathParameters.isEmpty ? fact.operation : fact.pathParameters.values.sorted().joined(separator: "/")
    }

    private static func subjects(of effect: PlannedEffect) -> Set<String> {
        Set(effect.facts.map(subject) + (effect.object.map { [$0] } ?? []))
    }

    /// Why an effect is not to be done any more; nil when all it rests on is as it was.
    /// - Throws: `CallFailure` when that cannot be read.
    func drift(of effect: PlannedEffect) async throws(CallFailure) -> String? {
        var sentences: [String] = []
        for name in FactCheck.subjects(of: effect).sorted() {
            guard let subject = subjects[name] else { continue }
            let changed = try await look(name, subject).get()
            sentences += effect.facts.compactMap { changed[$0] }
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
    }

    private func look(_ name: String, _ subject: Subject) async -> Look {
        let task = looks.withLock { looks in
            if let known = looks[name] { return known }
            // What earlier runs of the plan did to it shows in it.
            let isTouched = subject.keys.contains(where: mayHaveHappened)
            let task = Task { isTouched ? .success([:]) : await read(subject.facts) }
            looks[name] = task
            return task
        }
        let look = await task.value
        // What could not be read is read again when the next effect asks.
        if case .failure = look { looks.withLock { $0[name] = nil } }
        return look
    }

    private func read(_ facts: [Findings.Fact]) async -> Look {
        var answers: [String: Answer] = [:]
        var changed: [Findings.Fact: String] = [:]
        for fact in facts {
            guard let operation = Catalogue.conomy[fact.operation] else { continue }
            let call = Call(operation, pathParameters: fact.pathParameters.mapValues(identifiers.real))
            let answer: Answer
            if let known = answers[call.target] {
                answer = known
            } else {
                do throws(CallFailure) { answer = try await reads.perform(call) } catch { return .failure(error) }
                answers[call.target] = answer
            }
            changed[fact] = FactCheck.change(of: fact, answer)
        }
        return .success(changed)
    }

    /// A sentence when the answer is not what the fact says.
    private static func change(of fact: Findings.Fact, _ answer: Answer) -> String? {
        let name = "\(fact.operation) of \(fact.pathParameters.values.sorted().joined(separator: ", "))"
        guard answer.status != 404 else { return fact.isAbsence ? nil : "\(name) was found, and now there is none" }
        guard answer.isSuccess else {
            return "\(name) could be read, and is now declined: \(APIError(status: answer.status, body: answer.body))"
        }
        guard !fact.isAbsence else { return "\(name) was not there, and now it is" }
        let changes = fact.values.sorted { $0.key < $1.key }.compactMap { path, before -> String? in
            let now = (answer.body?.value(at: path) ?? .null).text(.canonical)
            return now == before ? nil : "\(path) was \(before), and now is \(now)"
        }
        return changes.isEmpty ? nil : "\(name): \(changes.joined(separator: ", "))"
    }
}
