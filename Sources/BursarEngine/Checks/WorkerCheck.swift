import ConomyAPI
import ExactJSON
import ScriptHost
import ScriptWire

/// Whether a script's process starts, is confined, and runs Lua.
public struct WorkerCheck: Check {
    private let path: String

    /// - Parameter path: of `bursar-worker`.
    public init(path: String) { self.path = path }

    public func results() async -> [CheckResult] {
        var limits = ScriptLimits()
        limits.time = .seconds(10)
        limits.memory = 32 << 20
        let start = ContinuousClock.now
        let process: ScriptProcess
        do throws(RunFailure) { process = try ScriptProcess(path: path, limits: limits) } catch {
            return [.failed("worker", error)]
        }
        let worker = process.worker
        var found: [CheckResult] = []
        switch await worker.confinement {
        case .complete?:
            found.append(.ok("confinement", "scripts are held by seccomp, no_new_privs and limits of the kernel"))
        case .lacking(let what)?:
            found.append(
                .failed(
                    "confinement", .refused, "a script's process cannot be confined wholly: \(what)",
                    hint: "scripts run with --allow-unconfined only; their process then has all other bounds"))
        case nil: return [await lost(worker)]
        }
        do throws(WorkerStartError) { try worker.run(WorkerCheck.script) } catch {
            return found + [.failed("worker", .script, error.message, hint: nil)]
        }
        var version: String?
        while let messages = await worker.nextMessages() {
            for message in messages {
                guard case .note(_, let name, _, let payload) = message, name == "emit" else { continue }
                version = (try? JSON(parsing: payload))?.string
            }
        }
        guard let version, case .finished = await worker.end else { return found + [await lost(worker)] }
        found.append(.ok("worker", "\(path) runs \(version), in \(FlushCheck.words(start.duration(to: .now)))"))
        return found
    }

    private func lost(_ worker: WorkerProcess) async -> CheckResult {
        let why =
            switch await worker.end {
            case .died(let message): message
            case .limit(_, let message, _): message
            case .failed(let error): String(decoding: error.prefix(200), as: UTF8.self)
            case .finished, .terminated: "it said nothing"
            }
        return .failed(
            "worker", .script, "\(path) starts, and runs no script: \(why)",
            hint: "bursar and bursar-worker must be of one version: install both anew")
    }

    /// It says which Lua it runs on.
    private static let script: [UInt8] = ScriptFile(name: "doctor.lua", source: "emit(_VERSION)\n", folder: "/").startPayload(
        arguments: [])
}
