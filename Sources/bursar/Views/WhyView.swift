import BursarJournal
import ConomyAPI
import ExactJSON

/// Everything about one effect, or one row and its effects, in the order of time.
struct WhyView {
    struct Story {
        let effect: RecordedEffect
        let run: String?
        let attempts: [JournalReader.AttemptRecord]
    }

    let job: JobRecord
    let rows: [(row: JournalReader.RowRecord, run: String?)]
    let stories: [Story]
    /// Effects of this job that the same word names and that are not told.
    let leftOut: Int
    /// Other jobs in which the word names something, the newest first.
    let others: [Int64]
    let isRunning: Bool
    let word: String

    func text(width: Int) -> String {
        var blocks: [String] = []
        if stories.isEmpty { blocks.append(rowOnly(width)) }
        for story in stories { blocks.append(text(story, width)) }
        var more: [String] = []
        if leftOut > 0 { more.append("and \(leftOut) more effects of this job (--json lists all)") }
        if !others.isEmpty {
            let numbers = others.prefix(10).map(String.init).joined(separator: ", ")
            more.append("and \(others.count) earlier \(others.count == 1 ? "job" : "jobs"): --job \(numbers)")
        }
        if !more.isEmpty { blocks.append(more.joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    private func rowOnly(_ width: Int) -> String {
        var fields = FieldLines(width: width)
        fields.add("job", RunRecordView.name(job))
        fields.add("script", job.script)
        for row in rows { add(row, to: &fields) }
        fields.add("effects", "none: no write of it was begun")
        return ([FieldLines.single(word)] + fields.lines).joined(separator: "\n")
    }

    private func add(_ entry: (row: JournalReader.RowRecord, run: String?), to fields: inout FieldLines) {
        let row = entry.row
        let place = row.line.map { ", line \($0) of the input" } ?? ""
        fields.add("row", "\(row.loop)/\(row.key)\(place)")
        let reason = row.reason.isEmpty ? "" : ": " + row.reason
        fields.add("", "\(row.status.replacing("_", with: " "))\(entry.run.map { " in run \($0)" } ?? "")\(reason)")
    }

    private func text(_ story: Story, _ width: Int) -> String {
        let effect = story.effect
        let request = RequestView(effect, environment: job.identity.environment)
        var fields = FieldLines(width: width)
        fields.add("job", RunRecordView.name(job))
        fields.add("script", job.script)
        let own = rows.first { "\($0.row.loop)/\($0.row.key)" == effect.row }
        if let own { add(own, to: &fields) } else { fields.add("row", effect.row) }
        fields.add("at", effect.location)
        fields.add("operation", effect.operation)
        fields.add("request", request.line)
        if let body = request.body { fields.add("body", json: body) }
        fields.add("amount", effect.amount?.description)
        fields.add("stamp", effect.stamp)
        fields.add("made", effect.result)
        var lines = ReportView.wrapped(
            "\(FieldLines.single(effect.key)): \(EffectView.words(effect, isRunning: isRunning))", width, indent: 4)
        lines += fields.lines + ["What happened:"]
        lines += event(effect.intendedAt, "intended\(WhyView.inRun(story.run))", width)
        for record in story.attempts {
            lines += event(record.at, WhyView.words(record.attempt) + WhyView.inRun(record.run), width)
            var details = FieldLines(width: width)
            details.add("", record.attempt.detail)
            details.add("answer", json: record.attempt.answer, most: 12)
            lines += details.lines
        }
        let meaning = EffectView.meaning(effect, isRunning: isRunning, last: story.attempts.last?.attempt)
        for line in ["Now: \(meaning)."] + next(effect).map({ "Next: " + $0 }) {
            lines += ReportView.wrapped(line, width, indent: 6)
        }
        return lines.joined(separator: "\n")
    }

    private func event(_ at: Timestamp, _ what: String, _ width: Int) -> [String] {
        ReportView.wrapped("  \(FieldLines.time(at)): \(what)", width, indent: 13)
    }

    private static func inRun(_ run: String?) -> String { run.map { ", run \($0)" } ?? "" }

    private static func words(_ attempt: Attempt) -> String {
        let made = attempt.result.map { " (\($0))" } ?? ""
        let status = attempt.status.map { " with \($0)" } ?? ""
        switch (attempt.kind, attempt.outcome) {
        case (_, .begun): return "about to be sent again"
        case (.send, .settled): return "sent, answered\(status): settled\(made)"
        case (.send, .declined): return "sent, answered\(status): declined"
        case (.send, .unsent): return "could not be sent"
        case (.send, .inDoubt): return "sent, no trustworthy answer\(attempt.status.map { " (\($0))" } ?? ""): in doubt"
        case (.send, .absent): return "did not happen"
        case (.probe, .settled): return "looked for and found: settled\(made)"
        case (.probe, .absent): return "looked for: it did not happen"
        case (.probe, .declined): return "looked for: it was declined"
        case (.probe, _): return "looked for: nothing certain"
        case (.resolve, .settled): return "decided by a person: it happened\(made)"
        case (.resolve, _): return "decided by a person: it did not happen"
        }
    }

    private func next(_ effect: RecordedEffect) -> [String] {
        switch effect.outcome {
        case .settled: []
        case .declined: ["it is not sent again unless the job is told to; correct the cause first."]
        case .unsent, .absent: ["the job's next run sends it."]
        case nil, .begun, .inDoubt:
            isRunning
                ? ["wait for the run that goes on."]
                : ["the job's next run looks for it; bursar doubts shows how to look and decide yourself."]
        }
    }

    // MARK: JSON

    func json() -> JSON {
        [
            "job": RunRecordView.json(job), "rows": .array(rows.map { WhyView.json($0.row, run: $0.run) }),
            "effects": .array(
                stories.map { story in
                    var object = EffectView.json(story.effect, run: story.run).object ?? [:]
                    object["attempts"] = .array(story.attempts.map(WhyView.json))
                    return .object(object)
                }), "left_out": .integer(leftOut), "other_jobs": .array(others.map { .integer(Int($0)) }),
        ]
    }

    private static func json(_ record: JournalReader.AttemptRecord) -> JSON {
        let attempt = record.attempt
        var object: JSONObject = [
            "at": .string(record.at.description), "kind": .string(attempt.kind.rawValue),
            "outcome": .string(attempt.outcome.rawValue),
        ]
        object["run"] = record.run.map(JSON.string)
        object["status"] = attempt.status.map(JSON.integer)
        object["made"] = attempt.result.map(JSON.string)
        object["answer"] = attempt.answer.map(FieldLines.parsed)
        object["detail"] = attempt.detail.map(JSON.string)
        return .object(object)
    }

    static func json(_ row: JournalReader.RowRecord, run: String?) -> JSON {
        var object: JSONObject = [
            "loop": .string(row.loop), "key": .string(row.key), "status": .string(row.status), "reason": .string(row.reason),
        ]
        object["line"] = row.line.map(JSON.integer)
        object["run"] = run.map(JSON.string)
        return .object(object)
    }
}
