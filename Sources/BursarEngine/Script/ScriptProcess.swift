import ScriptHost

/// A script's process. It gets ready by itself while the rest of a run is read and opened; dropping it ends it.
public final class ScriptProcess: Sendable {
    let worker: WorkerProcess
    let limits: ScriptLimits

    /// Starts the `bursar-worker` at `path`. Blocks for as long as the system takes to start a process.
    /// - Throws: `RunFailure` when it cannot be started; nothing is left then.
    public init(path: String, limits: ScriptLimits) throws(RunFailure) {
        self.limits = limits
        do throws(WorkerStartError) {
            worker = try WorkerProcess.start(
                executable: path,
                limits: WorkerLimits(
                    memoryBytes: limits.memory, time: limits.time ?? .seconds(600), run: limits.time,
                    outputBytes: limits.output, requestsInFlight: limits.requestsInFlight))
        } catch {
            throw RunFailure(
                .script, "the script's process cannot be started: \(error)", hint: "bursar-worker belongs beside bursar")
        }
    }

    /// Waits until the process has confined itself.
    /// - Throws: `RunFailure` when it is less confined than it should be and that was not allowed: it is ended, and was not
    ///   sent the script.
    func confined(allowingLess: Bool, warn: (String) -> Void) async throws(RunFailure) {
        switch await worker.confinement {
        case .complete?, nil: return
        case .lacking(let what)?:
            guard allowingLess else {
                worker.terminate()
                throw RunFailure(
                    .refused, "the script's process cannot be confined wholly: \(what)",
                    hint: "--allow-unconfined runs the script all the same; its process then has all other bounds")
            }
            warn(what)
        }
    }
}
