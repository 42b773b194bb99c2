import BursarEngine
import ConomyAPI

/// A run's report for people.
enum ReportView {
    /// Effects of a rehearsal that are shown one by one; beyond, the sums speak.
    static let mostEffects = 20
    static let mostProblems = 50

    static func text(_ report: RunReport, width: Int) -> String {
        if let done = report.doneBefore { return doneBefore(report, done, width) }
        var blocks: [String] = []
        if let input = report.invalidInput { blocks.append(problems(input, width, hasEffects: report.effects.count > 0)) }
        if report.isRehearsal, report.effects.count(.settled) + report.effects.count(.assumed) > 0 {
            blocks.append(effects(report.effects, width))
        }
        blocks.append(summary(report))
        if !report.failures.isEmpty { blocks.append(failures(report.failures, width)) }
        if let rehearsal = report.rehearsal {
            if !rehearsal.balances.isEmpty { blocks.append(balances(rehearsal.balances)) }
            if !rehearsal.assumptions.isEmpty { blocks.append(assumptions(rehearsal.assumptions, width)) }
        }
        if report.differences.count > 0 {
            var lines = ["The bank does not have what was recorded:"]
            for difference in report.differences.first.prefix(mostEffects) {
                lines += wrapped("  \(difference)", width, indent: 6)
            }
            if report.differences.count > mostEffects { lines.append("  and \(report.differences.count - mostEffects) more") }
            blocks.append(lines.joined(separator: "\n"))
        }
        if let gap = report.readBackGap {
            blocks.append(wrapped("Not all could be read back: \(gap)", width, indent: 2).joined(separator: "\n"))
        }
        // A file's path is for copying.
        let next = nextSteps(report).flatMap { $0.hasPrefix("Results: ") ? [$0] : wrapped($0, width, indent: 6) }
        if !next.isEmpty { blocks.append(next.joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    private static func doneBefore(_ report: RunReport, _ done: (at: Timestamp, run: String, effects: Int), _ width: Int)
        -> String
    {
        let effects = done.effects == 1 ? "1 effect" : "\(done.effects) effects"
        return
            (wrapped(
                "\(report.job ?? report.script) in \(report.environment) was done on \(done.at) by run \(done.run): \(effects). Nothing was sent.",
                width, indent: 2)
            + wrapped("Next: bursar show \(done.run) has all of it; --again does it once more, as a new job.", width, indent: 2))
            .joined(separator: "\n")
    }

    /// Everything that is wrong with the input, row by row.
    private static func problems(_ input: InvalidInput, _ width: Int, hasEffects: Bool) -> String {
        var lines = [
            "\(input.file): \(input.count) \(input.count == 1 ? "problem" : "problems"), \(input.goodRows) good rows.\(hasEffects ? "" : " Nothing was sent.")"
        ]
        for problem in input.problems.prefix(mostProblems) {
            let place = problem.line.map { "line \($0)" } ?? "file"
            lines += wrapped("  \(place): \(problem.column.map { "\($0) " } ?? "")\(problem.problem)", width, indent: 6)
        }
        if input.count > mostProblems {
            lines.append("  and \(input.count - mostProblems) more (--json lists the first \(input.problems.count))")
        }
        return lines.joined(separator: "\n")
    }

    private static func effects(_ effects: EffectLedger.Snapshot, _ width: Int) -> String {
        var lines = ["What would be done:"]
        for effect in effects.effects.filter({ $0.state == .settled || $0.state == .assumed }).prefix(mostEffects) {
            let amount = effect.amount.map { "  \($0)" } ?? ""
            let object = effect.object.map { "  \($0)" } ?? ""
            lines += wrapped("  \(effect.key)\(object)\(amount)", width, indent: 6)
        }
        let good = effects.count(.settled) + effects.count(.assumed)
        if good > mostEffects {
            lines.append(
                "  and \(good - mostEffects) more (--json lists the first \(effects.effects.count), --results FILE every row)")
        }
        return lines.joined(separator: "\n")
    }

    private static func summary(_ report: RunReport) -> String {
        let what = report.isRehearsal ? "Rehearsed" : report.failure == nil ? "Ran" : "Ended"
        var lines = ["\(what) \(report.job ?? report.script) in \(report.environment), \(seconds(report.seconds))"]
        let progress = report.progress
        if report.hasLoops {
            var counts = ["\(progress.rowsSucceeded) succeeded"]
            if progress.rowsFailed > 0 { counts.append("\(progress.rowsFailed) failed") }
            if progress.rowsPartlyDone > 0 { counts.append("\(progress.rowsPartlyDone) partly done") }
            if progress.rowsInDoubt > 0 { counts.append("\(progress.rowsInDoubt) in doubt") }
            if progress.rowsInvalid > 0 { counts.append("\(progress.rowsInvalid) malformed, left out") }
            if report.rowsNotRun > 0 { counts.append("\(report.rowsNotRun) not run") }
            lines.append("  rows     \(progress.rowsTotal.map { "\($0): " } ?? "")\(counts.joined(separator: ", "))")
        }
        for tally in report.effects.tallies {
            lines.append(
                "  effects  \(tally.count) \(tally.operation) \(word(tally.state, rehearsed: report.isRehearsal))\(tally.isRecorded ? " in earlier runs" : "")"
            )
            for amount in tally.totals.amounts { lines.append("             \(grouped(amount))") }
        }
        if report.effects.count == 0 { lines.append("  effects  none") }
        lines.append("  reads    \(report.effects.reads)")
        if let readBack = report.readBack, readBack + report.differences.count > 0 {
            lines.append(
                "  checked  \(readBack) \(readBack == 1 ? "effect" : "effects") read back\(report.differences.count == 0 ? ", all as recorded" : "")"
            )
        }
        if let plan = report.applied {
            let drifted = plan.drifted > 0 ? ", \(plan.drifted) drifted and set aside" : ""
            lines.append("  plan     \(plan.settled) of \(plan.planned) planned effects done\(drifted)")
        }
        if let run = report.run { lines.append("  run      \(run)") }
        return lines.joined(separator: "\n")
    }

    private static func failures(_ failures: FailureGroups, _ width: Int) -> String {
        var lines = ["What failed, by cause:"]
        for group in failures.groups.sorted(by: { $0.count > $1.count }) {
            // A cause that came once is best told by itself.
            guard group.count > 1 else {
                lines += wrapped("  1 x \(group.kind), \(group.places[0]): \(group.example)", width, indent: 6)
                continue
            }
            lines += wrapped("  \(group.count) x \(group.kind): \(group.cause)", width, indent: 6)
            lines += wrapped("      first at \(group.places[0]): \(group.example)", width, indent: 8)
            if group.places.count > 1 {
                let more = group.count > group.places.count ? ", ..." : ""
                lines += wrapped("      also at \(group.places.dropFirst().joined(separator: ", "))\(more)", width, indent: 8)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// What accounts would have more or less.
    private static func balances(_ changes: [RehearsalReport.BalanceChange]) -> String {
        let shown = changes.prefix(mostEffects)
        let numbers = shown.map(\.account.count).max() ?? 0
        var lines = ["What changes in balances:"]
        for change in shown {
            let held = change.available == change.balance ? "" : ", available \(grouped(change.availableText)) \(change.currency)"
            let name = change.account + String(repeating: " ", count: numbers - change.account.count)
            lines.append("  \(name)  \(grouped(change.balanceText)) \(change.currency)\(held)")
        }
        if changes.count > shown.count { lines.append("  and \(changes.count - shown.count) more (--json lists all)") }
        return lines.joined(separator: "\n")
    }

    private static func assumptions(_ assumptions: [(sentence: String, count: Int)], _ width: Int) -> String {
        var lines = ["What could not be known, and was assumed:"]
        for (sentence, count) in assumptions.prefix(mostEffects) {
            lines += wrapped("  \(count) x \(sentence)", width, indent: 6)
        }
        if assumptions.count > mostEffects { lines.append("  and \(assumptions.count - mostEffects) more (--json lists them)") }
        return lines.joined(separator: "\n")
    }

    private static func nextSteps(_ report: RunReport) -> [String] {
        var lines = report.results.map { "Results: \($0)" }
        if let input = report.invalidInput {
            let skip =
                input.canSkip
                ? "correct the file, or leave those rows out with --on-invalid-row skip"
                : "correct the file, or what the script says of its columns"
            lines.append("Next: \(skip).")
        }
        if report.isRehearsal, report.plan == nil, report.invalidInput == nil, report.failure == nil, report.effects.count > 0 {
            lines.append("Next: this was a rehearsal and nothing was changed; run it without --dry-run.")
        }
        if report.openEffects > 0 || report.progress.rowsInDoubt > 0 {
            lines.append(
                "Next: what is in doubt may or may not have been done, and is not sent again before that is known. Run it again to look once more, or look yourself (bursar doubts) and decide (bursar resolve)."
            )
        } else if report.differences.count > 0 {
            lines.append("Next: somebody else may have changed these objects. Look at each in \(report.environment).")
        } else if report.readBackGap != nil {
            lines.append("Next: run it again: nothing is sent twice, and the effects are read back.")
        } else if report.progress.rowsPartlyDone + report.progress.rowsFailed > 0, !report.isRehearsal {
            lines.append(afterFailures(report))
        } else if report.leavesRows {
            lines.append("Next: other rows of this job are not done. Run it without --only.")
        }
        return lines
    }

    private static func afterFailures(_ report: RunReport) -> String {
        if let plan = report.applied {
            return plan.notDone == 0
                ? "Next: all that was planned is done. What the plan had fail needs a correction and a plan of its own."
                : "Next: look at what was not done, and make a new plan for it."
        }
        guard report.run == nil else {
            return
                "Next: correct what failed and run it again: what is settled stays settled, and what was declined is sent again only with --retry-declined."
        }
        if report.progress.rowsPartlyDone > 0 {
            return
                "Next: rows that were partly done failed after some of their effects were settled. Do not run those again as they are."
        }
        return report.results.isEmpty
            ? "Next: --results FILE keeps what became of each row."
            : "Next: the results file says why; correct those rows and run them alone."
    }

    static func word(_ state: Effect.State, rehearsed: Bool) -> String {
        switch state {
        case .settled: rehearsed ? "would be done" : "done"
        case .assumed: "would be done"
        case .declined: rehearsed ? "would be declined by the API" : "declined by the API"
        case .refused: rehearsed ? "would be refused, nothing sent" : "refused, nothing sent"
        case .unsent: "could not be sent"
        case .inDoubt: "in doubt"
        }
    }

    /// `0.42 s`, `3 min`.
    private static func seconds(_ seconds: Double) -> String {
        seconds < 10 ? "\((seconds * 100).rounded() / 100) s" : ProgressView.duration(seconds)
    }

    /// `111,296,481.67 ARS`, for eyes only.
    static func grouped(_ amount: Money) -> String { "\(grouped(amount.text)) \(amount.currency)" }

    /// The same for decimal text, with or without a sign.
    private static func grouped(_ text: String) -> String {
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        let parts = text.dropFirst(sign.count).split(separator: ".")
        var whole = ""
        for (index, digit) in parts[0].enumerated() {
            if index > 0, (parts[0].count - index) % 3 == 0 { whole += "," }
            whole.append(digit)
        }
        return sign + whole + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// Breaks a long line at spaces; continued lines are indented.
    static func wrapped(_ line: String, _ width: Int, indent: Int) -> [String] {
        guard line.count > width else { return [line] }
        let lead = line.prefix { $0 == " " }
        var lines: [String] = []
        var current = String(lead)
        var isFirst = true
        for word in line.dropFirst(lead.count).split(separator: " ") {
            if !isFirst, current.count + 1 + word.count > width {
                lines.append(current)
                current = String(repeating: " ", count: indent) + word
            } else {
                current += (isFirst ? "" : " ") + word
            }
            isFirst = false
        }
        return lines + [current]
    }
}
