import BursarEngine
import BursarJournal
import BursarReport
import ConomyAPI
import Foundation

/// The file in which runs are counted. Several may end at the same time: each adds to what the one before wrote.
struct MetricsFile: Sendable {
    private let path: String
    private let folder: String
    /// To lock the folder; twenty milliseconds apart.
    private static let mostTries = 250

    /// - Throws: `RunFailure` when it cannot be written, or is another's file.
    init(_ path: String) throws(RunFailure) {
        try OutputFile.check(path)
        // A link stays one, and leads to what was written.
        let real = destination(ofFile: path)
        self.path = real
        folder = BursarEngine.folder(ofFile: real)
        if FileManager.default.fileExists(atPath: real) { _ = try read() }
    }

    private func read() throws(RunFailure) -> Metrics {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let metrics = Metrics(text) else {
            throw RunFailure(
                .invalid, "\(path) is no file of Bursar's metrics", hint: "name a new file, or remove this one if it may go")
        }
        return metrics
    }

    /// - Returns: why the run could not be counted; nil when it was.
    func add(_ end: EndOfRun) async -> String? {
        // The folder is locked, not the file: that is another one each time.
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return "\(folder) cannot be opened: \(String(cString: strerror(errno)))" }
        defer { close(descriptor) }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            tries += 1
            guard errno == EWOULDBLOCK || errno == EINTR, tries < MetricsFile.mostTries else {
                return "\(folder) cannot be locked: \(String(cString: strerror(errno)))"
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        do throws(RunFailure) {
            var metrics = FileManager.default.fileExists(atPath: path) ? try read() : Metrics()
            guard metrics.add(MetricsFile.run(end)) else { return "\(path) has a number that cannot be added to" }
            try OutputFile.write(metrics.text, to: path)
            // Whoever collects it is another user.
            chmod(path, 0o644)
            return nil
        } catch { return error.message }
    }

    private static func run(_ end: EndOfRun) -> Metrics.Run {
        let report = end.report
        var run = Metrics.Run(
            job: end.job, environment: report?.environment ?? "", exitCode: end.exit.rawValue, isSuccess: end.exit.isSuccess,
            endedAt: Timestamp.now)
        guard let report else { return run }
        run.isRehearsal = report.isRehearsal
        run.milliseconds = Int64((report.seconds * 1000).rounded())
        // What earlier runs did was counted with them.
        for tally in report.effects.tallies where !tally.isRecorded {
            run.effects.append((tally.operation, tally.state.rawValue, tally.count))
            if tally.state == .settled || tally.state == .assumed {
                run.amounts += tally.totals.amounts.map { (tally.operation, $0) }
            }
        }
        let progress = report.progress
        run.rows = [
            ("succeeded", progress.rowsSucceeded), ("failed", progress.rowsFailed), ("partly_done", progress.rowsPartlyDone),
            ("in_doubt", progress.rowsInDoubt), ("invalid", progress.rowsInvalid), ("not_run", report.rowsNotRun),
        ].filter { $0.1 > 0 }
        run.inDoubt = report.openEffects
        return run
    }
}
