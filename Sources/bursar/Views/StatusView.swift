import BursarEngine
import ConomyAPI
import ConomyClient

/// How a run goes, for whoever asks while it does.
enum StatusView {
    static func text(_ status: RunStatus) -> String {
        let name = "\(status.job ?? status.script) in \(status.environment)"
        guard let lasted = status.lasted else { return "status: \(name) has not begun" }
        var lines = ["status: \(status.isRehearsal ? "rehearsing" : "running") \(name) for \(Span.words(lasted))"]
        lines.append(line("rows", rows(status.progress, lasted)))
        for tally in status.effects.tallies {
            let totals = tally.totals.amounts.map { "  " + ReportView.grouped($0) }.joined()
            lines.append(line("effects", "\(tally.count) \(tally.operation) \(tally.state.rawValue)\(totals)"))
        }
        if status.effects.count == 0 { lines.append(line("effects", "none")) }
        lines.append(line("reads", "\(status.effects.reads)"))
        if let pace = status.pace {
            let cap = pace.requestsPerSecond.map { "at most \(rounded($0)) a second" } ?? "no cap on requests a second"
            lines.append(
                line("calls", "\(pace.inFlight) in flight, window \(pace.window), \(pace.waiting) wait for their turn, \(cap)"))
            lines.append(line("held", pace.held.map { "for \(Span.words($0)) more, as the API asked" } ?? "no"))
        }
        if let circuit = status.circuit {
            lines.append(line("circuit", self.circuit(circuit)))
            lines.append(line("oldest", circuit.oldest.map(oldest) ?? "no call is in flight"))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ label: String, _ text: String) -> String {
        "  " + label + String(repeating: " ", count: max(1, 9 - label.count)) + text
    }

    private static func rows(_ progress: RunObserver.Progress, _ lasted: Duration) -> String {
        let rate = Double(progress.rowsDone) / max(lasted / .seconds(1), 0.001)
        var text = "\(progress.rowsDone)\(progress.rowsTotal.map { " of \($0)" } ?? "") done, \(rounded(rate))/s"
        for (count, word) in [
            (progress.rowsFailed, "failed"), (progress.rowsPartlyDone, "partly done"), (progress.rowsInDoubt, "in doubt"),
            (progress.rowsInvalid, "malformed"),
        ] where count > 0 { text += ", \(count) \(word)" }
        return text
    }

    private static func circuit(_ circuit: CircuitStatus) -> String {
        switch circuit.position {
        case .closed: return "closed"
        case .over: return "open for good: the run ends"
        case .open(let outage):
            return
                "open for \(Span.words(outage.lasted)) after \(outage.calls) calls in a row; \(outage.looks) looks, "
                + "\(circuit.waiting) calls wait, for \(Span.words(outage.left)) more at most; cause: \(outage.cause)"
        }
    }

    private static func oldest(_ call: CircuitStatus.CallUnderWay) -> String {
        "\(call.operation) for \(Span.words(call.lasted))\(call.key.map { ", \($0)" } ?? "")"
    }

    /// `0.4`, `12`: as exact as anybody reads it.
    private static func rounded(_ number: Double) -> String {
        number < 10 && number != number.rounded() ? "\((number * 10).rounded() / 10)" : "\(Int(number.rounded()))"
    }
}
