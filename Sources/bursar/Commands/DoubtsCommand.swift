import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

struct DoubtsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doubts", abstract: "List what may or may not have happened, with all that is needed to find out.",
        discussion: """
            Examples:
              bursar doubts
              bursar doubts --json

            Ends with 12 when anything is in doubt, with 0 when nothing is.
            """)

    @OptionGroup var options: LookBackOptions

    private static let most = 20

    func run() async throws {
        try await options.look { reader in
            let found = try options.json ? printJSON(reader) : printText(reader)
            return found ? .inDoubt : .done
        }
    }

    private func printText(_ reader: JournalReader) throws -> Bool {
        let width = TerminalWidth.columns
        var (shown, doubts) = (0, 0)
        var onTheirWay: [Int64: Int] = [:]
        var context = DoubtContext(reader)
        try reader.eachEffect(.open) { effect in
            if try context.isOnItsWay(effect) {
                onTheirWay[effect.job, default: 0] += 1
                return
            }
            doubts += 1
            guard shown < DoubtsCommand.most, let view = try context.view(effect, places: options.places) else { return }
            shown += 1
            Output.result(view.text(width: width) + "\n\n")
        }
        for (job, count) in onTheirWay.sorted(by: { $0.key < $1.key }) {
            let run = try context.runningRun(job)?.name ?? ""
            Output.error("run \(run) goes on, and has \(count) \(count == 1 ? "effect" : "effects") on the way: not in doubt yet")
        }
        if doubts > shown { Output.result("and \(doubts - shown) more (--json lists all)\n\n") }
        Output.result(
            doubts == 0
                ? "nothing is in doubt"
                : ReportView.wrapped(
                    "\(doubts) \(doubts == 1 ? "effect is" : "effects are") in doubt. Running the job again looks for what a read can "
                        + "find; what stays is yours to decide, once you know.", width, indent: 0
                ).joined(separator: "\n"))
        return doubts > 0
    }

    private func printJSON(_ reader: JournalReader) throws -> Bool {
        var (doubts, onTheirWay) = (0, 0)
        var context = DoubtContext(reader)
        var stream = JSONStream()
        stream.open(list: "doubts")
        try reader.eachEffect(.open) { effect in
            if try context.isOnItsWay(effect) {
                onTheirWay += 1
            } else if let view = try context.view(effect, places: options.places) {
                doubts += 1
                stream.element(view.json())
            }
        }
        stream.closeList()
        stream.member("count", .integer(doubts))
        stream.member("on_their_way", .integer(onTheirWay))
        stream.end()
        return doubts > 0
    }
}

/// What is the same for many effects in doubt, looked up once.
struct DoubtContext {
    private let reader: JournalReader
    private var jobs: [Int64: JobRecord] = [:]
    private var running: [Int64: RunRecord?] = [:]
    private var names: RunNames

    init(_ reader: JournalReader) {
        self.reader = reader
        names = RunNames(reader)
    }

    /// The run that holds a job.
    mutating func runningRun(_ job: Int64) throws -> RunRecord? {
        if let known = running[job] { return known }
        let run = try reader.runningRun(ofJob: job)
        running[job] = .some(run)
        return run
    }

    /// True when the run that has just intended or begun it goes on: its answer may be there in a moment.
    mutating func isOnItsWay(_ effect: RecordedEffect) throws -> Bool {
        try effect.outcome != .inDoubt && runningRun(effect.job) != nil
    }

    mutating func view(_ effect: RecordedEffect, places: String) throws -> DoubtView? {
        if jobs[effect.job] == nil { jobs[effect.job] = try reader.job(effect.job) }
        guard let job = jobs[effect.job] else { return nil }
        let attempts = try reader.attempts(of: effect.id)
        return DoubtView(
            effect: effect, job: job, run: try names[effect.run],
            cause: attempts.last { $0.attempt.kind == .send }?.attempt.detail,
            lastLook: attempts.last { $0.attempt.kind == .probe }, runningRun: try runningRun(effect.job)?.name,
            places: places)
    }
}
