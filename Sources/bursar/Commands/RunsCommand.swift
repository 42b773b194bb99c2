import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List the runs of the journal, the newest first.",
        discussion: """
            Examples:
              bursar runs --job bulk-refunds --since 2026-11-01
              bursar runs --state-of killed
              bursar runs --limit 1 --json
            """)

    @Option(help: "Only runs of jobs with this name.", completion: Candidates.jobs)
    var job: String?

    @Option(name: .customLong("env"), help: "Only runs in this environment.", completion: Candidates.environments)
    var environment: String?

    @Option(help: "Only runs in this state.")
    var stateOf: RunState?

    @Option(help: "Only runs that started on this day (UTC) or at this instant, or later.")
    var since: Moment?

    @Option(help: "Only runs that started on this day (UTC) or before; before this instant.")
    var until: Moment?

    @Option(help: "At most so many.")
    var limit = 20

    @OptionGroup var options: LookBackOptions

    enum RunState: String, ExpressibleByArgument, CaseIterable { case running, done, failed, stopped, killed }

    mutating func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await options.look { reader in
            try checkNames(reader)
            var filter = JournalReader.RunFilter()
            filter.job = job
            filter.environment = environment
            filter.state = stateOf?.rawValue
            filter.since = since?.start
            filter.until = until?.end
            // One more shows whether there are more.
            filter.most = limit == .max ? limit : limit + 1
            let found = try reader.runs(filter)
            let runs = Array(found.prefix(limit))
            let counts = try reader.outcomes(of: runs.map(\.run))
            if options.json {
                let list = runs.map { RunRecordView.json($0, counts[$0.run.id] ?? OutcomeCounts()) }
                Output.result(JSON.object(["runs": .array(list), "more": .bool(found.count > limit)]).text(.pretty))
            } else if runs.isEmpty {
                Output.error("no run of \(reader.folder.path) fits")
            } else {
                Output.result(RunRecordView.list(runs, counts, width: TerminalWidth.columns))
                if found.count > limit { Output.error("there are older ones: --limit N shows more") }
            }
            return .done
        }
    }

    private func checkNames(_ reader: JournalReader) throws {
        for (kind, name, known) in [
            ("job", job, job == nil ? [] : try reader.jobNames()),
            ("environment", environment, environment == nil ? [] : try reader.environments()),
        ] {
            guard let name, !known.contains(name) else { continue }
            let near = closest(to: name, among: known).map { "did you mean \($0)?" }
            let all = known.isEmpty ? "the journal has no runs yet" : "there are \(known.prefix(10).joined(separator: ", "))"
            throw RunFailure(.invalid, "no run of the journal has the \(kind) \(name)", hint: near ?? all)
        }
    }
}
