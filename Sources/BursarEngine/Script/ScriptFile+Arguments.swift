import ExactJSON
import ScriptHost
import ScriptWire

/// An argument that a script's `job` declares.
public struct DeclaredArgument: Sendable, Equatable {
    public let name: String
    /// `text`, `integer`, `boolean`, `file`, `amount` or `date`.
    public let kind: String
    /// Empty where the script says nothing about it.
    public let help: String
}

extension ScriptFile {
    /// What the script declares in `job { ... }`. It is run to that line and no further, in a confined process, and nothing that it asks
    /// for but modules beside it is answered. Empty where it declares nothing, or is wrong.
    /// - Parameter worker: the path of `bursar-worker`.
    public func declaredArguments(worker path: String) async -> [DeclaredArgument] {
        guard mentionsJob else { return [] }
        var limits = ScriptLimits()
        limits.time = .seconds(2)
        limits.memory = 32 << 20
        guard let process = try? ScriptProcess(path: path, limits: limits) else { return [] }
        let worker = process.worker
        defer { worker.terminate() }
        guard await worker.confinement == .complete, (try? worker.run(startPayload(arguments: []))) != nil else { return [] }
        let access = FileAccess(scriptFolder: folder, allowed: [])
        while let messages = await worker.nextMessages() {
            for message in messages {
                guard case .request(let id, _, let name, _, let payload) = message else { continue }
                guard let json = try? JSON(parsing: payload, maximumDepth: 80) else { return [] }
                switch name {
                case "job": return declared(json)
                case "require":
                    guard let module = try? access.module(json["name"]?.string ?? "") else { return [] }
                    worker.answer([.success(id, ["source": .string(module.source), "name": .string(module.name)])])
                default: return []
                }
            }
        }
        return []
    }

    private func declared(_ payload: JSON) -> [DeclaredArgument] {
        guard let table = payload.object, let job = try? JobDeclaration(table, script: stem) else { return [] }
        return job.arguments.map { DeclaredArgument(name: $0.name, kind: $0.kind.rawValue, help: $0.help) }
    }
}
