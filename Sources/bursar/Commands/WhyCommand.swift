import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell all about one effect or one row: line, request, attempts, answers, and what it means.",
        discussion: """
            Examples:
              bursar why refunds/p1
              bursar why 'refunds/p1/payments.refund#1'
              bursar why 679d26c44a21df7584b38e11        an object, or what was made
            """)

    @Argument(
        help: "An effect's key, a row's key or path, an object, a stamp, or the id of what was made.", completion: Candidates.keys
    )
    var word: String

    @Option(help: "Only in the job with this number; else in the newest one that has it.")
    var job: Int64?

    @OptionGroup var options: LookBackOptions

    private static let mostStories = 20

    func run() async throws {
        try await options.look { reader in
            let view = try view(reader)
            Output.result(options.json ? view.json().text(.pretty) : view.text(width: TerminalWidth.columns))
            return .done
        }
    }

    private func view(_ reader: JournalReader) throws -> WhyView {
        let fits = word.isEmpty ? [] : try reader.jobs(naming: word)
        guard let fit = job == nil ? fits.first : fits.first(where: { $0.job == job }), let record = try reader.job(fit.job)
        else {
            throw nothing(elsewhere: fits.map(\.job), try closest(to: word, among: reader.effectNames(most: 1000)), reader)
        }
        let most = options.json ? 1000 : WhyCommand.mostStories
        let effects = try reader.effects(naming: word, job: fit.job, most: most)
        var names = RunNames(reader)
        var rows: [(JournalReader.RowRecord, String?)] = []
        // An effect's row belongs to its story whatever word led to it.
        let own = Set(effects.compactMap(\.row)).sorted()
        for path in effects.isEmpty ? [word] : own.isEmpty ? [] : own {
            for row in try reader.rows(naming: path, job: fit.job, most: most) { rows.append((row, try names[row.run])) }
        }
        let stories = try effects.map { effect in
            WhyView.Story(effect: effect, run: try names[effect.run], attempts: try reader.attempts(of: effect.id))
        }
        return WhyView(
            job: record, rows: rows, stories: stories, leftOut: fit.effects - effects.count,
            others: fits.map(\.job).filter { $0 != fit.job }, isRunning: try reader.runningRun(ofJob: fit.job) != nil, word: word)
    }

    private func nothing(elsewhere: [Int64], _ near: String?, _ reader: JournalReader) -> RunFailure {
        if let job, !elsewhere.isEmpty {
            let numbers = elsewhere.prefix(10).map(String.init).joined(separator: ", ")
            return RunFailure(.invalid, "job \(job) has nothing called \(word)", hint: "it is in the jobs \(numbers)")
        }
        return RunFailure(
            .invalid, "nothing in \(reader.folder.path) is called \(word)",
            hint: near.map { "did you mean \($0)?" } ?? "bursar show RUN lists the keys of a run's effects and its rows")
    }
}
