import BursarEngine
import BursarJournal
import Foundation

extension RunOptions {
    /// Finds the target's credentials, and hides them in all that is printed.
    /// - Throws: `RunFailure` when a file or a command that is to give them cannot be used.
    func findCredentials() throws(RunFailure) -> RunCredentials {
        let environment = ProcessInfo.processInfo.environment
        Output.hide(RunCredentials(environment: environment).secrets)
        let credentials = try RunCredentials(for: target, environment: environment)
        Output.hide(credentials.secrets)
        return credentials
    }

    /// Lets effects be frozen, and has production confirmed.
    /// - Throws: `RunFailure` when the configuration is wrong.
    mutating func guardEffects(_ credentials: RunCredentials) throws(RunFailure) {
        let journal: JournalFolder
        if case .folder(let folder) = job.place {
            journal = folder
        } else {
            journal = try JournalOptions.folder(Setting.state.text, configurationPath: configurationPath)
        }
        let folder = FreezeFile.folder(configuration: configurationPath, journal: journal.path)
        freezeFiles = FreezeFile.all(in: folder, stopping: target.name)
        guard !isRehearsal else {
            if let frozen = freezeFiles.lazy.compactMap(\.content).first {
                Output.error("note: effects are frozen since \(frozen.at) by \(frozen.by): \(frozen.because)")
            }
            return
        }
        consent = ProductionGuard(
            target, clientIDEnd: credentials.clientIDEnd, hasApprovedPlan: appliesApprovedPlan
        ).consent(
            show: { Output.error($0) }, read: TerminalLine.reader)
    }
}
