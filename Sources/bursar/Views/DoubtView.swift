import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON

/// One effect in doubt, with all that a person needs to look and to decide.
struct DoubtView {
    let effect: RecordedEffect
    let job: JobRecord
    let run: String?
    /// Why the last sending has no answer, where that is known.
    let cause: String?
    /// The last look of a probe, and when it was.
    let lastLook: JournalReader.AttemptRecord?
    /// The run that holds the job now: nothing can be decided while it does.
    let runningRun: String?
    let places: String

    private var request: RequestView { RequestView(effect, environment: job.identity.environment) }

    private func decision(_ end: String) -> String {
        "bursar resolve \(ShellText.quoted(effect.key)) \(end) --because \"...\" --job \(job.id)\(places)"
    }

    /// What was acted on is known; what was made is for the person to fill in.
    private var settled: String {
        let acts = Catalogue.conomy[effect.operation].map { ResolvedAnswer.isObjectItself($0) } ?? false
        return decision("--settled \(acts ? ShellText.quoted(effect.object ?? "ID") : "ID")")
    }
    private var absent: String { decision("--absent") }

    func text(width: Int) -> String {
        let request = request
        var fields = FieldLines(width: width)
        fields.add("job", RunRecordView.name(job))
        fields.add("run", run)
        fields.add("intended", FieldLines.time(effect.intendedAt))
        fields.add("at", effect.location)
        fields.add("operation", effect.operation)
        fields.add("object", effect.object)
        fields.add("request", request.line)
        if let body = request.body { fields.add("body", json: body, most: 12) }
        fields.add("amount", effect.amount?.description)
        fields.add("look for", effect.stamp)
        fields.add("known", "\(EffectView.meaning(effect, isRunning: false, last: nil))\(cause.map { " (\($0))" } ?? "")")
        if let lastLook {
            fields.add("last look", "\(FieldLines.time(lastLook.at)): \(lastLook.attempt.detail ?? "nothing certain")")
        }
        if job.identity.environment == "local" {
            fields.add("to look", "the embedded bank of that run ended with it")
        } else if let look = request.look {
            fields.add("to look", command: look)
        } else {
            fields.add("to look", "no read of the API shows it; ask the bank, or its dashboard")
        }
        if let runningRun {
            fields.add("decide", "run \(runningRun) holds the job and looks itself; wait for its end")
        } else {
            fields.add("happened", command: settled)
            fields.add("did not", command: absent)
        }
        return ([FieldLines.single(effect.key)] + fields.lines).joined(separator: "\n")
    }

    func json() -> JSON {
        var object = EffectView.json(effect, run: run).object ?? [:]
        object["job"] = RunRecordView.json(job)
        object["look"] = request.look.map(JSON.string)
        object["cause"] = cause.map(JSON.string)
        if let lastLook {
            var look: JSONObject = ["at": .string(lastLook.at.description)]
            look["detail"] = lastLook.attempt.detail.map(JSON.string)
            object["last_look"] = .object(look)
        }
        if let runningRun {
            object["running"] = .string(runningRun)
        } else {
            object["resolve"] = .array([.string(settled), .string(absent)])
        }
        return .object(object)
    }
}
