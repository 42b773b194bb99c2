import ConomyAPI
import ConomyClient
import Foundation

extension RunOptions {
    /// Takes over from a plan all that decides what a script does.
    public mutating func apply(_ file: PlanFile) {
        let plan = file.plan
        self.plan = .applies(file)
        arguments = plan.arguments.map { argument in
            let name = argument.prefix { $0 != "=" }
            return (String(name), String(argument.dropFirst(name.count + 1)))
        }
        workingFolder = plan.folder
        seed = plan.seed
        start = plan.start
        skipInvalidRows = plan.skipsInvalidRows
        allowRead = plan.allowRead
        worldPath = plan.worldPath
        faultsPath = plan.faultsPath
    }
}

extension Plan {
    /// What a plan is made of beside what the script comes to read: the files that make the embedded bank.
    static func bankSources(_ options: RunOptions) -> [(name: String, digest: String)] {
        [("world", options.worldPath), ("faults", options.faultsPath)].compactMap { name, path in
            path.map { ("\(name) \(absolute($0))", JobKeeper.digest(ofFile: absolute($0))) }
        }
    }

    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// The file that a source was read from; nil for the script itself.
    private static func file(of source: String, _ script: ScriptFile) -> String? {
        for kind in ["input", "world", "faults"] where source.hasPrefix(kind + " ") {
            return String(source.dropFirst(kind.count + 1))
        }
        return source.hasPrefix("module ") ? script.folder + "/" + source.dropFirst(7) : nil
    }

    private func stale(_ message: String, hint: String = "put back what it was, or make a new plan. Nothing was sent")
        -> RunFailure
    {
        RunFailure(.stale, code: "stale", message, hint: hint)
    }

    /// - Throws: `RunFailure` when the script, a module or an input is not what the plan was made of.
    func refuseChanges(_ script: ScriptFile) throws(RunFailure) {
        guard script.name == self.script.name else {
            throw stale("the plan was made of \(self.script.name), and this script is called \(script.name)")
        }
        for (name, digest) in sources.sorted(by: { $0.key < $1.key }) {
            let now =
                Plan.file(of: name, script).map(JobKeeper.digest(ofFile:)) ?? JobKeeper.digest(Array(script.source.utf8))
            if now.isEmpty { throw stale("\(name), which the plan was made of, is not there any more") }
            if now != digest { throw stale("\(name) has changed since the plan was made") }
        }
    }

    /// - Throws: `RunFailure` when calls would go elsewhere, or as somebody else, or by another contract.
    func refuseOtherTarget(_ options: RunOptions, _ target: Target) throws(RunFailure) {
        guard options.target.name == environment.name else {
            throw stale(
                "the plan is for \(environment.name), and this is \(options.target.name)",
                hint: "leave out --env, or make a plan for \(options.target.name). Nothing was sent")
        }
        guard target.identity == environment.target else {
            throw stale(
                "the plan is for \(environment.target), and \(options.target.name) is \(target.identity)",
                hint: "use the address and the credentials it was made with, or make a new plan. Nothing was sent")
        }
        guard Catalogue.version == environment.contract else {
            throw stale(
                "the plan was made by version \(environment.contract) of the API's contract, and this Bursar knows \(Catalogue.version)",
                hint: "make a new plan. Nothing was sent")
        }
        guard options.seed == seed, options.start == start else {
            throw stale("the plan's seed and time must be used", hint: "make a new plan. Nothing was sent")
        }
    }

    /// How it is told that a plan was applied before.
    func spent(at: Timestamp, run: String) -> RunFailure {
        RunFailure(
            .stale, code: "spent", "this plan was applied on \(at) by run \(run), and a plan is applied once",
            hint: "bursar show \(run) has what it did; make a new plan for more. Nothing was sent")
    }
}
