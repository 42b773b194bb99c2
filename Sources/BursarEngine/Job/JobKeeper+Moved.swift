import BursarJournal
import ConomyAPI
import ExactJSON
import Logging

extension JobKeeper {
    /// The identity of the job that was begun with the same files at another place, once somebody has accepted that; else the one given.
    /// - Parameter names: the arguments that are files.
    /// - Throws: `ScriptError` of kind journal where there is such a job, and nobody has; nothing was sent.
    func atItsOldPlace(_ identity: JobIdentity, _ arguments: JSONObject, filesNamed names: [String], _ journal: Journal)
        async throws(ScriptError) -> JobIdentity
    {
        guard !names.isEmpty else { return identity }
        // Read only where another job could be this one.
        var digests: [String: String] = [:]
        func digest(_ name: String) -> String {
            if digests[name] == nil { digests[name] = JobKeeper.digest(ofFile: arguments[name]?.string ?? "") }
            return digests[name] ?? ""
        }
        do throws(JournalError) {
            for (job, sources) in try await journal.alike(identity) {
                guard let old = (try? JSON(parsing: job.identity.arguments))?.object,
                    rest(of: old, without: names) == rest(of: arguments, without: names),
                    names.allSatisfy({ sources["input \(old[$0]?.string ?? "")"] == digest($0) })
                else { continue }
                let paths = names.compactMap { old[$0]?.string }.joined(separator: ", ")
                if options.job.acceptChanges {
                    logger.warning("the job goes on with its files at another place", metadata: ["before": "\(paths)"])
                    return job.identity
                }
                let state = try await journal.doneAt(job).map { "done on \($0)" } ?? "begun on \(job.createdAt), and is not done"
                throw JournalError(
                    .conflict, "this job was \(state), with what is the same file at another place: \(paths)",
                    hint:
                        "--accept-changes goes on with it as it lies now; --again does all of it anew, as a job of its own. Nothing was sent"
                )
            }
        } catch { throw ScriptError(error) }
        return identity
    }

    private func rest(of arguments: JSONObject, without names: [String]) -> JSON {
        let members = arguments.members.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }
        return .object(JSONObject(members.map { ($0.key, $0.value) }))
    }
}
