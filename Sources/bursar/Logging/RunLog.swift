import Foundation
import Synchronization

/// The log of a run in the journal's folder: of a long one the last 100 to 200 MB. Lines that come before the run has its name wait in
/// memory.
final class RunLog: Sendable {
    private struct State {
        var waiting: [String] = []
        var file: LogFile?
        var isOff = false
    }
    private let state = Mutex(State())
    private static let mostWaiting = 10_000
    /// With every request traced, millions of rows would fill the journal's disk.
    private static let limits = LogFile.Limits(size: 100 << 20, older: 1)

    func write(_ line: String) {
        state.withLock { state in
            if let file = state.file { return file.write(line) }
            if !state.isOff, state.waiting.count < RunLog.mostWaiting { state.waiting.append(line) }
        }
    }

    /// From now on lines go to this file; nil when nothing of the run is kept.
    func open(_ path: String?) {
        // A log that cannot be opened must not keep money from moving as it should; the journal has what counts.
        let file = path.flatMap { try? LogFile(path: $0, limits: RunLog.limits) }
        state.withLock { state in
            for line in state.waiting { file?.write(line) }
            state.waiting = []
            state.file = file
            state.isOff = file == nil
        }
    }
}
