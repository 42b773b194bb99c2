import BursarJournal
import ConomySimulator
import ExactJSON
import Foundation
import Logging

/// The embedded bank of a state folder: what a run leaves in it is where the next one begins, as with the journal beside it.
struct KeptBank: Sendable {
    private let file: String
    /// Lies there while a run has the bank in memory.
    private let mark: String

    /// Nil where nothing is kept.
    init?(_ options: RunOptions) {
        guard !options.isRehearsal, case .folder(let folder) = options.job.place else { return nil }
        file = folder.path + "/bank.json"
        mark = folder.path + "/bank.open"
    }

    /// - Returns: the world to open; nil for a bank that is new.
    /// - Throws: `RunFailure` when the run before was cut off: its bank is gone, and its journal is not.
    func open() throws(RunFailure) -> String? {
        guard !FileManager.default.fileExists(atPath: mark) else {
            let folder = (mark as NSString).deletingLastPathComponent
            throw RunFailure(
                .invalid, "the embedded bank of \(folder) was lost with a run that was cut off, or another run has it now",
                hint:
                    "it lives in its run's memory: wait for that run, or begin anew with another --state DIR. bursar sandbox serves a "
                    + "bank that outlives runs")
        }
        _ = FileManager.default.createFile(atPath: mark, contents: nil, attributes: [.posixPermissions: 0o600])
        return FileManager.default.fileExists(atPath: file) ? file : nil
    }

    func close(_ simulator: Simulator, _ logger: Logger) {
        do {
            try Data(simulator.snapshot().json.bytes()).write(to: URL(fileURLWithPath: file), options: .atomic)
            try FileManager.default.removeItem(atPath: mark)
        } catch { logger.error("the embedded bank could not be kept", metadata: ["file": "\(file)", "problem": "\(error)"]) }
    }
}
