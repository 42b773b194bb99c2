import Synchronization

/// What a run is made of, as it comes to use it: its script, its modules and its input, by name and digest.
final class UsedSources: Sendable {
    static let changedCode = "planned_source_changed"
    private let planned: [String: String]?
    private let used = Mutex<[String: String]>([:])

    /// - Parameter planned: what a plan was made of; nil lets everything be used.
    init(planned: [String: String]?) { self.planned = planned }

    /// By name.
    var all: [String: String] { used.withLock { $0 } }

    /// Notes what is used.
    /// - Parameter name: `script refund.lua`, `module rails.lua`, `input /srv/refunds.csv`.
    /// - Throws: `ScriptError` when the plan was made of something else.
    func use(_ name: String, digest: String) throws(ScriptError) {
        if let planned, planned[name] != digest {
            throw ScriptError(
                "refused", code: UsedSources.changedCode,
                planned[name] == nil ? "\(name) was not used when the plan was made" : "\(name) is not what the plan was made of",
                hint: "put back what it was, or make a new plan. Nothing further was sent")
        }
        used.withLock { $0[name] = digest }
    }
}

extension UsedSources {
    /// Notes what a run is made of before its script asks for anything.
    /// - Throws: `RunFailure` when the plan was made of something else.
    func use(_ script: ScriptFile, _ options: RunOptions) throws(RunFailure) {
        let sources =
            [("script \(script.name)", JobKeeper.digest(Array(script.source.utf8)))] + Plan.bankSources(options)
        for (name, digest) in sources {
            do throws(ScriptError) { try use(name, digest: digest) } catch { throw RunFailure(error: error.object, isOurs: true) }
        }
    }
}
