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

    /// The world to open; nil for a bank that is new.
    var world: String? { FileManager.default.fileExists(atPath: file) ? file : nil }

    /// Takes the bank: from now on it lives in this run's memory.
    /// - Throws: `RunFailure` when another run has it, or was cut off while it had: its bank is gone then, and its journal is not.
    func take() throws(RunFailure) {
        let descriptor = Foundation.open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let folder = (mark as NSString).deletingLastPathComponent
            throw RunFailure(
                .invalid, "the embedded bank of \(folder) was lost with a run that was cut off, or another run has it now",
                hint:
                    "it lives in its run's memory: wait for that run, or begin anew with another --state DIR. bursar sandbox serves a "
                    + "bank that outlives runs")
        }
        Foundation.close(descriptor)
    }

    func close(_ simulator: Simulator, _ logger: Logger) {
        do {
            try Data(simulator.snapshot().json.bytes()).write(to: URL(fileURLWithPath: file), options: .atomic)
            try FileManager.default.removeItem(atPath: mark)
        } catch {
            logger.error(
                "the embedded bank could not be kept", metadata: ["file": "\(file)", "problem": "\(error.systemReason)"])
        }
    }
}
