import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run or a plan: what it is, its effects, its sums, what failed, and what to do next.",
        discussion: """
            Examples:
              bursar show last
              bursar show 20261125-0131-4f2a --effects in_doubt
              bursar show 4f2a --csv > effects.csv
              bursar show refunds.plan
            """)

    @Argument(
        help: "The run's name, a part of it that only one has, or last; or a plan's file.", completion: Candidates.runsAndPlans)
    var run: String

    @Option(help: "Which effects are listed: all, settled, declined, in_doubt, or failed (declined, not sent, did not happen).")
    var effects: EffectKind = .all

    @Option(help: "List at most so many effects; 20 where a person reads, all for --json and --csv.")
    var limit: Int?

    @Flag(help: "Print one line an effect, safe to open in a spreadsheet.")
    var csv = false

    @OptionGroup var options: LookBackOptions

    enum EffectKind: String, ExpressibleByArgument, CaseIterable {
        case all, settled, declined
        case inDoubt = "in_doubt"
        case failed

        func contains(_ effect: RecordedEffect) -> Bool {
            switch self {
            case .all: true
            case .settled: effect.outcome == .settled
            case .declined: effect.outcome == .declined
            case .inDoubt: effect.isOpen
            case .failed: [.declined, .unsent, .absent].contains(effect.outcome)
            }
        }
    }

    mutating func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be below 0.") }
        if csv, options.json { throw ValidationError("--csv and --json are two forms of one result: give one.") }
    }

    func run() async throws {
        // No run has a name like a file.
        if run.contains("/") || run.contains(".") || PlanFile.isPlan(run) {
            return try await options.answer {
                try showPlan()
                return .done
            }
        }
        try await options.look { reader in
            let entry = try reader.find(run: run)
            if csv {
                try printCSV(entry, reader)
            } else if options.json {
                try printJSON(entry, reader)
            } else {
                try printText(entry, reader)
            }
            return .done
        }
    }

    private static let mostLines = 20

    private func showPlan() throws {
        guard effects == .all, !csv else {
            throw RunFailure(.usage, "--effects and --csv are for runs, and \(run) is a plan", hint: "--json has all of a plan")
        }
        let file = try PlanFile(path: run)
        if options.json {
            Output.result(file.json.text(.pretty))
        } else {
            Output.result(PlanView.text(file, width: TerminalWidth.columns, most: limit ?? ShowCommand.mostLines))
        }
    }

    private func printText(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws {
        var tally = RunTally()
        var first: [RecordedEffect] = []
        var count = 0
        try reader.eachEffect(of: entry.run) { effect in
            tally.add(effect)
            guard effects.contains(effect) else { return }
            count += 1
            if first.count < limit ?? ShowCommand.mostLines { first.append(effect) }
        }
        let view = RunHistoryView(
            entry: entry, command: try reader.command(of: entry.run.id), finish: try reader.finish(of: entry.job), tally: tally,
            effects: first, effectCount: count, rowCounts: try reader.rowCounts(job: entry.job.id, run: entry.run.id),
            failedRows: try reader.firstUnsuccessfulRows(
                job: entry.job.id, run: entry.run.id, most: ShowCommand.mostLines))
        Output.result(view.text(width: TerminalWidth.columns))
    }

    private func printCSV(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws {
        func line(_ cells: [String]) -> String { String(decoding: CSVWriter.line(cells).dropLast(2), as: UTF8.self) }
        var page = [line(EffectView.columns)]
        var names = RunNames(reader)
        var left = limit ?? .max
        try reader.eachEffect(of: entry.run) { effect in
            guard left > 0, effects.contains(effect) else { return }
            left -= 1
            page.append(line(EffectView.cells(effect, run: try names[effect.run])))
            if page.count >= 256 {
                Output.result(page.joined(separator: "\n"))
                page = []
            }
        }
        if !page.isEmpty { Output.result(page.joined(separator: "\n")) }
    }

    private func printJSON(_ entry: JournalReader.RunOfJob, _ reader: JournalReader) throws {
        var stream = JSONStream()
        for (name, value) in RunRecordView.json(entry, nil).object?.members ?? [] { stream.member(name, value) }
        let (job, run) = (entry.job.id, entry.run.id)
        if let command = try reader.command(of: run) { stream.member("command", .string(command)) }
        if let finish = try reader.finish(of: entry.job) { stream.member("finished_by", .string(finish.run)) }
        var tally = RunTally()
        var names = RunNames(reader)
        var left = limit ?? .max
        stream.open(list: "effects")
        try reader.eachEffect(of: entry.run) { effect in
            tally.add(effect)
            guard left > 0, effects.contains(effect) else { return }
            left -= 1
            stream.element(EffectView.json(effect, run: try names[effect.run]))
        }
        stream.closeList()
        // Of the same look as the list: what is added while it goes on is in both or in neither.
        stream.member("totals", tally.json)
        let counts = try reader.rowCounts(job: job, run: run)
        stream.member("rows", .object(JSONObject(counts.map { ($0.status, .integer($0.count)) })))
        stream.open(list: "failed_rows")
        var last: JournalReader.RowRecord?
        repeat {
            let rows = try reader.unsuccessfulRows(job: job, run: run, after: last)
            for row in rows { stream.element(WhyView.json(row, run: entry.run.name)) }
            last = rows.last
        } while last != nil && !Output.isUnread
        stream.closeList()
        stream.end()
    }
}

/// The names of runs by their numbers, each looked up once.
struct RunNames {
    private let reader: JournalReader
    private var known: [Int64: String] = [:]

    init(_ reader: JournalReader) { self.reader = reader }

    subscript(run: Int64) -> String? {
        mutating get throws {
            if let name = known[run] { return name }
            let name = try reader.run(run)?.name
            known[run] = name
            return name
        }
    }
}

extension JournalReader {
    /// All effects that a run intended or learnt something of, page by page: a run that goes on is not held up, and a page is all that is
    /// held of them. Ends early when nobody reads the output any more, unless it is for a file.
    func eachEffect(of run: RunRecord, isForFile: Bool = false, _ body: (RecordedEffect) throws -> Void) throws {
        try eachEffect(.run(run.id), isForFile: isForFile, body)
    }

    func eachEffect(_ filter: EffectFilter, isForFile: Bool = false, _ body: (RecordedEffect) throws -> Void) throws {
        var after: Int64 = 0
        while isForFile || !Output.isUnread {
            let page = try effects(filter, after: after)
            guard let last = page.last else { return }
            for effect in page { try body(effect) }
            after = last.id
        }
    }
}
