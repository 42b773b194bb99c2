import BursarEngine
import Dispatch
import Foundation
import Synchronization

/// How far the run is: one line that changes on a terminal, a plain line every few seconds elsewhere.
final class ProgressView: Sendable {
    private let observer: RunObserver
    private let timer: Mutex<(any DispatchSourceTimer)?>
    private let started = DispatchTime.now()

    init(_ observer: RunObserver) {
        self.observer = observer
        timer = Mutex(nil)
        let interval = Output.isTerminal ? DispatchTimeInterval.milliseconds(200) : .seconds(5)
        let source = DispatchSource.makeTimerSource(queue: .global())
        source.schedule(deadline: .now() + interval, repeating: interval)
        source.setEventHandler { [weak self] in self?.show() }
        source.activate()
        timer.withLock { $0 = source }
    }

    func end() {
        timer.withLock {
            $0?.cancel()
            $0 = nil
        }
        Output.endProgress()
    }

    private func show() {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
        guard timer.withLock({ $0 != nil }), let line = ProgressView.line(observer.progress, effects: observer.effectsSoFar.count, seconds: seconds) else { return }
        if Output.isTerminal { Output.progress(String(line.prefix(TerminalWidth.columns - 1))) } else { Output.error(line) }
    }

    /// Nil while there is nothing to tell. Remaining time is told only once there is enough to judge it by.
    static func line(_ progress: RunObserver.Progress, effects: Int, seconds: Double) -> String? {
        let done = progress.rowsDone
        guard done > 0 || effects > 0 else { return nil }
        guard done > 0 || progress.rowsTotal != nil else { return "\(effects) effects" }
        let rate = Double(done) / max(seconds, 0.001)
        var parts = [progress.rowsTotal.map { "\(done) of \($0) rows" } ?? "\(done) rows", "\(Int(rate.rounded()))/s"]
        let bad = progress.rowsFailed + progress.rowsInvalid
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
