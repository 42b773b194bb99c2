import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation

struct ResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Decide what is in doubt, once you know.",
        discussion: """
            Examples:
              bursar resolve 'refunds/p1/payments.refund#1' --settled 65b0a1000000000000000401 --because "seen in the dashboard"
              bursar resolve 'refunds/p2/payments.refund#1' --absent --because "the bank confirmed it by mail, 2026-11-25"

            The decision stands in the journal with its reason. What is settled is never sent again, and the job goes on with the id as
            its answer; what is absent is sent by the job's next run.
            """)

    @Argument(help: "The effect's key, as bursar doubts prints it.", completion: Candidates.openKeys)
    var key: String

    @Option(help: ArgumentHelp("It happened: the id of what was made or changed.", valueName: "id"))
    var settled: String?

    @Flag(help: "It did not happen.")
    var absent = false

    @Option(help: "How you know; kept with the decision.")
    var because: String

    @Option(help: "The number of the job, where several have the key.")
    var job: Int64?

    @OptionGroup var options: LookBackOptions

    mutating func validate() throws {
        guard (settled != nil) != absent else { throw ValidationError("Give either --settled ID or --absent.") }
        if because.allSatisfy(\.isWhitespace) { throw ValidationError("--because must say how you know.") }
        if let settled, settled.isEmpty || settled.contains(where: { $0.isWhitespace || $0.isNewline }) || settled == "ID" {
            throw ValidationError("--settled must be the id of what was made or changed.")
        }
    }

    func run() async throws {
        try await options.answer {
            let folder = try options.folder()
            let reader = try JournalReader(folder: folder)
            let effect = try check(reader)
            let operation = Catalogue.conomy[effect.operation]
            let attempt =
                if let settled {
                    Attempt(
                        .resolve, .settled, result: settled,
                        answer: operation.flatMap { ResolvedAnswer.make($0, id: settled) }?.text(), detail: because)
                } else {
                    Attempt(.resolve, .absent, detail: because)
                }
            let journal = try Journal(folder: folder)
            defer { journal.close() }
            let resolved = try await journal.resolve(key: effect.key, job: effect.job, attempt)
            let takenBack = effect.isDecided ? effect : nil
            Output.result(options.json ? json(resolved, attempt, takenBack).text(.pretty) : text(resolved, takenBack))
            return .done
        }
    }

    /// The effect in doubt that is meant. The journal checks again what can change until it writes.
    private func check(_ reader: JournalReader) throws -> RecordedEffect {
        var open: [RecordedEffect] = []
        try reader.eachEffect(.open) { if $0.key == key, job == nil || $0.job == job { open.append($0) } }
        // A decision may be taken back by another one.
        if open.isEmpty {
            for fit in try reader.jobs(naming: key) where job == nil || fit.job == job {
                open += try reader.effects(naming: key, job: fit.job, most: 100).filter { $0.key == key && $0.isDecided }.suffix(
                    1)
            }
        }
        guard let effect = open.first else { throw try notInDoubt(reader) }
        guard open.count == 1 else {
            throw RunFailure(
                .invalid, "\(open.count) jobs have an effect with the key \(key) in doubt",
                hint:
                    "say which with --job \(open.map { String($0.job) }.joined(separator: " or --job ")); bursar doubts shows them"
            )
        }
        if let settled { try refuseOthers(settled, effect, reader) }
        return effect
    }

    /// An effect that changes an object has that object's id; one that makes an object has an id of its kind that nothing else made.
    private func refuseOthers(_ id: String, _ effect: RecordedEffect, _ reader: JournalReader) throws {
        guard let operation = Catalogue.conomy[effect.operation] else { return }
        if ResolvedAnswer.isObjectItself(operation) {
            guard let object = effect.object, object != id else { return }
            throw RunFailure(
                .invalid, "\(id) is not what this effect is about: \(operation.name) changes \(object), and makes nothing else",
                hint: "if it happened: --settled \(ShellText.quoted(object))")
        }
        guard id != effect.object else {
            throw RunFailure(
                .invalid, "\(id) is what \(operation.name) was asked for, not what it made",
                hint: "look for the id that the bank gave to what this effect made")
        }
        let resource = ResolvedAnswer.resource(operation)
        for other in try reader.effects(.word(id), most: 100) where other.id != effect.id {
            guard let its = Catalogue.conomy[other.operation] else { continue }
            let isMade = other.outcome == .settled && other.result == id
            if isMade, !ResolvedAnswer.isObjectItself(its) {
                throw RunFailure(
                    .invalid, "\(id) was made by another effect: \(other.key) of job \(other.job)",
                    hint: "look for the id that this effect made; bursar why \(ShellText.quoted(id)) tells of the other")
            }
            // What an operation names in its path is of its own resource, whatever it makes.
            let isNamed = other.object == id && !its.pathParameters.isEmpty
            let kind = isMade ? ResolvedAnswer.resource(its) : its.resource
            // It was there before this effect was sent; and what is refunded is no refund.
            let isOlder = isNamed && (other.id < effect.id || (its.name == "payments.refund" && operation.name == its.name))
            guard !isOlder, kind == resource || !(isMade || isNamed) else {
                throw RunFailure(
                    .invalid,
                    "\(id) is one of the \(kind.replacing("_", with: " ")) that \(other.key) of job \(other.job) is about",
                    hint: "look for the id that this effect made; bursar why \(ShellText.quoted(id)) tells of the other")
            }
        }
    }

    private func notInDoubt(_ reader: JournalReader) throws -> RunFailure {
        let all = try reader.jobs(naming: key)
        let named = all.filter { job == nil || $0.job == job }
        if let job, named.isEmpty, let other = all.last {
            return RunFailure(
                .invalid, "job \(job) has no effect with the key \(key)",
                hint: "job \(other.job) has one; bursar doubts shows what is in doubt, each with its job")
        }
        for fit in named {
            let effects = try reader.effects(naming: key, job: fit.job, most: 100)
            if let exact = effects.last(where: { $0.key == key }) {
                return RunFailure(
                    .invalid, "\(key) is not in doubt: \(EffectView.meaning(exact, isRunning: false, last: nil))",
                    hint: "bursar why \(ShellText.quoted(key)) tells all about it")
            }
            if let near = effects.last(where: \.isOpen) {
                return RunFailure(
                    .invalid, "there is no effect with the key \(key)", hint: "did you mean \(ShellText.quoted(near.key))?")
            }
        }
        var keys: [String] = []
        try reader.eachEffect(.open) { if keys.count < 1000 { keys.append($0.key) } }
        return RunFailure(
            .invalid, "no effect with the key \(key) is in doubt",
            hint: closest(to: key, among: keys).map { "did you mean \(ShellText.quoted($0))?" }
                ?? "bursar doubts lists those that are")
    }

    /// - Parameter takenBack: the effect as an earlier decision left it; nil where there was none.
    private func text(_ effect: RecordedEffect, _ takenBack: RecordedEffect?) -> String {
        let what =
            settled.map { "\(effect.key) happened (\($0)): it is not sent again" }
            ?? "\(effect.key) did not happen: the next run of job \(effect.job) sends it"
        var sentence = "Recorded: \(FieldLines.single(what))."
        if let takenBack {
            let before = takenBack.outcome == .settled ? "happened (\(takenBack.result ?? ""))" : "did not happen"
            sentence += " This takes back the decision of \(takenBack.at) that it \(before)."
        }
        return ReportView.wrapped(sentence, TerminalWidth.columns, indent: 4).joined(separator: "\n")
    }

    private func json(_ effect: RecordedEffect, _ attempt: Attempt, _ takenBack: RecordedEffect?) -> JSON {
        var object: JSONObject = [
            "ok": true, "key": .string(effect.key), "job": .integer(Int(effect.job)),
            "outcome": .string(attempt.outcome.rawValue),
            "because": .string(because),
        ]
        object["made"] = settled.map(JSON.string)
        if let takenBack {
            object["takes_back"] = [
                "outcome": .string(takenBack.outcome?.rawValue ?? ""), "at": .string("\(takenBack.at)"),
                "made": takenBack.result.map(JSON.string) ?? .null,
            ]
        }
        return .object(object)
    }
}
