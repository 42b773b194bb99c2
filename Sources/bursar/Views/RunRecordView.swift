import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation

/// Runs as the journal holds them.
enum RunRecordView {
    /// One line a run where all of them fit; else two or more, the second and further ones indented.
    static func list(_ runs: [JournalReader.RunOfJob], _ counts: [Int64: OutcomeCounts], width: Int) -> String {
        let names = columns(
            runs.map { [$0.run.name, $0.run.state, $0.job.identity.name, $0.job.identity.environment].map(FieldLines.single) })
        let times = columns(runs.map { [FieldLines.time($0.run.startedAt), took($0.run)] })
        let ends = runs.map { entry in
            effects(counts[entry.run.id] ?? OutcomeCounts(), isRunning: entry.run.state == "running")
                + (entry.run.exitCode.map { "; exit \($0)" } ?? "")
        }
        let lines = zip(zip(names, times), ends).map { "\($0.0)  \($0.1)  \($1)" }
        guard lines.contains(where: { $0.count > width }) else { return lines.joined(separator: "\n") }
        return zip(zip(runs, names), ends).flatMap { entry, end in
            let time = "\(FieldLines.time(entry.0.run.startedAt)), \(took(entry.0.run)); \(end)"
            return [String(entry.1.reversed().drop { $0 == " " }.reversed())]
                + ReportView.wrapped("    " + time, width, indent: 4)
        }.joined(separator: "\n")
    }

    /// Cells side by side, each column as wide as its widest cell.
    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
    }

    static func json(_ entry: JournalReader.RunOfJob, _ counts: OutcomeCounts?) -> JSON {
        let (run, job) = (entry.run, entry.job)
        var object: JSONObject = [
            "run": .string(run.name), "state": .string(run.state), "job": json(job),
            "started_at": .string(run.startedAt.description),
        ]
        object["ended_at"] = run.endedAt.map { .string($0.description) }
        object["seconds"] = run.endedAt.map { .decimal(decimalSeconds(from: run.startedAt, to: $0)) }
        object["exit_code"] = run.exitCode.map(JSON.integer)
        object["host"] = run.holder.map { .string($0.host) }
        object["user"] = run.holder.map { .string($0.user) }
        object["process"] = run.holder.map { .integer(Int($0.pid)) }
        object["version"] = .string(run.version)
        object["effects"] = counts.map { counts in
            [
                "settled": .integer(counts.settled), "declined": .integer(counts.declined), "unsent": .integer(counts.unsent),
                "absent": .integer(counts.absent), "in_doubt": .integer(counts.inDoubt), "intended": .integer(counts.begun),
            ]
        }
        return .object(object)
    }

    static func json(_ job: JobRecord) -> JSON {
        [
            "number": .integer(Int(job.id)), "name": .string(job.identity.name), "environment": .string(job.identity.environment),
            "generation": .integer(job.generation), "script": .string(job.script),
            "arguments": FieldLines.parsed(job.identity.arguments), "created_at": .string(job.createdAt.description),
        ]
    }

    /// `bulk-refunds in sandbox (job 3)`
    static func name(_ job: JobRecord) -> String {
        let generation = job.generation > 1 ? ", generation \(job.generation)" : ""
        return "\(job.identity.name) in \(job.identity.environment) (job \(job.id)\(generation))"
    }

    /// `6 settled, 1 declined`: what there is none of is left out.
    static func effects(_ counts: OutcomeCounts, isRunning: Bool) -> String {
        let doubts = counts.inDoubt + (isRunning ? 0 : counts.begun)
        let words = [
            (counts.settled, "settled"), (counts.declined, "declined"), (counts.unsent, "not sent"),
            (counts.absent, "did not happen"),
            (doubts, "in doubt"), (isRunning ? counts.begun : 0, "on their way"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return words.isEmpty ? "no effects" : words.joined(separator: ", ")
    }

    /// How long it took, or takes by now; nothing for a run that was killed: nobody saw its end.
    static func took(_ run: RunRecord) -> String {
        guard run.endedAt != nil || run.state == "running" else { return "-" }
        let end = run.endedAt ?? Timestamp.now
        return ProgressView.duration(max(0, Double(end.millisecondsSince1970 - run.startedAt.millisecondsSince1970) / 1000))
    }

    private static func decimalSeconds(from start: Timestamp, to end: Timestamp) -> String {
        let milliseconds = max(0, end.millisecondsSince1970 - start.millisecondsSince1970)
        return "\(milliseconds / 1000).\(String(String(1000 + milliseconds % 1000).dropFirst()))"
    }
}
