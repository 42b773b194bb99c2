import BursarEngine

/// How far the run is: one line that changes on a terminal, a plain line every few seconds elsewhere.
final class ProgressView: Sendable {
    private let ticking: Task<Void, Never>

    init(_ observer: RunObserver) {
        ticking = Task {
            let started = ContinuousClock.now
            while (try? await Task.sleep(for: Output.isTerminal ? .milliseconds(200) : .seconds(5))) != nil {
                ProgressView.show(observer, seconds: started.duration(to: .now) / .seconds(1))
            }
        }
    }

    func end() {
        ticking.cancel()
        Output.endProgress()
    }

    private static func show(_ observer: RunObserver, seconds: Double) {
        guard let line = ProgressView.line(observer.progress, effects: observer.effectsSoFar.count, seconds: seconds) else {
            return
        }
        if Output.isTerminal { Output.progress(String(line.prefix(TerminalWidth.columns - 1))) } else { Output.error(line) }
    }

    /// Nil while there is nothing to tell. Remaining time is told only once there is enough to judge it by.
    static func line(_ progress: RunObserver.Progress, effects: Int, seconds: Double) -> String? {
        let done = progress.rowsDone
        guard done > 0 || effects > 0 else { return nil }
        guard done > 0 || progress.rowsTotal != nil else { return "\(effects) effects" }
        let rate = Double(done) / max(seconds, 0.001)
        var parts = [progress.rowsTotal.map { "\(done) of \($0) rows" } ?? "\(done) rows", "\(Int(rate.rounded()))/s"]
        let bad = progress.rowsFailed + progress.rowsPartlyDone + progress.rowsInvalid
        if bad > 0 { parts.append("\(bad) failed") }
        if progress.rowsInDoubt > 0 { parts.append("\(progress.rowsInDoubt) in doubt") }
        if let total = progress.rowsTotal, done >= 20, seconds > 2, total > done {
            parts.append("about \(duration(Double(total - done) / rate)) left")
        }
        return parts.joined(separator: ", ")
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 90 ? "\(whole) s" : whole < 5400 ? "\((whole + 30) / 60) min" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}
