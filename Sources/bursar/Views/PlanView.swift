import BursarEngine
import ConomyAPI

/// A plan for people.
enum PlanView {
    /// - Parameter most: effects that are listed one by one.
    static func text(_ file: PlanFile, width: Int, most: Int) -> String {
        let plan = file.plan
        var blocks = [head(file, width), sums(plan)]
        let toDo = plan.effects.filter { $0.state == .assumed }
        if !toDo.isEmpty { blocks.append(list("To be done:", toDo, width, most, line)) }
        let notDone = plan.effects.filter { $0.state != .assumed }
        if !notDone.isEmpty {
            blocks.append(
                list("Not to be done:", notDone, width, most) { effect in
                    "\(line(effect)): \(effect.state.rawValue), \(effect.reason ?? "without a reason")"
                })
        }
        let assumptions = self.assumptions(plan, width)
        if !assumptions.isEmpty { blocks.append((["Not known before it is done:"] + assumptions).joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    private static func head(_ file: PlanFile, _ width: Int) -> String {
        let plan = file.plan
        var fields = FieldLines(width: width)
        fields.add("seal", file.seal)
        fields.add("made", "\(FieldLines.time(plan.madeAt)) by \(plan.maker), Bursar \(plan.version)")
        fields.add("job", plan.script.job)
        fields.add("script", plan.script.path)
        for argument in plan.arguments { fields.add("argument", argument) }
        for (name, digest) in plan.sources.sorted(by: { $0.key < $1.key }) {
            fields.add("made of", "\(name), \(digest.prefix(16))")
        }
        fields.add("where", "\(plan.environment.name): \(plan.environment.target)")
        if plan.rows.succeeded + plan.rows.failed + plan.rows.invalid > 0 {
            fields.add(
                "rows",
                "\(plan.rows.succeeded) would succeed, \(plan.rows.failed) fail\(plan.rows.invalid > 0 ? ", \(plan.rows.invalid) malformed, left out" : "")"
            )
        }
        fields.add("reads", String(plan.reads))
        for approval in file.approvals {
            fields.add("approved", "\(FieldLines.time(approval.at)) by \(approval.name) (\(approval.by)), \(approval.key.text)")
        }
        if file.approvals.isEmpty { fields.add("approved", "by nobody") }
        return (["Plan of \(plan.script.job)"] + fields.lines).joined(separator: "\n")
    }

    private static func sums(_ plan: Plan) -> String {
        guard !plan.effects.isEmpty else { return "  effects  none" }
        var lines: [String] = []
        for tally in plan.tallies {
            lines.append("  effects  \(tally.count) \(tally.operation) \(word(tally.state))")
            for amount in tally.totals.amounts { lines.append("             \(ReportView.grouped(amount))") }
        }
        return lines.joined(separator: "\n")
    }

    private static func list(
        _ title: String, _ effects: [PlannedEffect], _ width: Int, _ most: Int, _ text: (PlannedEffect) -> String
    ) -> String {
        var lines = [title]
        for effect in effects.prefix(most) {
            lines += ReportView.wrapped("  " + FieldLines.single(text(effect)), width, indent: 6)
        }
        if effects.count > most { lines.append("  and \(effects.count - most) more (--limit N lists N, --json all)") }
        return lines.joined(separator: "\n")
    }

    private static func line(_ effect: PlannedEffect) -> String {
        effect.key + (effect.object.map { "  \($0)" } ?? "") + (effect.amount.map { "  \($0)" } ?? "")
    }

    private static func assumptions(_ plan: Plan, _ width: Int) -> [String] {
        var counts: [(text: String, count: Int)] = []
        for text in plan.effects.flatMap(\.assumptions) {
            if let index = counts.firstIndex(where: { $0.text == text }) {
                counts[index].count += 1
            } else {
                counts.append((text, 1))
            }
        }
        return counts.sorted { $0.count > $1.count }.prefix(20).flatMap {
            ReportView.wrapped("  \($0.count) x \(FieldLines.single($0.text))", width, indent: 6)
        }
    }

    static func word(_ state: PlannedEffect.State) -> String {
        switch state {
        case .assumed: "to be done"
        case .declined: "the API would decline"
        case .refused: "Bursar would refuse"
        }
    }
}
