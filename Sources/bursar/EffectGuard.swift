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
    /// - Parameters:
    ///   - state: the journal's folder, where somebody named one.
    /// - Throws: `RunFailure` when the configuration is wrong.
    mutating func guardEffects(_ credentials: RunCredentials, state: String?) throws(RunFailure) {
        let folder = FreezeFile.folder(
            configuration: configurationPath,
            journal: try JournalOptions.folder(state, configurationPath: configurationPath).path)
        freezeFiles = FreezeFile.all(in: folder, stopping: target.name)
        guard !isRehearsal else {
            if let frozen = freezeFiles.lazy.compactMap(\.content).first {
                Output.error("note: effects are frozen since \(frozen.at) by \(frozen.by): \(frozen.because)")
            }
            return
        }
        // It does not begin without the approvals that are asked for.
        let hasApprovedPlan = plan.applied != nil && target.approvals != nil
        consent = ProductionGuard(target, clientIDEnd: credentials.clientIDEnd, hasApprovedPlan: hasApprovedPlan).consent(
            show: { Output.error($0) }, read: TerminalLine.reader)
    }
}
